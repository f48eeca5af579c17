// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension Check {
  /// RTCP of an authentic peer, and the stream that it is about.
  static let museumRTCP: [Check] = [
    Check(
      "a source description ends where zeros up to the next word should stand",
      after: "algesten/str0m #988"
    ) {
      var stand = RTCPStand()
      for body: [UInt8] in [
        [0, 0, 0, 7, 1, 3, 97, 98], [0, 0, 0, 7, 1, 255, 97, 98], [0, 0, 0, 7, 1, 2, 97, 98],
        [0, 0, 0, 7, 9, 1, 0, 15], [0, 0, 0, 7],
      ] {
        try expectEqual(stand.feed(packet(0x81, 202, body)), 1, "malformed of \(body)")
      }
      try stand.expectAlive()
    },
    Check(
      "a source description has more items than a list of them has places",
      after: "algesten/str0m #988"
    ) {
      var stand = RTCPStand()
      let items = (0..<400).flatMap { _ in [8, 1, 97] as [UInt8] }
      let body = [0, 0, 0, 7] + items + [UInt8](repeating: 0, count: 4 - items.count % 4)
      try expectEqual(stand.feed(packet(0x81, 202, body)), 0, "malformed")
      try stand.expectAlive()
    },
    Check(
      "a source description with items that are not kept leads to the packet behind it",
      after: "sipsorcery-org/sipsorcery #1809"
    ) {
      var stand = RTCPStand()
      let tool: [UInt8] = [0, 0, 0, 7, 1, 2, 97, 98, 6, 3, 99, 99, 99, 0, 0, 0]
      try expectEqual(stand.feed(packet(0x81, 202, tool) + pictureLoss), 0, "malformed")
      try expectEqual(stand.sender.statistics.pliCount, 1, "PLI behind it")
      try stand.expectAlive()
    },
    Check(
      "extended reports with blocks that lie about their length are passed over",
      after: "CVE-2021-43845, algesten/str0m #988"
    ) {
      var stand = RTCPStand()
      let blocks: [[UInt8]] = [
        [4, 0, 0, 0], [4, 0, 0xFF, 0xFF], [5, 0, 0, 1, 0, 0, 0, 1], [5, 0, 0xFF, 0xFF, 0, 0, 0, 1],
        [0, 0, 0, 0], [255, 255, 255, 255],
      ]
      for block in blocks {
        let report = packet(0x80, 207, [0, 0, 0, 7] + block)
        try expectEqual(stand.feed(report + pictureLoss), 0, "malformed")
      }
      try expectEqual(stand.sender.statistics.pliCount, 6, "PLI behind them")
      try stand.expectAlive()
    },
    Check(
      "the reason of a BYE says it is longer than the packet",
      after: "CVE-2021-43804"
    ) {
      var stand = RTCPStand()
      for length: UInt8 in [4, 200, 255] {
        let bye = packet(0x81, 203, [0, 0, 0, 7, length, 98, 121, 101])
        try expectEqual(stand.feed(bye + pictureLoss), 0, "malformed")
      }
      try expectEqual(stand.sender.statistics.pliCount, 3, "PLI behind them")
      try stand.expectAlive()
    },
    Check(
      "reports count more blocks than their packet holds, though the datagram goes on",
      after: "meetecho/janus-gateway #3652, webrtc-rs/webrtc #678"
    ) {
      var stand = RTCPStand()
      let filler = packet(0x80, 210, [UInt8](repeating: 1, count: 800))
      for count: UInt8 in 1...31 {
        let receiver = packet(0x80 | count, 201, [0, 0, 0, 7] + [UInt8](repeating: 1, count: 20))
        try expectEqual(stand.feed(receiver + filler), 1, "malformed RR of \(count)")
        let sender = packet(0x80 | count, 200, [UInt8](repeating: 1, count: 44))
        try expectEqual(stand.feed(sender + filler), 1, "malformed SR of \(count)")
      }
      try expectEqual(stand.sender.statistics.remote, nil, "a report was believed")
      try stand.expectAlive()
    },
    Check(
      "a length leads past the end of the datagram",
      after: "pjsip/pjproject #2166, CVE-2022-21722"
    ) {
      var stand = RTCPStand()
      for type in 200...207 as ClosedRange<UInt8> {
        for words: UInt16 in [2, 3, 0x7FFF, 0xFFFE, 0xFFFF] {
          var lie: [UInt8] = [0x81, type]
          lie.append(bigEndian: words)
          try expectEqual(
            stand.feed(lie + [0, 0, 0, 7]),
            1,
            "malformed of \(type), \(words) words"
          )
        }
      }
      try stand.expectAlive()
    },
    Check(
      "bytes that are no packet stand behind those that are",
      after: "sipsorcery-org/sipsorcery #728"
    ) {
      var stand = RTCPStand()
      for tail: [UInt8] in [[0x80], [0x80, 200], [0x80, 200, 0], [1, 2, 3, 4], [0, 0, 0, 0, 0]] {
        try expectEqual(stand.feed(pictureLoss + tail), 1, "malformed of \(tail)")
      }
      try expectEqual(stand.sender.statistics.pliCount, 5, "PLI before them")
      try stand.expectAlive()
    },
    Check(
      "a packet of an unknown type is as long as a datagram",
      after: "gpac/gpac #3638"
    ) {
      var stand = RTCPStand()
      let report = packet(0x80, 201, [0, 0, 0, 7])
      for type: UInt8 in [192, 199, 204, 208, 223, 255] {
        let unknown = packet(0x9F, type, [UInt8](repeating: 0x41, count: 1_400))
        try expectEqual(stand.feed(report + unknown + pictureLoss), 0, "malformed of \(type)")
      }
      try expectEqual(stand.sender.statistics.pliCount, 6, "PLI behind them")
      try stand.expectAlive()
    },
    Check(
      "feedback of other formats counts more reports than it holds",
      after: "VideoTogether/VideoTogether #178, CVE-2022-24786"
    ) {
      var stand = RTCPStand()
      let streams: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 1]
      // RFC 8888 with 0xFFFF reports, RPSI with 255 bits of padding, and both of no body at all.
      let reports = packet(0x8B, 205, streams + [0, 0, 0, 1, 0, 0, 0xFF, 0xFF])
      let selection = packet(0x83, 206, streams + [255, 96, 0, 0])
      for feedback in [reports, selection, packet(0x8B, 205, streams), packet(0x83, 206, streams)] {
        try expectEqual(stand.feed(feedback + pictureLoss), 0, "malformed")
      }
      try expectEqual(stand.feed(packet(0x8B, 205, [0, 0, 0, 7])), 1, "malformed without a stream")
      try expectEqual(stand.sender.statistics.pliCount, 4, "PLI behind them")
      try stand.expectAlive()
    },
    Check(
      "transport-wide feedback tells of packets that were never sent",
      after: "algesten/str0m #51, algesten/str0m #523"
    ) {
      var stand = RTCPStand()
      for base: UInt16 in [0, 1_199, 0x7FFF, 0xFFFF] {
        var body: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 1]
        body.append(bigEndian: base)
        body += [0xFF, 0xFF, 0x80, 0, 0, 0, 0xBF, 0xFF, 0x3F, 0xFF, 0x80, 0, 0x7F, 0xFF]
        body += [0, 0, 0, 0]
        let before = stand.sender.statistics
        try expectEqual(stand.feed(packet(0x8F, 205, body)), 0, "malformed")
        try expectEqual(stand.sender.statistics, before, "statistics")
      }
      try stand.expectAlive()
    },
    Check(
      "an estimate counts more streams than it holds, or streams that are not there",
      after: "awslabs/amazon-kinesis-video-streams-webrtc-sdk-c #232"
    ) {
      var stand = RTCPStand()
      let head: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42]
      for count: UInt8 in [2, 16, 255] {
        let lie = packet(0x8F, 206, head + [count, 0, 0xFF, 0xFF, 0, 0, 0, 1])
        try expectEqual(stand.feed(lie), 1, "malformed of \(count)")
      }
      let stranger = packet(0x8F, 206, head + [1, 0, 0xFF, 0xFF, 0, 0, 0xBE, 0xEF])
      try expectEqual(stand.feed(stranger), 0, "malformed of a strange stream")
      try expectEqual(stand.sender.receiverEstimate, nil, "estimate")
      try stand.expectAlive()
    },
    Check(
      "a report has a delay longer than the time since what it answers",
      after: "versatica/mediasoup #357"
    ) {
      var stand = RTCPStand()
      guard let (echo, highest) = stand.report() else {
        throw CheckFailure(description: "no sender report")
      }
      for delay: UInt32 in [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
        try expectEqual(stand.feed(block(highest, echo, delay)), 0, "malformed")
      }
      try expectEqual(stand.sender.statistics.remote?.roundTripTimeMeasurements, 0, "measured")
      try expectEqual(stand.feed(block(highest, echo, 0)), 0, "malformed")
      try expectEqual(stand.sender.statistics.remote?.roundTripTimeMeasurements, 1, "measured")
      try stand.expectAlive()
    },
    Check(
      "every packet there is is asked for again, sent or not",
      after: "versatica/mediasoup #923, versatica/mediasoup #975"
    ) {
      var stand = RTCPStand()
      let before = stand.sender.statistics.bytesSent
      for first in stride(from: 0, to: 65_536, by: 17 * 256) {
        var body: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 1]
        for entry in 0..<256 {
          body.append(bigEndian: UInt16(truncatingIfNeeded: first + entry * 17))
          body += [0xFF, 0xFF]
        }
        try expectEqual(stand.feed(packet(0x81, 205, body)), 0, "malformed")
      }
      let again = stand.sendAll()
      let statistics = stand.sender.statistics
      try expectEqual(statistics.nackCount, 16, "NACKs")
      try expect(statistics.retransmissionsRefused > 65_000, "\(statistics)")
      try expect(again < 20, "\(again) packets were sent again")
      try expect(statistics.bytesSent - before < 10_000, "too much was sent again")
      try stand.expectAlive()
    },
  ]

  /// A PLI for the stream of `RTCPStand`.
  fileprivate static let pictureLoss: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1]

  private static func packet(_ first: UInt8, _ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var packet = [first, type]
    packet.append(bigEndian: UInt16(body.count / 4))
    return packet + body
  }

  /// A receiver report for the stream of `RTCPStand`.
  private static func block(_ highest: UInt16, _ echo: UInt32, _ delay: UInt32) -> [UInt8] {
    var body: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0]
    body.append(bigEndian: UInt32(highest))
    body.append(bigEndian: UInt32(0))
    body.append(bigEndian: echo)
    body.append(bigEndian: delay)
    return packet(0x81, 201, body)
  }
}

/// A stream that has sent a keyframe, and a receiver that says what it likes about it.
private struct RTCPStand {
  private(set) var sender = FuzzTarget.rtcpSender
  private var now = Timestamp.zero + .seconds(1)

  init() {
    _ = sendAll()
  }

  /// Feeds a datagram; answers how many packets in it were malformed.
  mutating func feed(_ datagram: [UInt8]) -> Int {
    var reader = RTCPReader(datagram.span)
    while let packet = reader.next() { sender.receive(packet, at: now) }
    return reader.malformed
  }

  /// Sends what waits; answers how many packets that were.
  mutating func sendAll() -> Int {
    var count = 0
    for _ in 0..<200 {
      now += .milliseconds(5)
      let instant = now
      while [UInt8](writing: { sender.nextPacket(into: &$0, at: instant) }) != nil { count += 1 }
    }
    return count
  }

  /// Sends a sender report; answers what of it is to be echoed, and the highest number sent.
  mutating func report() -> (echo: UInt32, highest: UInt16)? {
    let instant = now
    let bytes = [UInt8](writing: {
      sender.nextControl(into: &$0, at: instant, wallClock: WallClock(unixNanoseconds: 1))
    })
    guard let bytes else { return nil }
    var reader = RTCPReader(bytes.span)
    guard case .senderReport(let report)? = reader.next() else { return nil }
    var random = RandomSource.seeded(2)
    let frame = EncodedFrame.sample([9], number: 1, using: &random)
    sender.enqueue(frame, at: instant)
    let packet = [UInt8](writing: { sender.nextPacket(into: &$0, at: instant) })
    guard let packet, let (header, _) = RTPHeader.parse(packet.span) else { return nil }
    return (UInt32(truncatingIfNeeded: report.ntp >> 16), header.sequenceNumber.rawValue)
  }

  /// Throws unless a good PLI is still heard.
  mutating func expectAlive() throws {
    let before = sender.statistics.pliCount
    try expectEqual(feed(Check.pictureLoss), 0, "malformed of a good PLI")
    try expectEqual(sender.statistics.pliCount, before + 1, "PLIs")
  }
}
