// SPDX-License-Identifier: Apache-2.0
private import RTP
private import Wire

extension Check {
  /// Whole streams on a virtual clock.
  static let rtpSimulations: [Check] =
    [true, false].map { usesRTX in
      let how = usesRTX ? "RTX" : "repetition on the same SSRC"
      return Check("completes 99.9 % of the frames at 5 % loss and 50 ms round trip by \(how)") {
        let scenario = RTPSimulation.Scenario(
          seed: usesRTX ? 1 : 6,
          seconds: usesRTX ? 34 : 17,
          usesRTX: usesRTX
        )
        var simulation = RTPSimulation(scenario)
        let outcome = simulation.run()
        try holds(outcome, seed: scenario.seed)
        // Fewer than one frame in a thousand may be missing.
        let missing = outcome.framesCaptured - outcome.framesComplete
        try expect(
          missing * 1000 <= outcome.framesCaptured,
          "\(missing) of \(outcome.framesCaptured) frames are missing, seed \(scenario.seed)"
        )
        let share = outcome.retransmittedShare
        // Not all: with one packet in twenty lost, some repetitions are lost too and take another
        // round trip, and a lost last packet is missed only when the next frame comes.
        let prompt = outcome.latencies.count { $0 <= scenario.delay * 5 + .milliseconds(20) }
        try expect(
          prompt * 100 >= outcome.latencies.count * 97,
          "only \(prompt) of \(outcome.latencies.count) frames came within two round trips"
        )
        try expect(share > 0.03 && share <= 0.25, "\(share) of the rate is retransmission")
      }
    } + [
      Check("never lets retransmission exceed a quarter of the rate at 60 % loss") {
        let scenario = RTPSimulation.Scenario(seed: 3, seconds: 10, loss: 0.6)
        var simulation = RTPSimulation(scenario)
        let outcome = simulation.run()
        try expect(outcome.retransmittedShare > 0.1, "hardly anything was sent again")
        try expect(
          outcome.retransmittedShare <= 0.26,
          "\(outcome.retransmittedShare) of the rate is retransmission"
        )
        try expect(outcome.sender.retransmissionsRefused > 0, "nothing was refused")
      },
      Check("gives neither bytes nor time where nothing is lost") {
        let scenario = RTPSimulation.Scenario(seed: 5, seconds: 10, loss: 0)
        var simulation = RTPSimulation(scenario)
        let outcome = simulation.run()
        try holds(outcome, seed: scenario.seed)
        try expectEqual(outcome.sender.retransmittedPacketsSent, 0, "packets sent again")
        try expectEqual(outcome.longestPlayoutDelay, .zero, "playout delay")
        try expect(outcome.framesShown * 100 >= outcome.framesCaptured * 99, "not all were shown")
      },
    ] + shownUnderLoss + [
      shownWithout,
      Check("completes every frame on a path that reorders but loses nothing") {
        let scenario = RTPSimulation.Scenario(
          seed: 4,
          seconds: 10,
          loss: 0,
          delay: .milliseconds(5),
          jitter: .milliseconds(3)
        )
        var simulation = RTPSimulation(scenario)
        let outcome = simulation.run()
        try holds(outcome, seed: scenario.seed)
        try expectEqual(outcome.framesComplete, outcome.framesCaptured, "frames complete")
      },
    ]

  /// What a viewer sees through loss: the least share of the pictures, and what it may cost.
  private static let shownUnderLoss: [Check] = [
    (loss: 1, roundTrip: 1, shown: 99.0, delay: 0),
    (loss: 5, roundTrip: 1, shown: 98.3, delay: 10),
    (loss: 1, roundTrip: 20, shown: 99.0, delay: 80),
    (loss: 5, roundTrip: 20, shown: 97.0, delay: 80),
    (loss: 10, roundTrip: 20, shown: 92.0, delay: 80),
    (loss: 5, roundTrip: 100, shown: 97.0, delay: 250),
  ].enumerated().map { index, line in
    Check(
      "shows \(line.shown) % of the pictures at \(line.loss) % loss, \(line.roundTrip) ms round trip"
    ) {
      let scenario = RTPSimulation.Scenario(
        seed: UInt64(10 + index),
        seconds: 60,
        loss: Double(line.loss) / 100,
        delay: .milliseconds(line.roundTrip) / 2
      )
      var simulation = RTPSimulation(scenario)
      let outcome = simulation.run()
      try holds(outcome, seed: scenario.seed)
      let shown = Double(outcome.framesShown) / Double(outcome.framesCaptured) * 100
      try expect(shown >= line.shown, "only \(shown) % were shown, seed \(scenario.seed)")
      try expect(
        outcome.playoutDelay <= .milliseconds(line.delay),
        "held back for \(outcome.playoutDelay) on average, seed \(scenario.seed)"
      )
      let share = outcome.retransmittedShare
      try expect(share <= 0.25, "\(share) of the rate is retransmission, seed \(scenario.seed)")
    }
  }

  /// What the remedies are for: without them the same network shows what browsers have shown.
  private static let shownWithout = Check(
    "shows a tenth less where the receiver learns no round trip and holds nothing back"
  ) {
    var scenario = RTPSimulation.Scenario(seed: 20, seconds: 60, delay: .milliseconds(10))
    var simulation = RTPSimulation(scenario)
    let with = simulation.run()
    scenario.asksForRoundTripTime = false
    scenario.holdsPicturesBack = false
    simulation = RTPSimulation(scenario)
    let without = simulation.run()
    try expect(
      without.framesShown * 10 < with.framesShown * 9,
      "\(without.framesShown) are shown without, \(with.framesShown) with, seed 20"
    )
  }

  private static func holds(_ outcome: RTPSimulation.Outcome, seed: UInt64) throws {
    try expectEqual(outcome.damagedContent, 0, "damaged frames, seed \(seed)")
    try expect(outcome.largestPacket <= 1190, "a packet has \(outcome.largestPacket) bytes")
    try expectEqual(outcome.sender.framesDropped, 0, "frames dropped by the sender")
    try expectEqual(outcome.sender.malformed, 0, "contradicting feedback")
    guard let remote = outcome.sender.remote, let time = remote.roundTripTime else {
      throw CheckFailure(description: "no round-trip time, seed \(seed)")
    }
    try expect(time >= .zero && time < .milliseconds(120), "the round trip takes \(time)")
  }
}
