// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Codecs

struct SoundEncoderTests {
  private let start = Timestamp(nanoseconds: 3_000_000_000)

  private func block(at position: Int, isSilent: Bool = false) -> SoundBlock {
    var block = SoundBlock(
      frameCount: 480,
      channelCount: 1,
      time: start + SoundBlock.duration(of: position)
    )
    block.position = UInt64(position)
    if !isSilent {
      block.samples = Tone.samples(1000, amplitude: 5000, from: position, count: 480)
    }
    return block
  }

  @Test func `two blocks make a packet, dated by the first`() throws {
    var encoder = try SoundEncoder(OpusConfiguration())
    for number in 0..<20 {
      let half = try encoder.encode(block(at: number * 960))
      #expect(half == nil)
      let whole = try encoder.encode(block(at: number * 960 + 480))
      let packet = try #require(whole)
      #expect(packet.number == UInt64(number))
      #expect(packet.timestamp == Int64(number * 960))
      #expect(packet.captured == start + .milliseconds(20 * number))
      #expect(packet.beginsTalkspurt == (number == 0))
      #expect(OpusDecoder.frameCount(of: packet.bytes) == 960)
    }
  }

  @Test func `packets of 10 ms are made of one block`() throws {
    var encoder = try SoundEncoder(OpusConfiguration(packetTime: 10))
    let whole = try encoder.encode(block(at: 0))
    let packet = try #require(whole)
    #expect(OpusDecoder.frameCount(of: packet.bytes) == 480)
  }

  @Test func `packets can become shorter or longer while it runs`() throws {
    var encoder = try SoundEncoder(OpusConfiguration())
    var lengths: [Int] = []
    for number in 0..<40 {
      var isChanged = true
      if number == 11 { isChanged = encoder.change(OpusConfiguration(packetTime: 10)) }
      if number == 25 { isChanged = encoder.change(OpusConfiguration()) }
      #expect(isChanged)
      if let packet = try encoder.encode(block(at: number * 480)) {
        lengths.append(OpusDecoder.frameCount(of: packet.bytes) ?? 0)
      }
    }
    // Of the first kind five, and one half that was thrown away.
    #expect(lengths.prefix(5).allSatisfy { $0 == 960 })
    #expect(lengths.dropFirst(5).prefix(14).allSatisfy { $0 == 480 })
    #expect(lengths.dropFirst(19).allSatisfy { $0 == 960 } && lengths.count == 26)
    let isChanged = encoder.change(OpusConfiguration(packetTime: 15))
    #expect(!isChanged)
  }

  @Test func `lost sound leaves a gap of time, and joins nothing`() throws {
    var encoder = try SoundEncoder(OpusConfiguration())
    _ = try encoder.encode(block(at: 0))
    let half = try encoder.encode(block(at: 4800))
    #expect(half == nil)
    let whole = try encoder.encode(block(at: 5280))
    let packet = try #require(whole)
    #expect(packet.timestamp == 4800)
    #expect(packet.captured == start + .milliseconds(100))
    #expect(packet.number == 0)
  }

  @Test func `silence that is not sent leaves a gap of time and none of numbers`() throws {
    var encoder = try SoundEncoder(OpusConfiguration(skipsSilence: true))
    var packets: [EncodedAudio] = []
    for number in 0..<400 {
      let isSilent = (100..<300).contains(number)
      if let packet = try encoder.encode(block(at: number * 480, isSilent: isSilent)) {
        packets.append(packet)
      }
    }
    #expect(packets.count < 170)
    #expect(packets.map(\.number) == (0..<packets.count).map { UInt64($0) })
    for (before, after) in zip(packets, packets.dropFirst()) {
      #expect(after.beginsTalkspurt == (after.timestamp - before.timestamp > 960))
    }
    let last = try #require(packets.last)
    #expect(last.timestamp == Int64(398 * 480))
  }

  @Test func `blocks of other channels are refused`() throws {
    var encoder = try SoundEncoder(OpusConfiguration(channelCount: 2))
    do throws(CodecError) {
      _ = try encoder.encode(block(at: 0))
      Issue.record("it was taken")
    } catch {
      #expect(error == .soundUnsuitable)
    }
  }
}
