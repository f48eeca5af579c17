// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import RTP
private import Wire

extension FuzzTarget {
  /// The readers of this area: packets, control packets, payloads, byte streams.
  public static let rtp: [FuzzTarget] =
    [
      FuzzTarget("rtp", seeds: rtpSeeds) { input in
        guard let (header, payload) = RTPHeader.parse(input.span) else { return }
        _ = input.span.extracting(payload)
        var extensions = RTPExtensions(of: input.span, header: header)
        while let element = extensions.next() { _ = input.span.extracting(element.value) }
        var statistics = ReceptionStatistics(ssrc: header.ssrc)
        for step: UInt16 in 0..<4 {
          let number = header.sequenceNumber + step &* (header.sequenceNumber.rawValue | 1)
          statistics.receive(number, timestamp: header.timestamp, at: .zero)
        }
        _ = statistics.takeReportBlock(at: .zero)
      },
      FuzzTarget("rtcp", seeds: rtcpSeeds) { input in
        var sender = rtcpSender
        let now = Timestamp.zero + .seconds(1)
        var reader = RTCPReader(input.span)
        while let packet = reader.next() {
          sender.receive(packet, at: now)
          _ = [UInt8](room: 4096, writing: { packet.write(into: &$0) })
        }
        while [UInt8](writing: { sender.nextPacket(into: &$0, at: now + .seconds(1)) }) != nil {}
        let wallClock = WallClock(unixNanoseconds: 0)
        _ = [UInt8](writing: { sender.nextControl(into: &$0, at: now, wallClock: wallClock) })
      },
      FuzzTarget("h264", seeds: h264Seeds) { input in
        // Each payload: its length in two bytes, a byte of flags, its bytes.
        var depacketizer = H264Depacketizer(maximumBytes: 4096, maximumUnits: 16)
        var reader = ByteReader(input.span)
        var header = RTPHeader(
          payloadType: PayloadType(lowBitsOf: 102),
          sequenceNumber: SequenceNumber(rawValue: 65_530),
          timestamp: RTPTime(rawValue: 0),
          ssrc: SSRC(rawValue: 1)
        )
        while let length = reader.readUInt16(), let flags = reader.readUInt8(),
          let payload = reader.readSpan(min(Int(length), reader.remaining))
        {
          header.marker = flags & 1 != 0
          header.sequenceNumber += UInt16(flags >> 1 & 3)
          header.timestamp.rawValue &+= UInt32(flags >> 3)
          depacketizer.receive(payload, header: header)
          while let picture = depacketizer.nextAccessUnit() {
            for unit in picture.nalUnits {
              _ = H264ParameterSets(sequenceParameterSet: picture.bytes.span.extracting(unit))
            }
          }
        }
      },
      FuzzTarget("red", seeds: redundantSeeds) { input in
        guard let redundant = RedundantAudio(parsing: input.span) else { return }
        precondition(redundant.copies.count <= RedundantAudio.maximumCopies, "memory has grown")
        var end = redundant.copies.first?.range.lowerBound ?? redundant.newest.range.lowerBound
        for block in redundant.copies + [redundant.newest] {
          precondition(block.range.lowerBound == end, "bytes between the parts")
          _ = input.span.extracting(block.range)
          end = block.range.upperBound
        }
        precondition(end == input.count, "bytes behind the parts")
      },
      FuzzTarget("annexb", seeds: annexBSeeds) { input in
        var walk = AnnexB(input.span)
        while let unit = walk.next() {
          _ = H264ParameterSets(sequenceParameterSet: input.span.extracting(unit))
        }
      },
    ] + rtpReceivers

  private static let redundantSeeds: [[UInt8]] = [
    [111, 1, 2, 3], [0x80 | 111, 0x0F, 0, 2, 111, 1, 2, 3, 4],
    [0x80 | 111, 0x1E, 0, 1, 0x80 | 111, 0x0F, 0, 2, 111, 9, 1, 2, 3, 4],
  ]

  private static let rtpSeeds: [[UInt8]] = [
    [0x80, 0xE6, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0x65, 1, 2, 3],
    [0x90, 0x66, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 2]
      + [0x10, 0x30, 0x42, 0, 0, 0, 0, 0, 0x65, 1, 2, 3],
    [0xB1, 0x66, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, 0, 2]
      + [4, 0, 5, 3, 1, 2, 3, 0, 0x65, 1, 2, 3],
  ]

  static let rtcpSeeds: [[UInt8]] = {
    let sender = SSRC(rawValue: 7)
    let media = SSRC(rawValue: 1)
    let block = RTCPPacket.ReportBlock(
      ssrc: media,
      fractionLost: 12,
      cumulativeLost: -3,
      highestSequenceNumber: ExtendedSequenceNumber(rawValue: 70_000),
      jitter: 90,
      lastSenderReport: 1,
      delaySinceLastSenderReport: 65_536
    )
    let limit = RTCPPacket.BitrateLimit(ssrc: media, bitrate: .kilobits(500), overhead: 40)
    let report = RTCPPacket.SenderReport(
      ssrc: sender,
      ntp: 1 << 40,
      timestamp: RTPTime(rawValue: 5),
      packetCount: 3,
      octetCount: 4,
      reports: [block]
    )
    let packets: [RTCPPacket] = [
      .senderReport(report),
      .receiverReport(.init(ssrc: sender, reports: [block, block])),
      .sourceDescription([.init(ssrc: sender, canonicalName: "porthole", mid: "0")]),
      .bye([sender, media]),
      .pictureLossIndication(sender: sender, media: media),
      .fullIntraRequest(sender: sender, [.init(ssrc: media, number: 3)]),
      .genericNACK(
        sender: sender,
        media: media,
        [.init(first: SequenceNumber(rawValue: 9), following: 0xFFFF)]
      ),
      .receiverEstimatedMaximumBitrate(sender: sender, .kilobits(2000), media: [media]),
      .temporaryMaximumBitrateRequest(sender: sender, [limit]),
      .temporaryMaximumBitrateNotification(sender: sender, [limit]),
      .transportFeedback(sender: sender, media: media, [0, 1, 0, 2, 0, 0, 0, 0]),
      .extendedReport(
        .init(
          sender: sender,
          referenceTime: 1 << 40,
          answers: [.init(ssrc: media, lastReference: 7, delay: 9)]
        )
      ),
      .unknown(type: 210, format: 5),
    ]
    return packets.compactMap { packet in [UInt8](writing: { packet.write(into: &$0) }) }
  }()

  private static let h264Seeds: [[UInt8]] = [
    [0, 4, 1, 0x67, 0x42, 0xE0, 0x1F] + [0, 3, 3, 0x41, 1, 2],
    [0, 9, 2, 0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 2] + [0, 4, 3, 0x65, 1, 2, 3],
    [0, 4, 2, 0x7C, 0x85, 1, 2] + [0, 4, 2, 0x7C, 0x05, 3, 4] + [0, 4, 3, 0x7C, 0x45, 5, 6],
  ]

  private static let annexBSeeds: [[UInt8]] = [
    [0, 0, 0, 1, 0x67, 0x42, 0xE0, 0x1F, 0, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x65, 1, 2, 3, 0, 0, 3, 0],
    [0, 0, 1, 0, 0, 1, 0x41, 0, 0, 0, 0, 1],
  ]

  /// A sender that has sent a keyframe, for control packets to act on.
  static let rtcpSender: VideoSender = {
    var configuration = VideoSender.Configuration(
      ssrc: SSRC(rawValue: 1),
      payloadType: PayloadType(lowBitsOf: 102),
      cname: "porthole"
    )
    configuration.retransmissionSSRC = SSRC(rawValue: 2)
    configuration.retransmissionPayloadType = PayloadType(lowBitsOf: 103)
    var random = RandomSource.seeded(1)
    var sender = VideoSender(configuration, random: random, at: .zero)
    sender.enqueue(.sample([20, 8, 9000], isKeyframe: true, using: &random), at: .zero)
    while [UInt8](writing: { sender.nextPacket(into: &$0, at: .zero + .milliseconds(500)) }) != nil
    {}
    return sender
  }()
}
