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
          seed: usesRTX ? 1 : 2,
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

  private static func holds(_ outcome: RTPSimulation.Outcome, seed: UInt64) throws {
    try expectEqual(outcome.damagedContent, 0, "damaged frames, seed \(seed)")
    try expect(outcome.largestPacket <= 1190, "a packet has \(outcome.largestPacket) bytes")
    try expectEqual(outcome.sender.framesDropped, 0, "frames dropped by the sender")
    try expectEqual(outcome.sender.malformed, 0, "contradicting feedback")
    guard let remote = outcome.sender.remote, let time = remote.roundTripTime else {
      throw CheckFailure(description: "no round-trip time, seed \(seed)")
    }
    try expect(time > .zero && time < .milliseconds(70), "the round trip takes \(time)")
  }
}
