// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension Check {
  /// Payloads of H.264, byte streams and parameter sets.
  static let museumH264: [Check] = [
    Check(
      "the size of an aggregated unit leads past the packet",
      after: "awslabs/amazon-kinesis-video-streams-webrtc-sdk-c #2357"
    ) {
      for size: UInt16 in [3, 4, 1_000, 0x7FFF, 0xFFFE, 0xFFFF] {
        var payload: [UInt8] = [0x78]
        payload.append(bigEndian: size)
        try expectDropped([payload + [0x67, 1]], malformed: 1)
      }
    },
    Check(
      "a packet ends inside the size of its second unit",
      after: "pion/rtp #270"
    ) {
      try expectDropped([[0x78, 0, 2, 0x67, 1, 0]], malformed: 1)
      try expectDropped([[0x78, 0, 2, 0x67, 1, 0, 5]], malformed: 1)
      try expectDropped([[0x78, 0]], malformed: 1)
      try expectDropped([[0x78]], malformed: 1)
      try expectDropped([[0x78, 0, 0, 0, 0]], malformed: 1)
    },
    Check("a fragment has no header, or nothing behind it", after: "sepfy/libpeer #283") {
      try expectDropped([[0x1C]], malformed: 1)
      try expectDropped([[0x1C, 0x85]], malformed: 1)
      try expectDropped([[0x1C, 0x00]], malformed: 1)
    },
    Check(
      "fragments end that have not begun, begin twice, or do both at once",
      after: "sepfy/libpeer #283"
    ) {
      try expectDropped([[0x7C, 0x45, 1]], malformed: 1)
      try expectDropped([[0x7C, 0x05, 1]], malformed: 1)
      try expectDropped([[0x7C, 0x85, 1], [0x7C, 0x85, 1]], malformed: 1)
      try expectDropped([[0x7C, 0xC5, 1]], malformed: 1)
      try expectDropped([[0x7C, 0x85, 1], [0x65, 1]], malformed: 1)
      try expectDropped([[0x7C, 0x9C, 1]], malformed: 1)
    },
    Check("a picture without a unit ends", after: "bluenviron/mediamtx #4346") {
      // Padding alone is no part of a picture, and harms none.
      try expectDropped([[]], malformed: 0, damaged: 0)
      try expectDropped([[], [], []], malformed: 0, damaged: 0)
    },
    Check(
      "a byte stream without a start code has no unit",
      after: "CVE-2026-26203"
    ) {
      for bytes: [UInt8] in [
        [], [0], [0, 0], [0, 0, 0], [0, 0, 1], [0x65, 1, 2, 3], [1, 0, 0, 2],
      ] {
        try expectEqual(AnnexB.nalUnits(in: bytes.span), [], "\(bytes)")
      }
      let whole: [UInt8] = [9, 0, 0, 1, 0x65, 7]
      try expectEqual(AnnexB.nalUnits(in: whole.span), [4..<6], "a unit after garbage")
    },
    Check(
      "a sequence parameter set is shorter than its profile and level",
      after: "bluenviron/mediamtx #590, AlexxIT/go2rtc #1652"
    ) {
      let whole: [UInt8] = [0x67, 0x42, 0xE0, 0x1F]
      for count in 0..<4 {
        let cut = Array(whole.prefix(count))
        try expectEqual(H264ParameterSets(sequenceParameterSet: cut.span), nil, "\(count) bytes")
      }
      let found = H264ParameterSets(sequenceParameterSet: whole.span)
      try expectEqual(found?.profileLevelID, 0x42E01F, "profile and level")
    },
    Check(
      "a picture of more units than one may have is dropped, not collected",
      after: "AlexxIT/go2rtc #675"
    ) {
      var depacketizer = H264Depacketizer(maximumBytes: 100_000, maximumUnits: 100)
      var header = firstHeader
      let payload: [UInt8] = [0x78] + (0..<300).flatMap { _ in [0, 1, 0x41] as [UInt8] }
      for _ in 0..<1_000 {
        depacketizer.receive(payload.span, header: header)
        header.sequenceNumber += 1
      }
      try expectEqual(depacketizer.statistics.malformed, 1, "too much")
      try expectAlive(&depacketizer, after: header)
      try expectEqual(depacketizer.statistics.damagedAccessUnits, 1, "damaged pictures")
    },
  ]

  private static let firstHeader = RTPHeader(
    payloadType: PayloadType(lowBitsOf: 102),
    sequenceNumber: SequenceNumber(rawValue: 65_534),
    timestamp: RTPTime(rawValue: 0),
    ssrc: SSRC(rawValue: 1)
  )

  /// Throws unless `payloads`, a picture of their own, come to nothing, and the next picture is whole.
  private static func expectDropped(
    _ payloads: [[UInt8]],
    malformed: UInt64,
    damaged: UInt64 = 1
  ) throws {
    var depacketizer = H264Depacketizer()
    var header = firstHeader
    for (index, payload) in payloads.enumerated() {
      header.marker = index == payloads.count - 1
      depacketizer.receive(payload.span, header: header)
      header.sequenceNumber += 1
    }
    try expectEqual(depacketizer.nextAccessUnit(), nil, "a picture of \(payloads)")
    try expectEqual(depacketizer.statistics.malformed, malformed, "malformed of \(payloads)")
    try expectEqual(depacketizer.statistics.damagedAccessUnits, damaged, "damaged by \(payloads)")
    try expectAlive(&depacketizer, after: header)
  }

  /// Throws unless a good picture with the next number comes out.
  private static func expectAlive(
    _ depacketizer: inout H264Depacketizer,
    after header: RTPHeader
  ) throws {
    var header = header
    header.timestamp.rawValue &+= 3_000
    header.marker = true
    let picture: [UInt8] = [0x65, 1, 2]
    depacketizer.receive(picture.span, header: header)
    try expectEqual(depacketizer.nextAccessUnit()?.bytes, picture, "the next picture")
  }
}
