// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The head of a record (RFC 6347 section 4.1), 13 bytes.
///
/// ```
///   0      1   2     3   4     5          10    11  12     13
/// +------+---------+---------+----------------+----------+---------
/// | type | version |  epoch  | sequence number|  length  | body …
/// +------+---------+---------+----------------+----------+---------
/// ```
struct DTLSRecordHeader {
  enum Content: UInt8 {
    case changeCipherSpec = 20
    case alert = 21
    case handshake = 22
    case applicationData = 23
  }

  static let size = 13
  /// Where the number's six bytes are.
  static let numberOffset = 5

  let content: Content
  let epoch: UInt16
  let length: Int

  /// Reads a header; `nil` when it is cut off, of another version or of an unknown type.
  init?(_ reader: inout ByteReader) {
    guard let type = reader.readUInt8(), let content = Content(rawValue: type),
      let version = reader.readUInt16(), version == 0xFEFD || version == 0xFEFF,
      let epoch = reader.readUInt16(), reader.skip(6), let length = reader.readUInt16(),
      length > 0
    else { return nil }
    self.content = content
    self.epoch = epoch
    self.length = Int(length)
  }
}

/// The head of a handshake message or of a fragment of one (RFC 6347 section 4.2.2), 12 bytes.
///
/// ```
///   0      1      3   4   5      6         8    9         11    12
/// +------+----------+---------+--------------+----------------+---------
/// | type |  length  | number  |    offset    | fragment length| bytes …
/// +------+----------+---------+--------------+----------------+---------
/// ```
struct DTLSHandshakeHeader {
  static let size = 12
  static let clientHello: UInt8 = 1
  static let serverHello: UInt8 = 2

  let type: UInt8
  let length: Int
  let number: UInt16
  let offset: Int
  let fragmentLength: Int

  /// Whether the message is in one piece.
  var isWhole: Bool { offset == 0 && fragmentLength == length }

  /// Reads a header; `nil` when it is cut off or the fragment lies outside its message.
  init?(_ reader: inout ByteReader) {
    guard let type = reader.readUInt8(), let length = reader.readUInt24(),
      let number = reader.readUInt16(), let offset = reader.readUInt24(),
      let fragmentLength = reader.readUInt24(), offset + fragmentLength <= length,
      Int(fragmentLength) <= reader.remaining
    else { return nil }
    self.type = type
    self.length = Int(length)
    self.number = number
    self.offset = Int(offset)
    self.fragmentLength = Int(fragmentLength)
  }

  /// Whether a peer may send this message in clear text to a session of `role`.
  func isExpected(by role: DTLSRole) -> Bool {
    switch role {
    case .client: [2, 3, 4, 11, 12, 13, 14, 22].contains(type)
    case .server: [1, 11, 15, 16].contains(type)
    }
  }
}

/// What a ServerHello says about extensions (RFC 5246 section 7.4.1.3).
enum ServerHello {
  /// Whether the body of a ServerHello agrees to the extended master secret (RFC 7627).
  static func hasExtendedMasterSecret(_ body: Span<UInt8>) -> Bool {
    var reader = ByteReader(body)
    guard reader.skip(34), let session = reader.readUInt8(), reader.skip(Int(session) + 3),
      let total = reader.readUInt16(), Int(total) == reader.remaining
    else { return false }
    while let type = reader.readUInt16(), let length = reader.readUInt16() {
      if type == 23 { return true }
      guard reader.skip(Int(length)) else { return false }
    }
    return false
  }
}
