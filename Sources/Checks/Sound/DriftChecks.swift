// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Wire

extension Check {
  static let drift: [Check] = [
    Check("a card 300 ppm slow and a sender 300 ppm fast stay in step for a day") {
      var run = DriftRun(sender: 300, card: -300, packet: .milliseconds(120), seed: 1)
      try run.play(.seconds(600), before: nil)
      try run.play(.seconds(86_400 - 600), before: .init(deviation: 4, speed: 150))
      try expect((run.speed.senderDrift - 300).magnitude < 20, "\(run.speed.senderDrift) ppm")
      try expect((run.speed.cardDrift + 300).magnitude < 5, "\(run.speed.cardDrift) ppm")
      try expectEqual(run.buffer.statistics.concealedSamples, 0, "concealed")
    },
    Check("a card 300 ppm fast and a sender 300 ppm slow stay in step for an hour of 20 ms packets")
    {
      var run = DriftRun(sender: -300, card: 300, packet: .milliseconds(20), seed: 2)
      try run.play(.seconds(600), before: nil)
      try run.play(.seconds(3_000), before: .init(deviation: 4, speed: 150))
      try expectEqual(run.buffer.statistics.concealedSamples, 0, "concealed")
    },
    Check("two right clocks are left as they are") {
      var run = DriftRun(sender: 0, card: 0, packet: .milliseconds(20), seed: 3)
      try run.play(.seconds(300), before: nil)
      try run.play(.seconds(1_500), before: .init(deviation: 3, speed: 150))
    },
    Check("a way that becomes 70 ms longer is not taken for a clock") {
      var estimator = DriftEstimator(ticksPerSecond: 48_000)
      for packet in 0..<60_000 {
        let way: Duration = packet < 30_000 ? .milliseconds(20) : .milliseconds(90)
        let sent = Timestamp.zero + .milliseconds(20) * packet
        estimator.observe(Int64(packet) * 960, at: sent + way)
        let drift = estimator.partsPerMillion
        try expect(drift.magnitude < 1, "\(drift) ppm after \(packet) packets")
      }
    },
  ]
}

/// A sender, a network with a little jitter, and a card, whose clocks are off by parts in a million.
private struct DriftRun {
  struct Bounds {
    /// Milliseconds by which the sound may be off its delay.
    var deviation: Double
    /// Parts in a million by which the speed may be off what the clocks are.
    var speed: Double
  }

  private(set) var buffer: JitterBuffer
  private(set) var speed = PlayoutSpeed(clockRate: 48_000, cardRate: 48_000)
  private let sender: Double
  private let card: Double
  private let packet: Duration
  private var random: RandomSource
  private var arrival = Timestamp.zero
  private var sent = 0
  private var pulled = 0
  private var waiting = 0.0

  init(sender: Double, card: Double, packet: Duration, seed: UInt64) {
    var configuration = JitterBuffer.Configuration()
    configuration.step = packet / 2
    buffer = JitterBuffer(configuration)
    self.sender = 1 + sender / 1_000_000
    self.card = 1 + card / 1_000_000
    self.packet = packet
    random = .seeded(seed)
  }

  /// Lets `duration` pass; throws where it leaves the bounds.
  mutating func play(_ duration: Duration, before bounds: Bounds?) throws {
    let pull = packet / 2
    let frames = Int(pull.inNanoseconds * 48 / 1_000_000)
    let pulls = Int(duration.inNanoseconds / pull.inNanoseconds)
    for _ in 0..<pulls {
      pulled += 1
      let now = Timestamp(nanoseconds: Int64(Double(pull.inNanoseconds) * Double(pulled) / card))
      while arrival <= now { receive() }
      while waiting < Double(frames) * speed.speed {
        switch buffer.next(waiting: Int(waiting), at: now) {
        case .decode(_, let ticks), .recover(_, let ticks): waiting += Double(ticks)
        case .conceal(let ticks), .comfortNoise(let ticks), .silence(let ticks):
          waiting += Double(ticks)
        }
      }
      waiting -= Double(frames) * speed.speed
      let noticed = now + .microseconds(Int64.random(in: 0...1_000, using: &random))
      guard
        speed.play(frames: Int64(pulled * frames), deviation: buffer.deviation, at: noticed),
        let bounds
      else { continue }
      let deviation = buffer.deviation.inSeconds * 1_000
      try expect(deviation.magnitude < bounds.deviation, "off by \(deviation) ms at \(now)")
      let wrong = (speed.speed - sender / card) * 1_000_000
      try expect(wrong.magnitude < bounds.speed, "too fast by \(wrong) ppm at \(now)")
    }
  }

  private mutating func receive() {
    let ticks = Int(packet.inNanoseconds * 48 / 1_000_000)
    if sent > 0 {
      let audio = EncodedAudio(
        bytes: [],
        captured: arrival,
        number: UInt64(sent),
        timestamp: Int64(sent * ticks),
        payloadType: 111
      )
      buffer.insert(audio, ticks: ticks, at: arrival)
      speed.receive(timestamp: audio.timestamp, at: arrival)
    }
    sent += 1
    let sending = Double(packet.inNanoseconds) * Double(sent) / sender
    let way = Int64.random(in: 10_000_000...13_000_000, using: &random)
    arrival = Timestamp(nanoseconds: Int64(sending) + way)
  }
}
