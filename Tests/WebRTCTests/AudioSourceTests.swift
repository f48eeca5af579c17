// SPDX-License-Identifier: Apache-2.0
import Capture
import Codecs
import MediaTypes
import Testing
@testable import WebRTC

@Suite struct AudioSourceTests {
  @Test func `one microphone is heard by two peers, and rests when they have left`() async throws {
    let studio = try await Studio.make()
    let source = try await studio.perform { _ in
      try AudioSource(
        .test,
        configuration: OpusConfiguration(bitrate: .kilobits(48)),
        on: studio.loop
      )
    }
    let other = try await studio.makeNetwork()
    var heard: [[EncodedAudio]] = []
    var calls: [Call] = []
    for _ in 0..<2 {
      let call = try await studio.call(source, to: other)
      calls.append(call)
      #expect(call.track.kind == .audio)
      var packets: [EncodedAudio] = []
      for await packet in await studio.perform({ _ in call.track.encodedAudio() }) {
        packets.append(packet)
        if packets.count == 75 { break }
      }
      heard.append(packets)
    }
    for packets in heard {
      var decoder = try OpusDecoder(channelCount: 1)
      var meter = SoundMeter()
      for packet in packets {
        var block = SoundBlock(frameCount: 960, channelCount: 1)
        var span = block.samples.mutableSpan
        #expect(decoder.decode(packet.bytes, into: &span) == 960)
        meter.hear(block)
      }
      let reading = try #require(meter.reading)
      #expect(abs(reading.frequency - 1000) < 5, "\(reading)")
      #expect(abs((reading.level ?? -200) + 20) < 1, "\(reading)")
    }
    let facts = await studio.perform { _ in source.facts }
    #expect(facts.packetsEncoded >= 75)
    #expect(facts.samplesCaptured >= 75 * 960)
    #expect(await studio.perform { _ in source.problem } == nil)
    for call in calls { await call.close() }
    // Without a listener nothing is read: the level is known no more.
    #expect(await studio.wait { _ in source.facts.level == nil })
    await studio.perform { _ in source.close() }
    await studio.close()
  }

  @Test func `one who listens hears on while mono becomes stereo`() async throws {
    let studio = try await Studio.make()
    let source = try await studio.perform { _ in try AudioSource(.test, on: studio.loop) }
    let call = try await studio.call(source, to: try await studio.makeNetwork())
    var before: EncodedAudio?
    var channels: [Int] = []
    for await packet in await studio.perform({ _ in call.track.encodedAudio() }) {
      // The second bit of a packet's first byte from the right tells stereo (RFC 6716 section 3.1).
      channels.append(try #require(packet.bytes.first) & 4 == 0 ? 1 : 2)
      if let before {
        #expect(packet.number == before.number + 1)
        #expect(packet.timestamp > before.timestamp)
      }
      before = packet
      if channels.count == 25 {
        try await studio.perform { _ in try source.reopen(channelCount: 2) }
      }
      if channels.suffix(25).allSatisfy({ $0 == 2 }) { break }
    }
    #expect(channels.prefix(25).allSatisfy { $0 == 1 })
    #expect(await studio.perform { _ in source.problem } == nil)
    #expect(await studio.perform { _ in source.facts.channelCount } == 2)
    await call.close()
    await studio.perform { _ in source.close() }
    await studio.close()
  }

  @Test func `a microphone that is not there is told in words`() async throws {
    let studio = try await Studio.make()
    let source = try await studio.perform { _ in
      try AudioSource(.device(name: "hw:CARD=NoSuchCard,DEV=0"), on: studio.loop)
    }
    #expect(await studio.wait { _ in source.problem != nil })
    let problem = await studio.perform { _ in source.problem } ?? ""
    #expect(problem.hasPrefix("microphone hw:CARD=NoSuchCard,DEV=0 "), "\(problem)")
    await studio.perform { _ in source.close() }
    await studio.close()
  }
}
