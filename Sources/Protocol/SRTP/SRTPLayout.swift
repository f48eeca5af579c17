// SPDX-License-Identifier: Apache-2.0
private import Wire

/// The shape of a packet, looked at before any cryptography touches it.
///
/// RFC 3711 section 3.1 (lengths in bytes):
/// ```
///  12 + 4 CC        4 + 4 n (X = 1)    any       10
/// +--------------+-------------------+---------+-----+
/// | RTP header   | header extension  | payload | tag |   SRTP
/// +--------------+-------------------+---------+-----+
///  8                any                4           10
/// +--------------+-------------------+-----------+-----+
/// | first header | compound rest     | E | index | tag | SRTCP
/// +--------------+-------------------+-----------+-----+
/// ```
enum SRTPLayout {
  /// Longer than any datagram that is ours.
  static let limit = 2048

  /// Whether an RTP header with its CSRCs and extension fits before `trailer` bytes.
  static func isRTP(_ packet: Span<UInt8>, trailer: Int) -> Bool {
    guard packet.count <= limit + trailer, packet.count >= trailer else { return false }
    var reader = ByteReader(packet.extracting(0..<(packet.count - trailer)))
    guard let first = reader.readUInt8(), first >> 6 == 2, reader.skip(11),
      reader.skip(Int(first & 0x0F) * 4)
    else { return false }
    guard first & 0x10 != 0 else { return true }
    guard reader.skip(2), let words = reader.readUInt16() else { return false }
    return reader.skip(Int(words) * 4)
  }

  /// Whether at least an RTCP header with its sender's SSRC stands before `trailer` bytes.
  static func isRTCP(_ packet: Span<UInt8>, trailer: Int) -> Bool {
    guard packet.count <= limit + trailer, packet.count >= trailer + 8 else { return false }
    var reader = ByteReader(packet)
    guard let first = reader.readUInt8() else { return false }
    return first >> 6 == 2
  }
}
