// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The value by which each side knows the packets of an association (RFC 9260 section 8.5).
struct VerificationTag: RawRepresentable, Hashable, Sendable {
  var rawValue: UInt32

  /// What a packet with an INIT carries, and what no side may choose.
  static let zero = VerificationTag(rawValue: 0)

  /// A tag that is not zero.
  static func random(using random: inout RandomSource) -> VerificationTag {
    VerificationTag(rawValue: .random(in: 1...UInt32.max, using: &random))
  }
}

/// The first twelve bytes of every packet (RFC 9260 section 3.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |      Source Port Number       |   Destination Port Number     |
///     |                       Verification Tag                        |
///     |                           Checksum                            |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct CommonHeader: Hashable, Sendable {
  /// Bytes on the wire.
  static let length = 12

  var sourcePort: UInt16
  var destinationPort: UInt16
  var tag: VerificationTag
  /// As it stands in the packet; the CRC-32C with its bytes swapped, or zero.
  var checksum: UInt32 = 0

  /// The header of `packet`; `nil` when it is too short.
  static func parse(_ packet: Span<UInt8>) -> CommonHeader? {
    var reader = ByteReader(packet)
    guard let source = reader.readUInt16(), let destination = reader.readUInt16(),
      let tag = reader.readUInt32(), let checksum = reader.readUInt32()
    else { return nil }
    return CommonHeader(
      sourcePort: source,
      destinationPort: destination,
      tag: VerificationTag(rawValue: tag),
      checksum: checksum
    )
  }

  /// Appends the header with a checksum of zero.
  func write(into slot: inout OutputSpan<UInt8>) {
    slot.append(bigEndian: sourcePort)
    slot.append(bigEndian: destinationPort)
    slot.append(bigEndian: tag.rawValue)
    slot.append(bigEndian: UInt32(0))
  }

  /// The checksum that belongs into `packet`, which has a header.
  static func checksum(of packet: Span<UInt8>) -> UInt32 {
    let blank: InlineArray<4, UInt8> = [0, 0, 0, 0]
    var crc = CRC32C()
    crc.update(packet.extracting(0..<8))
    crc.update(blank.span)
    crc.update(packet.extracting(12..<packet.count))
    return crc.value.byteSwapped
  }

  /// Puts the checksum into the packet that begins at `start` of `slot`.
  static func seal(_ slot: inout OutputSpan<UInt8>, from start: Int) {
    let checksum = checksum(of: slot.span.extracting(start..<slot.count))
    for index in 0..<4 {
      slot[start + 8 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
    }
  }
}
