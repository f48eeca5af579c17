// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Codecs

struct OpusTests {
  /// The packets of a tone of 1 kHz.
  private static func packets(_ configuration: OpusConfiguration, count: Int) throws -> [[UInt8]] {
    var encoder = try OpusEncoder(configuration)
    return try (0..<count).compactMap { number in
      let samples = Tone.samples(
        1000,
        amplitude: 8000,
        from: number * configuration.packetFrames,
        count: configuration.packetFrames,
        channels: configuration.channelCount
      )
      return try encoder.encode(samples.span)
    }
  }

  @Test(arguments: [(1, 20), (2, 20), (1, 10), (2, 10)])
  func `a tone comes back at its frequency and level`(_ channels: Int, _ time: Int) throws {
    let configuration = OpusConfiguration(
      channelCount: channels,
      bitrate: .kilobits(48),
      packetTime: time
    )
    let packets = try Self.packets(configuration, count: 1000 / time)
    #expect(packets.count == 1000 / time)
    var decoder = try OpusDecoder(channelCount: channels)
    var heard: [Int16] = []
    for packet in packets {
      #expect(OpusDecoder.frameCount(of: packet) == configuration.packetFrames)
      var samples = [Int16](repeating: 0, count: OpusDecoder.maximumFrames * channels)
      var span = samples.mutableSpan
      let frames = decoder.decode(packet, into: &span)
      #expect(frames == configuration.packetFrames)
      for frame in 0..<(frames ?? 0) { heard.append(samples[frame * channels]) }
    }
    let last = Array(heard.suffix(24_000))
    let amplitude = Tone.amplitude(of: 1000, in: last)
    #expect((7600...8400).contains(amplitude), "\(amplitude)")
    #expect(Tone.amplitude(of: 1500, in: last) < 100)
  }

  @Test func `the bitrate is kept and can be changed`() throws {
    var configuration = OpusConfiguration(bitrate: .kilobits(64), isForVoice: false)
    var encoder = try OpusEncoder(configuration)
    func bits(_ encoder: inout OpusEncoder) throws -> Int {
      var random = RandomSource.seeded(5)
      var sum = 0
      for _ in 0..<50 {
        let noise = (0..<960).map { _ in Int16.random(in: -4000...4000, using: &random) }
        sum += try encoder.encode(noise.span)?.count ?? 0
      }
      return sum * 8
    }
    let high = try bits(&encoder)
    #expect((45_000...75_000).contains(high), "\(high)")
    configuration.bitrate = .kilobits(16)
    let isTaken = encoder.change(configuration)
    #expect(isTaken)
    let low = try bits(&encoder)
    #expect((10_000...20_000).contains(low), "\(low)")
    configuration.complexity = 11
    let isRefused = !encoder.change(configuration)
    let kept = encoder.configuration
    #expect(isRefused)
    #expect(kept.complexity == 5)
    #expect(kept.bitrate == .kilobits(16))
  }

  @Test func `a lost packet is told by the next one, better than by guessing`() throws {
    // Speech-like: a tone that swells and fades, so that what follows cannot be guessed.
    let configuration = OpusConfiguration(bitrate: .kilobits(32), expectedLoss: 25)
    var encoder = try OpusEncoder(configuration)
    var original: [[Int16]] = []
    var packets: [[UInt8]] = []
    for number in 0..<60 {
      let frequency = 200 + 50 * Double(number % 7)
      let samples = Tone.samples(
        frequency,
        amplitude: number % 4 < 2 ? 9000 : 500,
        from: number * 960,
        count: 960
      )
      original.append(samples)
      let packet = try encoder.encode(samples.span)
      packets.append(try #require(packet))
    }
    func energy(recovering: Bool) throws -> (lost: Double, heard: Double) {
      var decoder = try OpusDecoder(channelCount: 1)
      var (lost, heard) = (0.0, 0.0)
      for number in 0..<59 {
        var samples = [Int16](repeating: 0, count: 960)
        var span = samples.mutableSpan
        // The packet before a loud stretch is lost each time.
        if number % 8 == 4 {
          _ =
            recovering
            ? decoder.recover(before: packets[number + 1], frames: 960, into: &span)
            : decoder.conceal(frames: 960, into: &span)
          lost += samples.reduce(0.0) { $0 + Double($1) * Double($1) }
          heard += original[number].reduce(0.0) { $0 + Double($1) * Double($1) }
        } else {
          let count = decoder.decode(packets[number], into: &span)
          #expect(count == 960)
        }
      }
      return (lost, heard)
    }
    let told = try energy(recovering: true)
    let guessed = try energy(recovering: false)
    #expect(told.lost > 0.3 * told.heard, "\(told)")
    #expect(guessed.lost < 0.5 * told.lost, "\(guessed), \(told)")
  }

  @Test func `two channels can be sent as one, and as two again`() throws {
    let configuration = OpusConfiguration(channelCount: 2, isForVoice: false)
    var encoder = try OpusEncoder(configuration)
    for isMixedDown in [false, true, false] {
      var changed = configuration
      changed.isMixedDown = isMixedDown
      let isChanged = encoder.change(changed)
      #expect(isChanged)
      var isStereo: Bool?
      for number in 0..<20 {
        // Something else in each channel.
        let samples = (0..<960).flatMap { frame in
          [0, 1].map { Int16((number * 960 + frame) * ($0 * 3 + 2) % 200 * 40) }
        }
        let packet = try encoder.encode(samples.span)
        // RFC 6716 section 3.1: the bit of the first byte that tells the channels.
        isStereo = packet.map { $0[0] & 4 != 0 }
      }
      #expect(isStereo == !isMixedDown)
    }
  }

  @Test func `silence is not sent where it need not be`() throws {
    let configuration = OpusConfiguration(skipsSilence: true)
    var encoder = try OpusEncoder(configuration)
    let silence = [Int16](repeating: 0, count: 960)
    var sent = 0
    for _ in 0..<100 where try encoder.encode(silence.span) != nil { sent += 1 }
    #expect(sent < 40)
    let tone = Tone.samples(300, amplitude: 9000, count: 960)
    let packet = try encoder.encode(tone.span)
    #expect(packet != nil)
  }

  @Test func `whatever a peer sends is decoded or refused`() throws {
    var random = RandomSource.seeded(20_261)
    let whole = try Self.packets(OpusConfiguration(channelCount: 2), count: 20)
    var decoder = try OpusDecoder(channelCount: 1)
    var samples = [Int16](repeating: 0, count: OpusDecoder.maximumFrames)
    var short = [Int16](repeating: 0, count: 480)
    var refused = 0
    for round in 0..<3000 {
      var packet: [UInt8]
      if round % 2 == 0 {
        packet = whole[Int.random(in: whole.indices, using: &random)]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let index = Int.random(in: packet.indices, using: &random)
          packet[index] = .random(in: 0...255, using: &random)
        }
      } else {
        packet = (0..<Int.random(in: 0...200, using: &random)).map { _ in
          .random(in: 0...255, using: &random)
        }
      }
      var span = samples.mutableSpan
      let count = decoder.decode(packet, into: &span)
      #expect(count == nil || (1...OpusDecoder.maximumFrames).contains(count ?? 0))
      if count == nil { refused += 1 }
      var half = short.mutableSpan
      _ = decoder.recover(before: packet, frames: half.count, into: &half)
    }
    #expect(refused > 100, "seed 20261")
    // It is as good as before.
    var span = samples.mutableSpan
    let count = decoder.decode(whole[3], into: &span)
    #expect(count == 960)
  }

  @Test func `a shape that cannot be is refused`() {
    #expect(throws: CodecError.soundUnsuitable) {
      _ = try OpusEncoder(OpusConfiguration(channelCount: 3)).configuration
    }
    #expect(throws: CodecError.soundUnsuitable) {
      _ = try OpusEncoder(OpusConfiguration(packetTime: 15)).configuration
    }
    #expect(throws: CodecError.soundUnsuitable) {
      var encoder = try OpusEncoder(OpusConfiguration())
      let short = [Int16](repeating: 0, count: 480)
      _ = try encoder.encode(short.span)
    }
    #expect(throws: CodecError.soundUnsuitable) {
      _ = try OpusDecoder(channelCount: 0).channelCount
    }
  }
}
