// SPDX-License-Identifier: Apache-2.0
import Capture
import Codecs
import MediaTypes
import Sound
import Testing
@testable import WebRTC
import Wire

@Suite struct TalkerPlayoutTests {
  /// What comes of `seconds` seconds of a talker, whose packets meet the fate that `delay` tells; `nil` loses
  /// one.
  private static func play(
    seconds: Int,
    _ playout: inout TalkerPlayout,
    as law: G711? = nil,
    _ delay: (_ number: Int) -> Duration?
  ) throws -> SoundMeter.Reading? {
    var encoder = try SoundEncoder(OpusConfiguration(expectedLoss: 10))
    var telephone = try G711Encoder()
    var arrivals: [(at: Timestamp, packet: EncodedAudio)] = []
    let start = Timestamp.zero + .seconds(1)
    for number in 0..<(seconds * 50) {
      var block = SoundBlock(frameCount: 960, channelCount: 1)
      block.position = UInt64(number * 960)
      block.time = start + .milliseconds(20) * number
      for index in 0..<960 { block.samples[index] = tone[(number * 960 + index) % 48] }
      let opus = try encoder.encode(block)
      let packet = law.map { telephone.encode(block, as: [$0]).first } ?? opus
      guard let packet, let late = delay(number) else { continue }
      arrivals.append((block.time + .milliseconds(20) + late, packet))
    }
    arrivals.sort { $0.at < $1.at }
    var meter = SoundMeter()
    var piece = [Int16](repeating: 0, count: 480)
    var next = 0
    for step in 0..<(seconds * 100) {
      let now = start + .milliseconds(10) * step
      while next < arrivals.count, arrivals[next].at <= now {
        playout.insert(arrivals[next].packet, at: arrivals[next].at)
        next += 1
      }
      playout.pull(into: &piece, played: UInt64(step * 480), at: now)
      var block = SoundBlock(frameCount: 480, channelCount: 1)
      block.samples = piece
      meter.hear(block)
    }
    return meter.reading
  }

  private static func opened() throws(CodecError) -> TalkerPlayout {
    guard let playout = TalkerPlayout() else { throw .systemExhausted }
    return playout
  }

  /// 1 kHz, loud enough to measure: every swing has 48 samples.
  private static let tone: [Int16] = {
    // The first quarter of a swing, and the others by its symmetry.
    let quarter = [0, 428, 848, 1254, 1638, 1995, 2317, 2600, 2838, 3027, 3165, 3249, 3277]
    return (0..<48).map { index in
      let place = index % 24
      let value = quarter[place <= 12 ? place : 24 - place]
      return Int16(index < 24 ? value : -value)
    }
  }()

  @Test func `plays a tone as it was`() throws {
    var playout = try Self.opened()
    let played = try Self.play(seconds: 5, &playout) { _ in Duration.milliseconds(5) }
    let reading = try #require(played)
    #expect(abs(reading.frequency - 1000) < 3, "\(reading)")
    #expect(abs((reading.level ?? -200) + 20) < 1, "\(reading)")
    let done = playout.reading
    #expect(done.statistics.concealedSamples < 4800, "\(done)")
    #expect(done.malformed == 0 && done.power > 1_000_000)
  }

  @Test(arguments: [G711.muLaw, .aLaw])
  func `plays a tone of a peer without Opus, and makes up what is lost`(_ law: G711) throws {
    var playout = try Self.opened()
    let played = try Self.play(seconds: 5, &playout, as: law) { number in
      number % 50 == 17 ? nil : Duration.milliseconds(5)
    }
    let reading = try #require(played)
    #expect(abs(reading.frequency - 1000) < 10, "\(reading)")
    #expect(abs((reading.level ?? -200) + 20) < 1, "\(reading)")
    let done = playout.reading
    #expect(done.statistics.concealmentEvents >= 5 && done.statistics.packetsRecovered == 0)
    #expect(done.statistics.concealedSamples < 14_400, "\(done)")
    #expect(done.malformed == 0)
  }

  @Test func `makes good single losses by the packets behind them`() throws {
    var playout = try Self.opened()
    // Only where packets wait for longer than one of them lasts, the next one is there in time.
    _ = try Self.play(seconds: 5, &playout) { number in
      number % 10 == 4 ? nil : Duration.milliseconds(number % 4 == 1 ? 35 : 5)
    }
    let done = playout.reading
    #expect(done.statistics.packetsRecovered >= 8, "\(done)")
  }

  @Test func `takes packets in whatever order`() throws {
    var playout = try Self.opened()
    let played = try Self.play(seconds: 5, &playout) { number in
      Duration.milliseconds(number % 4 == 1 ? 35 : 5)
    }
    let reading = try #require(played)
    #expect(abs(reading.frequency - 1000) < 5, "\(reading)")
    let done = playout.reading
    // Once it is known that some come late, all are waited for.
    #expect(done.statistics.packetsDiscarded < 10, "\(done)")
    #expect(done.targetDelay > .milliseconds(20))
  }

  @Test func `whatever a peer sends is survived, and counted`() throws {
    var playout = try Self.opened()
    var random = RandomSource.seeded(6)
    var piece = [Int16](repeating: 0, count: 480)
    for step in 0..<2000 {
      let now = Timestamp.zero + .milliseconds(10) * step
      let packet = EncodedAudio(
        bytes: (0..<Int.random(in: 0...300, using: &random)).map { _ in
          .random(in: 0...255, using: &random)
        },
        captured: now,
        number: step % 7 == 0 ? .random(in: 0...(.max), using: &random) : UInt64(step),
        timestamp: step % 5 == 0 ? .random(in: .min ... .max, using: &random) : Int64(step) * 960,
        payloadType: 111,
        codec: step % 400 < 300 ? .opus : .pcma
      )
      playout.insert(packet, at: now)
      playout.pull(into: &piece, played: UInt64(step * 480), at: now)
    }
    let done = playout.reading
    #expect(done.malformed > 10, "seed 6")
  }
}
