// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension Check {
  /// Frames cut into packets and put together again.
  static let h264RoundTrips: [Check] =
    [64, 100, 257, 600, 1178, 4000].map { limit in
      Check("cuts any frame into payloads of at most \(limit) bytes and puts it together again") {
        var random = RandomSource.seeded(UInt64(limit))
        var number = SequenceNumber(rawValue: 65_500)
        var depacketizer = H264Depacketizer()
        for round in 0..<60 {
          let frame = randomFrame(limit: limit, round: round, using: &random)
          try roundTrip(frame, limit: limit, from: &number, through: &depacketizer)
        }
        try expectEqual(depacketizer.statistics.malformed, 0, "malformed payloads")
        try expectEqual(depacketizer.statistics.damagedAccessUnits, 0, "damaged pictures")
      }
    }

  private static func randomFrame(
    limit: Int,
    round: Int,
    using random: inout RandomSource
  ) -> EncodedFrame {
    var sizes: [Int] = []
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let sizesOfInterest = [1, 2, 25, limit - 3, limit - 1, limit, limit + 1, 2 * limit - 4]
      let chosen = sizesOfInterest.randomElement(using: &random) ?? 1
      sizes.append(
        Bool.random(using: &random) ? chosen : Int.random(in: 1...(limit * 5), using: &random)
      )
    }
    return .sample(sizes, number: UInt64(round), isKeyframe: round % 7 == 0, using: &random)
  }

  private static func roundTrip(
    _ frame: EncodedFrame,
    limit: Int,
    from number: inout SequenceNumber,
    through depacketizer: inout H264Depacketizer
  ) throws {
    let payloadType = PayloadType(lowBitsOf: 102)
    var packetizer = H264Packetizer(frame)
    var isLast = false
    while !isLast {
      guard let next = packetizer.next(maximumPayload: limit) else { break }
      isLast = next.isLast
      let write = { (slot: inout OutputSpan<UInt8>) -> Bool in
        H264Packetizer.write(next.piece, of: frame, into: &slot)
      }
      guard let payload = [UInt8](room: limit, writing: write) else {
        throw CheckFailure(description: "\(next.piece) does not fit in \(limit) bytes")
      }
      try expectEqual(payload.count, H264Packetizer.size(of: next.piece, of: frame), "size")
      try expectEqual(
        [UInt8](room: 4096, writing: write) ?? [],
        payload,
        "the payload written again"
      )
      try expect(
        payload[0] & 0x1F != 28 || payload[1] & 0xC0 != 0xC0,
        "a fragment is first and last"
      )
      let header = RTPHeader(
        marker: next.isLast,
        payloadType: payloadType,
        sequenceNumber: number,
        timestamp: RTPTime(rawValue: UInt32(truncatingIfNeeded: frame.number) &* 3000),
        ssrc: SSRC(rawValue: 1)
      )
      depacketizer.receive(payload.span, header: header)
      number += 1
    }
    try expect(isLast && packetizer.isAtEnd, "the last packet has no marker")
    guard let picture = depacketizer.nextAccessUnit() else {
      throw CheckFailure(description: "picture \(frame.number) did not come out")
    }
    try expectEqual(picture.nalUnits, frame.nalUnits, "NAL units")
    try expect(picture.bytes == frame.bytes, "the bytes of picture \(frame.number) differ")
    try expectEqual(picture.isKeyframe, frame.isKeyframe, "isKeyframe")
  }
}
