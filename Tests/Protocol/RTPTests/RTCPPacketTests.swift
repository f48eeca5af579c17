// SPDX-License-Identifier: Apache-2.0
import Checks
import MediaTypes
import RTP
import Testing

@Suite struct RTCPPacketTests {
  private static let sender = SSRC(rawValue: 0x0102_0304)
  private static let media = SSRC(rawValue: 0x0506_0708)

  private static let block = RTCPPacket.ReportBlock(
    ssrc: media,
    fractionLost: 200,
    cumulativeLost: -8_388_608,
    highestSequenceNumber: ExtendedSequenceNumber(rawValue: 0x0001_FFFF),
    jitter: 4711,
    lastSenderReport: 0xAABB_CCDD,
    delaySinceLastSenderReport: 65_536
  )

  private static let packets: [RTCPPacket] = [
    .senderReport(
      .init(
        ssrc: sender,
        ntp: 0x0123_4567_89AB_CDEF,
        timestamp: RTPTime(rawValue: 90_000),
        packetCount: 17,
        octetCount: 4242,
        reports: [block]
      )
    ),
    .receiverReport(.init(ssrc: sender)),
    .receiverReport(.init(ssrc: sender, reports: [block, block])),
    .sourceDescription([
      .init(ssrc: sender, canonicalName: "abc", mid: "0"),
      .init(ssrc: media, canonicalName: "abcd"),
    ]),
    .bye([sender, media]),
    .pictureLossIndication(sender: sender, media: media),
    .fullIntraRequest(sender: sender, [.init(ssrc: media, number: 255)]),
    .genericNACK(
      sender: sender,
      media: media,
      [.init(first: SequenceNumber(rawValue: 65_535), following: 0x8001)]
    ),
    .receiverEstimatedMaximumBitrate(
      sender: sender,
      Bitrate(bitsPerSecond: 261_120_000),
      media: [media, sender]
    ),
    .temporaryMaximumBitrateRequest(
      sender: sender,
      [.init(ssrc: media, bitrate: Bitrate(bitsPerSecond: 131_071), overhead: 511)]
    ),
    .temporaryMaximumBitrateNotification(sender: sender, []),
    .transportFeedback(sender: sender, media: media, [1, 2, 3, 4]),
    .extendedReport(.init(sender: sender)),
    .extendedReport(.init(sender: sender, referenceTime: 0x0123_4567_89AB_CDEF)),
    .extendedReport(
      .init(
        sender: sender,
        referenceTime: 1,
        answers: [
          .init(ssrc: media, lastReference: 0x4567_89AB, delay: 65_536),
          .init(ssrc: sender, lastReference: 0, delay: .max),
        ]
      )
    ),
    .unknown(type: 204, format: 3),
  ]

  @Test(arguments: packets) func `reads what it wrote`(_ packet: RTCPPacket) throws {
    let bytes = try #require(packet.bytes())
    #expect(bytes.count % 4 == 0)
    var reader = RTCPReader(bytes.span)
    #expect(reader.next() == packet)
    #expect(reader.next() == nil)
    #expect(reader.malformed == 0)
  }

  @Test func `reads a compound of all packets in order`() throws {
    let bytes = Self.packets.flatMap { packet in packet.bytes() ?? [] }
    var reader = RTCPReader(bytes.span)
    for packet in Self.packets { #expect(reader.next() == packet) }
    #expect(reader.next() == nil)
  }

  @Test func `writes a PLI and a NACK as RFC 4585 draws them`() {
    let pli = RTCPPacket.pictureLossIndication(sender: Self.sender, media: Self.media)
    #expect(
      pli.bytes() == [0x81, 206, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    )
    let nack = RTCPPacket.genericNACK(
      sender: Self.sender,
      media: Self.media,
      [.init(first: SequenceNumber(rawValue: 258), following: 5)]
    )
    #expect(
      nack.bytes() == [
        0x81, 205, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0, 5,
      ]
    )
  }

  @Test func `writes times and answers as RFC 3611 draws them`() {
    let report = RTCPPacket.ExtendedReport(
      sender: Self.sender,
      referenceTime: 0x1122_3344_5566_7788,
      answers: [.init(ssrc: Self.media, lastReference: 0x3344_5566, delay: 0x0001_8000)]
    )
    let bytes: [UInt8] =
      [0x80, 207, 0, 8, 1, 2, 3, 4]
      + [4, 0, 0, 2, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
      + [5, 0, 0, 3, 5, 6, 7, 8, 0x33, 0x44, 0x55, 0x66, 0, 1, 0x80, 0]
    #expect(RTCPPacket.extendedReport(report).bytes() == bytes)
  }

  @Test func `writes nothing without room and cuts lists that cannot be counted`() throws {
    let bye = RTCPPacket.bye([SSRC](repeating: Self.media, count: 40))
    #expect(bye.bytes(room: 127) == nil)
    let bytes = try #require(bye.bytes(room: 128))
    #expect(bytes[0] == 0x9F && bytes.count == 128)
  }
}
