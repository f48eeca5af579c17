// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Codecs

/// Sound by way of packets of G.711, and back.
struct G711PacketTests {
  private let start = Timestamp(nanoseconds: 3_000_000_000)

  private func block(_ frequency: Double, at position: Int, channels: Int = 1) -> SoundBlock {
    var block = SoundBlock(
      frameCount: 480,
      channelCount: channels,
      time: start + SoundBlock.duration(of: position)
    )
    block.position = UInt64(position)
    block.samples = Tone.samples(
      frequency,
      amplitude: 8000,
      from: position,
      count: 480,
      channels: channels
    )
    return block
  }

  private func packets(
    _ frequency: Double,
    blocks: Int,
    as laws: [G711],
    channels: Int = 1
  ) throws -> [EncodedAudio] {
    var encoder = try G711Encoder()
    return (0..<blocks).flatMap { number in
      encoder.encode(block(frequency, at: number * 480, channels: channels), as: laws)
    }
  }

  @Test func `each packet has 20 ms, dated by when it was heard`() throws {
    let made = try packets(1000, blocks: 100, as: [.muLaw])
    #expect(made.count == 50)
    for (index, packet) in made.enumerated() {
      #expect(packet.bytes.count == 160 && packet.codec == .pcmu && packet.payloadType == 0)
      #expect(packet.number == UInt64(index) && packet.timestamp == Int64(index) * 160)
      #expect(packet.beginsTalkspurt == (index == 0))
      // The low-pass knows what is to come, and is late by that: a few milliseconds.
      let delay = start + .milliseconds(20) * index - packet.captured
      #expect(delay >= .zero && delay < .milliseconds(5), "\(delay)")
    }
  }

  @Test func `both laws are made of one sound`() throws {
    let made = try packets(1000, blocks: 20, as: [.muLaw, .aLaw])
    #expect(made.count == 20)
    for (first, second) in zip(made, made.dropFirst()) where first.codec == .pcmu {
      #expect(second.codec == .pcma && second.payloadType == 8)
      #expect(second.timestamp == first.timestamp && second.number == first.number)
    }
  }

  @Test(arguments: [1, 2])
  func `what a telephone cannot carry is left out rather than folded`(channels: Int) throws {
    for (frequency, folded) in [(5000.0, 3000.0), (7000, 1000), (12_000, 4000)] {
      let made = try packets(frequency, blocks: 50, as: [.aLaw], channels: channels)
      let samples = made.dropFirst(5).flatMap { $0.bytes.map(G711.aLaw.decode) }
      let amplitude = Tone.amplitude(of: folded, in: samples, rate: 8000)
      #expect(amplitude < 80, "\(frequency) Hz of 8000 is heard as \(folded) Hz of \(amplitude)")
    }
  }

  @Test func `lost sound leaves a gap of time, and joins nothing`() throws {
    var encoder = try G711Encoder()
    #expect(encoder.encode(block(440, at: 0), as: [.muLaw]).isEmpty)
    #expect(encoder.encode(block(440, at: 9600), as: [.muLaw]).isEmpty)
    let packet = try #require(encoder.encode(block(440, at: 10_080), as: [.muLaw]).first)
    #expect(packet.timestamp == 1600 && packet.number == 0 && packet.beginsTalkspurt)
  }

  @Test(arguments: [AudioCodec.pcmu, .pcma])
  func `a tone comes back as it was`(_ codec: AudioCodec) throws {
    let law = try #require(G711(codec))
    var decoder = try SoundDecoder()
    var output = [Int16](repeating: 0, count: SoundDecoder.maximumFrames)
    var heard: [Int16] = []
    for packet in try packets(1000, blocks: 100, as: [law]) {
      #expect(SoundDecoder.frameCount(of: packet) == 960)
      var span = output.mutableSpan
      #expect(decoder.decode(packet, into: &span) == 960)
      heard += output.prefix(960)
    }
    let amplitude = Tone.amplitude(of: 1000, in: Array(heard.dropFirst(4800).prefix(38_400)))
    #expect(abs(amplitude - 8000) < 160, "\(amplitude)")
  }

  @Test func `a missing packet is made up from the voice before it, and fades away`() throws {
    var decoder = try SoundDecoder()
    var output = [Int16](repeating: 0, count: SoundDecoder.maximumFrames)
    for packet in try packets(200, blocks: 40, as: [.muLaw]) {
      var span = output.mutableSpan
      _ = decoder.decode(packet, into: &span)
    }
    var amplitudes: [Double] = []
    for _ in 0..<8 {
      var span = output.mutableSpan
      #expect(decoder.conceal(frames: 960, into: &span) == 960)
      amplitudes.append(Tone.amplitude(of: 200, in: Array(output.prefix(960))))
    }
    #expect(amplitudes[0] > 5000, "\(amplitudes)")
    #expect(amplitudes[1] < amplitudes[0] && amplitudes[2] < amplitudes[1], "\(amplitudes)")
    #expect(amplitudes[7] < 10, "\(amplitudes)")
  }

  @Test func `what is no packet of G711 is refused`() throws {
    var decoder = try SoundDecoder()
    var output = [Int16](repeating: 0, count: SoundDecoder.maximumFrames)
    var span = output.mutableSpan
    for count in [0, 961, 1400] {
      let packet = EncodedAudio(
        bytes: [UInt8](repeating: 1, count: count),
        captured: start,
        number: 0,
        timestamp: 0,
        payloadType: 0,
        codec: .pcmu
      )
      #expect(SoundDecoder.frameCount(of: packet) == nil)
      #expect(decoder.decode(packet, into: &span) == nil)
    }
    // Its clock is a sixth of the loudspeaker's.
    #expect(decoder.conceal(frames: 100, into: &span) == nil)
  }
}
