// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What an INIT ACK hands to the peer instead of our keeping it (RFC 9260 section 5.1.3).
///
/// A MAC under a key that never leaves us says that we made it and that nobody has changed it.
struct StateCookie: Hashable, Sendable {
  /// The tags of an association that stood when the cookie was made (RFC 9260 section 5.2.2).
  struct TieTags: Hashable, Sendable {
    static let none = TieTags(local: .zero, peer: .zero)
    var local: VerificationTag
    var peer: VerificationTag
  }

  /// Bytes on the wire: when, the tie tags, the agreement, the MAC.
  static let length = 8 + 8 + Agreement.length + macLength
  private static let macLength = 20

  /// When it was made; its lifetime counts from here.
  var created: Timestamp
  var tieTags: TieTags
  var agreement: Agreement

  /// The cookie with its MAC under `key`.
  func bytes(key: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.length)
    bytes.append(bigEndian: UInt64(bitPattern: created.nanoseconds))
    bytes.append(bigEndian: tieTags.local.rawValue)
    bytes.append(bigEndian: tieTags.peer.rawValue)
    agreement.write(to: &bytes)
    return bytes + Hash.hmacSHA1(key: key, bytes.span)
  }

  /// Reads what came back; `nil` unless it was made under `key` and not changed.
  static func parse(_ value: Span<UInt8>, key: [UInt8]) -> StateCookie? {
    guard value.count == length else { return nil }
    let signed = value.extracting(0..<(length - macLength))
    let mac = [UInt8](value.extracting((length - macLength)..<length))
    guard Text.isEqualInConstantTime(Hash.hmacSHA1(key: key, signed), mac) else { return nil }
    var reader = ByteReader(signed)
    guard let created = reader.readUInt64(), let local = reader.readUInt32(),
      let peer = reader.readUInt32(), let agreement = Agreement(&reader)
    else { return nil }
    return StateCookie(
      created: Timestamp(nanoseconds: Int64(bitPattern: created)),
      tieTags: TieTags(
        local: VerificationTag(rawValue: local),
        peer: VerificationTag(rawValue: peer)
      ),
      agreement: agreement
    )
  }
}
