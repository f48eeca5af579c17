// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
private import RTP
private import Wire

extension Check {
  /// Datagrams that have ended other programs, or could have ended this one.
  static let hostileRTCP: [Check] = [
    Check("refuses a REMB that counts more sources than it holds") {
      let remb: [UInt8] =
        [0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42]
        + [0xFF, 0x03, 0xFF, 0xFF, 0, 0, 0, 9]
      let found = read(remb)
      try expectEqual(found.packets, [], "packets")
      try expectEqual(found.malformed, 1, "malformed")
    },
    Check("saturates a REMB of 2 to the power of 81") {
      let remb: [UInt8] =
        [0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42]
        + [0x01, 0xFF, 0xFF, 0xFF, 0, 0, 0, 9]
      guard
        case .receiverEstimatedMaximumBitrate(_, let bitrate, let media)? = read(remb).packets.first
      else { throw CheckFailure(description: "not read as REMB") }
      try expectEqual(bitrate.bitsPerSecond, Int.max, "rate")
      try expectEqual(media, [SSRC(rawValue: 9)], "media")
    },
    Check("keeps transport-wide feedback with any status count unread") {
      let body: [UInt8] = [0, 1, 0xFF, 0xFF, 0, 0, 0, 0, 0x3F, 0xFF, 0x3F, 0xFF]
      let feedback: [UInt8] = [0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2] + body
      guard case .transportFeedback(_, _, let raw)? = read(feedback).packets.first else {
        throw CheckFailure(description: "not read as transport feedback")
      }
      try expectEqual(raw, body, "raw")
    },
    Check("survives NACKs of everything at the wrap of the sequence numbers") {
      var nack: [UInt8] = [0x81, 205, 0, 66, 0, 0, 0, 1, 0, 0, 0, 2]
      for _ in 0..<64 { nack += [0xFF, 0xF8, 0xFF, 0xFF] }
      guard case .genericNACK(_, _, let entries)? = read(nack).packets.first else {
        throw CheckFailure(description: "not read as NACK")
      }
      try expectEqual(entries.count, 64, "entries")
    },
    Check("stops at a length that leads past the end, keeping what stood before") {
      let pli: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
      let found = read(pli + [0x81, 206, 0xFF, 0xFF, 0, 0, 0, 1])
      try expectEqual(found.packets.count, 1, "packets")
      try expectEqual(found.malformed, 1, "malformed")
    },
    Check("reads behind packets of length zero") {
      let pli: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
      let found = read([0x80, 203, 0, 0, 0x81, 206, 0, 0, 0x80, 210, 0, 0] + pli)
      try expectEqual(found.packets.count, 3, "packets (BYE of nobody, unknown, PLI)")
      try expectEqual(found.malformed, 1, "malformed (PLI without a body)")
    },
    Check("refuses padding of zero, beyond the body, or not in words") {
      for padding: UInt8 in [0, 3, 12, 255] {
        let found = read([0xA0, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, padding])
        try expectEqual(found.malformed, 1, "malformed with padding \(padding)")
      }
      try expectEqual(read([0xA0, 203, 0, 0]).malformed, 1, "malformed with padding and no body")
      try expectEqual(
        read([0xA1, 203, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4]).packets,
        [.bye([SSRC(rawValue: 7)])],
        "BYE with good padding"
      )
    },
    Check("refuses report, chunk and source counts beyond the packet") {
      let body: [UInt8] = [0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
      for type: UInt8 in 200...203 {
        try expectEqual(read([0x9F, type] + body).malformed, 1, "malformed of type \(type)")
      }
    },
    Check("reads every truncation of a compound without a trap") {
      let compound = FuzzTarget.rtcpSeeds.flatMap { $0 }
      for count in 0...compound.count { _ = read(Array(compound.prefix(count))) }
      for index in compound.indices {
        for value: UInt8 in [0, 0x7F, 0x80, 0xFF] {
          var changed = compound
          changed[index] = value
          _ = read(changed)
        }
      }
    },
    Check("reads 64 kB of the smallest packets in linear time") {
      var datagram: [UInt8] = []
      for _ in 0..<16_000 { datagram += [0x80, 203, 0, 0] }
      try expectEqual(read(datagram).packets.count, 16_000, "packets")
    },
  ]

  private static func read(_ datagram: [UInt8]) -> (packets: [RTCPPacket], malformed: Int) {
    var reader = RTCPReader(datagram.span)
    var packets: [RTCPPacket] = []
    while let packet = reader.next() { packets.append(packet) }
    return (packets, reader.malformed)
  }
}
