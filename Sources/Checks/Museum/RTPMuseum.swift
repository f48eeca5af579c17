// SPDX-License-Identifier: Apache-2.0
private import RTP
private import Wire

extension Check {
  /// RTP headers, padding, extensions and sequence numbers.
  static let museumRTP: [Check] = [
    Check("an RTP header cut short by any number of bytes is none", after: "pion/webrtc #285") {
      for count in 0..<12 {
        try expect(parse(Array(good.prefix(count))) == nil, "\(count) bytes were read")
      }
      try expectEqual(parse(good)?.payload, 12..<16, "payload")
    },
    Check("contributors reach past the end", after: "pion/webrtc #247") {
      for count: UInt8 in 2...15 {
        try expect(parse([0x80 | count] + good.dropFirst()) == nil, "\(count) contributors")
      }
      try expectEqual(parse([0x81] + good.dropFirst())?.payload, 16..<16, "payload")
    },
    Check(
      "the length of the extensions wraps a header length of 16 bits",
      after: "pion/webrtc #3507"
    ) {
      let head = [0x90] + good.dropFirst().prefix(11)
      for words: UInt16 in [1, 0x3FFC, 0x3FFD, 0x4000, 0x7FFF, 0xFFFC, 0xFFFF] {
        var packet = head + [0xBE, 0xDE]
        packet.append(bigEndian: words)
        try expect(parse(packet) == nil, "\(words) words of nothing were read")
      }
      for count in 12..<16 {
        try expect(
          parse(Array((head + [0xBE, 0xDE, 0, 0]).prefix(count))) == nil,
          "\(count) bytes"
        )
      }
      try expectEqual(parse(head + [0xBE, 0xDE, 0, 0])?.payload, 16..<16, "payload")
    },
    Check(
      "padding is longer than the payload, or zero, or longer than the packet",
      after: "CVE-2025-49140"
    ) {
      for padding: UInt8 in [0, 5, 12, 16, 17, 255] {
        let packet = [0xA0] + good.dropFirst().dropLast() + [padding]
        try expect(parse(packet) == nil, "padding of \(padding)")
      }
      try expectEqual(parse([0xA0] + good.dropFirst().dropLast() + [4])?.payload, 12..<12, "all")
    },
    Check("an extension has the reserved number 15", after: "lynckia/licode #2046") {
      try expectEqual(elements([0x10, 7, 0xF0, 1, 0x20, 2, 0, 0]), [[1, 7]], "elements")
      try expectEqual(elements([0xFF, 7, 0x10, 1]), [], "elements")
    },
    Check(
      "an extension has number 0 and a length",
      after: "OvenMediaLabs/OvenMediaEngine #2312"
    ) {
      try expectEqual(elements([0x10, 7, 0x01, 1, 1, 0x20, 2, 0]), [[1, 7]], "elements")
      try expectEqual(elements([0x0F, 0x20, 2, 0]), [], "elements")
      try expectEqual(elements([0, 0x20, 2, 0]), [[2, 2]], "padding is still passed over")
    },
    Check("an extension's value reaches past its block", after: "jitsi/libjitsi #211") {
      for length: UInt8 in 2...15 {
        try expectEqual(elements([0x10, 7, 0x20 | length, 1]), [[1, 7]], "length \(length)")
      }
    },
    Check(
      "a sequence number jumps back by more than half the circle",
      after: "algesten/str0m #716"
    ) {
      for jump: UInt16 in [0x7FFF, 0x8000, 0x8001, 0xC000, 0xFF00] {
        var statistics = ReceptionStatistics(ssrc: SSRC(rawValue: 1))
        for number: UInt16 in 0..<10 {
          statistics.receive(
            SequenceNumber(rawValue: number),
            timestamp: .init(rawValue: 0),
            at: .zero
          )
        }
        let isTaken = statistics.receive(
          SequenceNumber(rawValue: 9 &+ jump),
          timestamp: .init(rawValue: 0),
          at: .zero
        )
        try expect(!isTaken, "a jump of \(jump) was believed")
        try expectEqual(statistics.highestSequenceNumber.rawValue, 9, "highest after \(jump)")
        try expectEqual(statistics.cumulativeLost, 0, "lost after \(jump)")
        try expect(
          statistics.receive(
            SequenceNumber(rawValue: 10),
            timestamp: .init(rawValue: 0),
            at: .zero
          ),
          "the next in order was dropped after \(jump)"
        )
      }
    },
  ]

  private static let good: [UInt8] = [
    0x80, 0x66, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x65, 1, 2, 3,
  ]

  private static func parse(_ packet: [UInt8]) -> (header: RTPHeader, payload: Range<Int>)? {
    RTPHeader.parse(packet.span)
  }

  /// The one-byte elements of a block: each its number and its value.
  private static func elements(_ block: [UInt8]) -> [[UInt8]] {
    var packet = [0x90] + good.dropFirst().prefix(11) + [0xBE, 0xDE]
    packet.append(bigEndian: UInt16(block.count / 4))
    packet += block + [0x65]
    guard let (header, _) = RTPHeader.parse(packet.span) else { return [] }
    var walk = RTPExtensions(of: packet.span, header: header)
    var found: [[UInt8]] = []
    while let element = walk.next() { found.append([element.id] + packet[element.value]) }
    return found
  }
}
