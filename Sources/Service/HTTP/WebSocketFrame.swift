// SPDX-License-Identifier: Apache-2.0
private import Wire

/// The head of a frame (RFC 6455 section 5.2).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     ├F┼─RSV─┼opcode─┼M┼── length ───┼── if 126: 16 bits of length ──┤
///     ├──── if 127 instead: 64 bits of length, the highest one 0 ─────┤
///     ├──── if M: the key, byte i of the payload is ^ key[i mod 4] ───┤
struct WebSocketFrame: Hashable, Sendable {
  /// What a frame is.
  enum Opcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Whether the frame may stand between the fragments of a message.
    var isControl: Bool { rawValue >= 8 }
  }

  /// The most that a control frame carries.
  static let controlBytes = 125

  var opcode: Opcode
  /// Whether this is the last fragment of its message.
  var isFinal: Bool
  /// The key, first byte on top; 0 changes nothing.
  var key: UInt32
  /// Bytes of the payload.
  var length: Int

  /// How many bytes the head has whose second byte is `second`.
  static func headBytes(second: UInt8) -> Int {
    let extended =
      switch second & 0x7F {
      case 126: 2
      case 127: 8
      default: 0
      }
    return 2 + extended + (second & 0x80 == 0 ? 0 : 4)
  }

  /// Reads a whole head, which must have a key if and only if `isMasked`.
  init(_ head: Span<UInt8>, isMasked: Bool) throws(WebSocketFailure) {
    var reader = ByteReader(head)
    guard let first = reader.readUInt8(), let second = reader.readUInt8() else {
      throw WebSocketFailure(.protocolError, "A frame has no head.")
    }
    guard first & 0x70 == 0 else {
      throw WebSocketFailure(.protocolError, "A reserved bit is set, but no extension was agreed.")
    }
    guard let opcode = Opcode(rawValue: first & 0x0F) else {
      throw WebSocketFailure(.protocolError, "The opcode is reserved.")
    }
    guard (second & 0x80 != 0) == isMasked else {
      throw WebSocketFailure(
        .protocolError,
        isMasked ? "A frame of a client is not masked." : "A frame of a server is masked."
      )
    }
    self.opcode = opcode
    isFinal = first & 0x80 != 0
    length = try Self.length(second & 0x7F, &reader)
    key = isMasked ? reader.readUInt32() ?? 0 : 0
    guard !opcode.isControl || isFinal && length <= Self.controlBytes else {
      throw WebSocketFailure(
        .protocolError,
        "A control frame is fragmented or longer than \(Self.controlBytes) bytes."
      )
    }
  }

  private static func length(
    _ short: UInt8,
    _ reader: inout ByteReader
  ) throws(WebSocketFailure) -> Int {
    let length: UInt64
    let least: UInt64
    switch short {
    case 126: (length, least) = (reader.readUInt16().map { UInt64($0) } ?? 0, 126)
    case 127: (length, least) = (reader.readUInt64() ?? 0, 65_536)
    default: return Int(short)
    }
    guard length >= least else {
      throw WebSocketFailure(.protocolError, "A length is not in its shortest form.")
    }
    guard let length = Int(exactly: length) else {
      throw WebSocketFailure(.protocolError, "The highest bit of a length is set.")
    }
    return length
  }

  /// Appends a whole final frame to `output`, masked unless `key` is `nil`.
  static func append(
    _ opcode: Opcode,
    _ payload: some Collection<UInt8>,
    key: UInt32?,
    to output: inout [UInt8]
  ) {
    let count = payload.count
    output.append(0x80 | opcode.rawValue)
    let mask: UInt8 = key == nil ? 0 : 0x80
    switch count {
    case ...125:
      output.append(mask | UInt8(count))
    case ...65_535:
      output.append(mask | 126)
      output.append(bigEndian: UInt16(truncatingIfNeeded: count))
    default:
      output.append(mask | 127)
      output.append(bigEndian: UInt64(count))
    }
    guard var key else {
      output.append(contentsOf: payload)
      return
    }
    output.append(bigEndian: key)
    for byte in payload {
      output.append(byte ^ UInt8(truncatingIfNeeded: key >> 24))
      key = key << 8 | key >> 24
    }
  }

  /// The most bytes that a head has.
  static let maximumHeadBytes = 14
}
