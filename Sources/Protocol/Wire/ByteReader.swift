// SPDX-License-Identifier: Apache-2.0

/// A checked cursor over bytes from the wire: reading past the end answers `nil`, never traps.
///
/// `Span` and `Array` trap out of bounds and `UnsafeRawBufferPointer` does not check at all in
/// release builds, so wire bytes are read through this cursor only.
public struct ByteReader: ~Escapable {
  /// All the bytes, read and unread.
  public let bytes: Span<UInt8>
  /// How many bytes have been read.
  public private(set) var position = 0

  /// Starts at the first of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  /// How many bytes are left.
  public var remaining: Int { bytes.count - position }

  /// Whether every byte has been read.
  public var isAtEnd: Bool { position >= bytes.count }

  /// Reads one byte.
  @inlinable
  public mutating func readUInt8() -> UInt8? {
    guard let range = advance(by: 1) else { return nil }
    return bytes[range]
  }

  /// Reads two bytes, most significant first.
  @inlinable
  public mutating func readUInt16() -> UInt16? {
    guard let start = advance(by: 2) else { return nil }
    return UInt16(bytes[start]) << 8 | UInt16(bytes[start &+ 1])
  }

  /// Reads three bytes, most significant first.
  @inlinable
  public mutating func readUInt24() -> UInt32? {
    guard let start = advance(by: 3) else { return nil }
    return UInt32(bytes[start]) << 16 | UInt32(bytes[start &+ 1]) << 8
      | UInt32(bytes[start &+ 2])
  }

  /// Reads four bytes, most significant first.
  @inlinable
  public mutating func readUInt32() -> UInt32? {
    guard let start = advance(by: 4) else { return nil }
    return UInt32(bytes[start]) << 24 | UInt32(bytes[start &+ 1]) << 16
      | UInt32(bytes[start &+ 2]) << 8 | UInt32(bytes[start &+ 3])
  }

  /// Reads eight bytes, most significant first.
  @inlinable
  public mutating func readUInt64() -> UInt64? {
    guard remaining >= 8, let high = readUInt32(), let low = readUInt32() else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }

  /// Reads `count` bytes without copying them; `nil` when fewer are left or `count` is negative.
  @_lifetime(copy self)
  public mutating func readSpan(_ count: Int) -> Span<UInt8>? {
    guard let start = advance(by: count) else { return nil }
    return bytes.extracting(start..<(start &+ count))
  }

  /// Reads `count` bytes into an array; `nil` when fewer are left or `count` is negative.
  public mutating func readBytes(_ count: Int) -> [UInt8]? {
    guard let start = advance(by: count) else { return nil }
    return [UInt8](bytes.extracting(start..<(start &+ count)))
  }

  /// Passes over `count` bytes; `false`, and nothing passed, when fewer are left.
  @discardableResult
  public mutating func skip(_ count: Int) -> Bool {
    advance(by: count) != nil
  }

  /// Takes `count` bytes and answers where they start.
  @usableFromInline
  mutating func advance(by count: Int) -> Int? {
    guard count >= 0, count <= remaining else { return nil }
    let start = position
    position = start &+ count
    return start
  }
}

extension Array where Element == UInt8 {
  /// A copy of the bytes of `span`.
  public init(_ span: Span<UInt8>) {
    self.init()
    append(copying: span)
  }
}
