// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import Testing
import Wire

@testable import RTP

/// A class, because expectations cannot call what mutates a value.
@Suite final class RedundantAudioTests {
  private static let opus = PayloadType(lowBitsOf: 111)
  private static let redundant = PayloadType(lowBitsOf: 63)
  private static let media = SSRC(rawValue: 0x1111)
  private var now = Timestamp.zero + .seconds(5)
  private var number: UInt64 = 0
  private var sender: AudioSender
  private var receiver: AudioReceiver

  init() {
    var sending = AudioSender.Configuration(ssrc: Self.media, payloadType: Self.opus, cname: "a")
    sending.redundancyPayloadType = Self.redundant
    sender = AudioSender(sending, random: .seeded(1), at: now)
    var receiving = AudioReceiver.Configuration(
      ssrc: SSRC(rawValue: 7),
      codecs: [Self.opus: .opus],
      cname: "b"
    )
    receiving.redundancyPayloadType = Self.redundant
    receiver = AudioReceiver(receiving, random: .seeded(2), at: now)
  }

  /// The next packet of 20 ms, whose payload is `size` bytes that tell its number.
  private func packet(size: Int = 40) throws -> [UInt8] {
    sender.enqueue(
      EncodedAudio(
        bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size),
        captured: now,
        number: number,
        timestamp: Int64(number) * 960,
        payloadType: 0
      )
    )
    number += 1
    now += .milliseconds(20)
    let now = now
    let packet = [UInt8](room: 1190, writing: { sender.nextPacket(into: &$0, at: now) })
    return try #require(packet)
  }

  /// Lets the peer say that so many of 256 packets are lost.
  private func report(lost: UInt8) throws {
    let last = try packet()
    let header = try #require(RTPHeader.parse(last.span)?.header)
    let block = RTCPPacket.ReportBlock(
      ssrc: Self.media,
      fractionLost: lost,
      cumulativeLost: 0,
      highestSequenceNumber: ExtendedSequenceNumber(
        rawValue: UInt32(header.sequenceNumber.rawValue)
      ),
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0
    )
    sender.receive(
      .receiverReport(.init(ssrc: SSRC(rawValue: 7), reports: [block])),
      at: now
    )
  }

  private func payloadType(_ packet: [UInt8]) -> PayloadType? {
    RTPHeader.parse(packet.span)?.header.payloadType
  }

  private func heard() -> [UInt8] {
    var numbers: [UInt8] = []
    while let audio = receiver.nextAudio() {
      #expect(audio.codec == .opus && Set(audio.bytes).count == 1)
      #expect(audio.timestamp == Int64(audio.number) * 960)
      numbers.append(audio.bytes[0])
    }
    return numbers
  }

  @Test func `packets are sent twice while reports tell of loss`() throws {
    #expect(payloadType(try packet()) == Self.opus)
    try report(lost: 7)
    #expect(payloadType(try packet()) == Self.opus)
    try report(lost: 8)
    #expect(payloadType(try packet()) == Self.redundant)
    // One report without loss may be luck.
    try report(lost: 0)
    #expect(payloadType(try packet()) == Self.redundant)
    for _ in 0..<10 { try report(lost: 0) }
    #expect(payloadType(try packet()) == Self.opus)
    #expect(sender.statistics.packetsWithCopies > 3)
  }

  @Test func `a copy that does not fit is left out`() throws {
    try report(lost: 100)
    _ = try packet(size: 1024)
    #expect(payloadType(try packet()) == Self.opus)
    _ = try packet(size: 700)
    #expect(payloadType(try packet(size: 700)) == Self.opus)
    #expect(payloadType(try packet(size: 300)) == Self.redundant)
  }

  @Test(arguments: [false, true])
  func `what is missing comes back by the packet behind it`(isHasty: Bool) throws {
    receiver.isHasty = isHasty
    try report(lost: 100)
    for index in 0..<20 {
      let packet = try packet()
      guard ![4, 9, 10, 15].contains(index) else { continue }
      receiver.receive(packet.span, at: now)
    }
    now += .milliseconds(50)
    receiver.advance(to: now)
    // The report took the number 0; of two that are missing the first is gone.
    let expected = (1...20).filter { $0 != 10 }.map { UInt8($0) }
    #expect(isHasty ? heard().sorted() == expected : heard() == expected)
    #expect(receiver.statistics.packetsRestored == 3)
    #expect(receiver.statistics.packetsLost == 4 && receiver.statistics.malformed == 0)
  }

  @Test func `what is malformed is dropped and counted`() throws {
    let header = RTPHeader(
      payloadType: Self.redundant,
      sequenceNumber: SequenceNumber(rawValue: 1),
      timestamp: RTPTime(rawValue: 0),
      ssrc: Self.media
    )
    let copy: [UInt8] = [0x80 | 111, 0x0F, 0, 1]
    let bad: [[UInt8]] = [
      [0x80 | 111], [0x80 | 111, 0, 0], copy, copy + [111],
      Array([[UInt8]](repeating: copy, count: 9).joined()) + [111]
        + [UInt8](repeating: 1, count: 20),
    ]
    for payload in bad {
      let packet = (header.bytes() ?? []) + payload
      receiver.receive(packet.span, at: now)
    }
    #expect(receiver.statistics.malformed == UInt64(bad.count))
    let foreign = (header.bytes() ?? []) + copy + [112, 5, 6]
    receiver.receive(foreign.span, at: now)
    #expect(receiver.statistics.packetsIgnored == 1)
    #expect(heard().isEmpty)
  }
}
