// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The types of chunks that are understood (RFC 9260 section 3.2, RFC 3758, RFC 6525, RFC 8260).
enum ChunkType: UInt8, Sendable {
  case data = 0
  case initiation = 1
  case initiationAcknowledgement = 2
  case selectiveAcknowledgement = 3
  case heartbeat = 4
  case heartbeatAcknowledgement = 5
  case abort = 6
  case shutdown = 7
  case shutdownAcknowledgement = 8
  case error = 9
  case cookieEcho = 10
  case cookieAcknowledgement = 11
  case shutdownComplete = 14
  case interleavedData = 0x40
  case reconfiguration = 0x82
  case forwardTSN = 0xC0
  case interleavedForwardTSN = 0xC2
}

/// A chunk or a parameter as it lies in the packet: its type, and where its value is.
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
///     /                          Chunk Value                          /
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct RawChunk: Hashable, Sendable {
  var type: UInt8
  var flags: UInt8
  /// Where the value lies, without header and padding.
  var value: Range<Int>

  /// The chunk with its header.
  var whole: Range<Int> { (value.lowerBound - 4)..<value.upperBound }

  /// The type of a parameter: chunks use the two bytes as type and flags.
  var parameterType: UInt16 { UInt16(type) << 8 | UInt16(flags) }
}

/// What the upper two bits of a type that is not understood ask for (RFC 9260 section 3.2).
struct UnknownTypeAction: Hashable, Sendable {
  /// Whether to go on with what follows.
  var isSkipped: Bool
  /// Whether to tell the sender.
  var isReported: Bool

  init(_ type: UInt8) {
    isSkipped = type & 0x80 != 0
    isReported = type & 0x40 != 0
  }
}

/// A walk over the chunks of a packet, or the parameters of a chunk, which have the same form.
///
/// A length below four or beyond the end stops it, so that it always ends.
struct ChunkReader: Sendable {
  /// Whether the walk was stopped by a length.
  private(set) var isMalformed = false
  private var position: Int
  private var left: Int

  /// Starts at `position`; after `limit` elements the rest is passed over.
  init(from position: Int, limit: Int) {
    self.position = position
    left = limit
  }

  /// The next element of `bytes`, the same at each call; `nil` after the last.
  mutating func next(in bytes: Span<UInt8>) -> RawChunk? {
    guard left > 0, position < bytes.count else { return nil }
    left -= 1
    guard bytes.count - position >= 4 else {
      isMalformed = true
      return nil
    }
    let length = Int(bytes[position &+ 2]) << 8 | Int(bytes[position &+ 3])
    guard length >= 4, length <= bytes.count - position else {
      isMalformed = true
      left = 0
      return nil
    }
    let chunk = RawChunk(
      type: bytes[position],
      flags: bytes[position &+ 1],
      value: (position &+ 4)..<(position &+ length)
    )
    position &+= (length &+ 3) & ~3
    return chunk
  }

  /// Whether something follows.
  func hasMore(in bytes: Span<UInt8>) -> Bool { position < bytes.count }
}

extension Array where Element == UInt8 {
  /// Appends a chunk that is made once in a while, with its padding.
  mutating func append(chunk type: ChunkType, flags: UInt8 = 0, _ value: [UInt8]) {
    append(type.rawValue)
    append(flags)
    append(bigEndian: UInt16(truncatingIfNeeded: value.count + 4))
    append(contentsOf: value)
    append(contentsOf: repeatElement(0, count: -value.count & 3))
  }

  /// Appends a parameter or an error cause.
  ///
  /// What stands before it is padded: the padding of the last one does not count to the length of a
  /// chunk (RFC 9260 section 3.2).
  mutating func append(parameter type: UInt16, _ value: [UInt8]) {
    append(contentsOf: repeatElement(0, count: -count & 3))
    append(bigEndian: type)
    append(bigEndian: UInt16(truncatingIfNeeded: value.count + 4))
    append(contentsOf: value)
  }

  /// One chunk by itself.
  static func chunk(_ type: ChunkType, flags: UInt8 = 0, _ value: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(chunk: type, flags: flags, value)
    return bytes
  }
}
