// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension Check {
  /// Video from our sender to our receiver through all weathers, on a virtual clock.
  static let receptions: [Check] =
    [0, 1, 5, 10].flatMap { percent in
      [true, false].map { usesRTX in
        let how = usesRTX ? "RTX" : "repetition on the same SSRC"
        return Check("receives at \(percent) % loss and 50 ms round trip, repaired by \(how)") {
          var scenario = ReceptionSimulation.Scenario(seed: UInt64(percent * 2 + 11))
          scenario.weather.loss = Double(percent) / 100
          scenario.usesRTX = usesRTX
          scenario.reducedSizeRTCP = usesRTX
          let outcome = try received(scenario)
          let handed = outcome.receptions.count
          try expect(
            percent > 0 ? handed * 100 >= outcome.captured * 97 : handed == outcome.captured,
            "\(handed) of \(outcome.captured) frames came, seed \(scenario.seed)"
          )
          try expect(
            percent == 0 || outcome.receiver.nackCount > 0,
            "nothing was asked for, seed \(scenario.seed)"
          )
          try expect(
            (outcome.receiver.retransmittedPacketsReceived > 0) == (usesRTX && percent > 0),
            "\(outcome.receiver.retransmittedPacketsReceived) packets came by RTX"
          )
        }
      }
    } + [
      Check("asks for a keyframe after each loss where packets cannot be repaired") {
        var scenario = ReceptionSimulation.Scenario(seed: 31)
        scenario.weather.loss = 0.01
        scenario.supportsNACK = false
        let outcome = try received(scenario)
        try expect(outcome.receiver.pliCount > 5, "\(outcome.receiver.pliCount) PLIs")
        try expect(outcome.keyframesAnswered > 5, "\(outcome.keyframesAnswered) keyframes")
        try expectEqual(outcome.receiver.nackCount, 0, "NACKs")
        // A request or its answer can be lost too and is asked for again.
        try expect(
          outcome.longestFreeze < .seconds(3),
          "no frame for \(outcome.longestFreeze), seed \(scenario.seed)"
        )
      },
      Check("receives every frame of a path that reorders and repeats but loses nothing") {
        var scenario = ReceptionSimulation.Scenario(seed: 32)
        scenario.weather.duplication = 0.1
        scenario.weather.reordering = 0.1
        scenario.weather.reorderingDelay = .milliseconds(8)
        let outcome = try received(scenario)
        try expectEqual(outcome.receptions.count, outcome.captured, "frames")
        try expect(outcome.receiver.packetsDuplicated > 50, "no duplicates were noticed")
        try expectEqual(outcome.receiver.pliCount, 0, "PLIs")
      },
      Check("survives losses in rows") {
        var scenario = ReceptionSimulation.Scenario(seed: 33)
        scenario.weather.bursts = .init(begin: 0.005, end: 0.1, loss: 0.9)
        let outcome = try received(scenario)
        try expect(
          outcome.receptions.count * 100 >= outcome.captured * 70,
          "\(outcome.receptions.count) of \(outcome.captured) frames, seed \(scenario.seed)"
        )
      },
      Check("follows a sender that changes its SSRC, sequence and clock") {
        var scenario = ReceptionSimulation.Scenario(seed: 34)
        scenario.weather.loss = 0.02
        scenario.restart = .seconds(10)
        let outcome = try received(scenario)
        try expectEqual(outcome.receiver.restarts, 1, "restarts")
        try expectEqual(outcome.receiver.ssrc, SSRC(rawValue: 0xBEEF00), "SSRC")
        try expect(
          outcome.receptions.count * 100 >= outcome.captured * 95,
          "\(outcome.receptions.count) of \(outcome.captured) frames, seed \(scenario.seed)"
        )
      },
      Check("keeps the jitter of arrival out of the captured times") {
        var scenario = ReceptionSimulation.Scenario(seed: 35)
        scenario.weather.jitter = .milliseconds(20)
        let outcome = try received(scenario)
        let settled = outcome.receptions.dropFirst(60)
        guard let first = settled.first else {
          throw CheckFailure(description: "no frames came")
        }
        for reception in settled {
          let moved =
            (reception.frame.captured - first.frame.captured)
            - (reception.original.captured - first.original.captured)
          try expect(
            moved < .milliseconds(2) && moved > .milliseconds(-2),
            "frame \(reception.original.number) is off by \(moved)"
          )
        }
      },
    ]

  /// Runs `scenario` and checks what must hold in any weather.
  private static func received(
    _ scenario: ReceptionSimulation.Scenario
  ) throws -> ReceptionSimulation.Outcome {
    var simulation = ReceptionSimulation(scenario)
    let outcome = simulation.run()
    let seed = scenario.seed
    try expectEqual(outcome.foreign, 0, "frames that nobody captured, seed \(seed)")
    try expectEqual(outcome.receptions.first?.frame.isKeyframe, true, "first, seed \(seed)")
    for (before, after) in zip(outcome.receptions, outcome.receptions.dropFirst()) {
      let isNext = after.original.number == before.original.number + 1
      let step = after.frame.number - before.frame.number
      // Nobody knows whether anything was lost where another stream begins.
      let isSeam = scenario.restart != nil && after.original.isKeyframe
      try expect(
        step == (isNext ? 1 : 2) || isSeam && step == 2,
        "the step to \(after.original.number) is \(step), seed \(seed)"
      )
      try expect(isNext || after.frame.isKeyframe, "no keyframe after a gap, seed \(seed)")
      try expect(after.frame.captured > before.frame.captured, "time stands, seed \(seed)")
      try expect(after.frame.captured <= after.at, "a frame of the future, seed \(seed)")
      try expectEqual(after.frame.isKeyframe, after.original.isKeyframe, "isKeyframe, \(seed)")
    }
    try expect(outcome.receiver.malformed == 0, "malformed packets, seed \(seed)")
    return outcome
  }
}
