// SPDX-License-Identifier: Apache-2.0

extension Array where Element == UInt8 {
  /// Appends the bytes of `value`, most significant first.
  @inlinable
  public mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
    var shift = value.bitWidth
    while shift > 0 {
      shift -= 8
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Appends a copy of the bytes of `span`.
  public mutating func append(copying span: Span<UInt8>) {
    for index in span.indices { append(span[index]) }
  }

  /// The bytes that `write` puts into a lent buffer with `room` for so many bytes (at most 4,096);
  /// `nil` if it answers `false`.
  ///
  /// The buffer is empty unless less room is asked for: then something stands in front.
  /// For checks and for paths where an allocation does not matter; it stands in for the standard
  /// library's `init(capacity:initializingWith:)`, which version 6.2 does not have.
  public init?(room: Int = 4_096, writing write: (_ slot: inout OutputSpan<UInt8>) -> Bool) {
    var isWritten = false
    var count = 0
    let before = 4_096 - Swift.max(0, Swift.min(room, 4_096))
    let buffer = InlineArray<4_096, UInt8>(initializingWith: { slot in
      slot.append(repeating: 0xEE, count: before)
      isWritten = write(&slot)
      count = slot.count - before
      slot.append(repeating: 0, count: slot.freeCapacity)
    })
    guard isWritten else { return nil }
    self.init(buffer.span.extracting(before..<(before + count)))
  }

  /// Overwrites the bytes at `offset` with `value`, most significant first.
  ///
  /// Out of range is a bug of the caller: it traps.
  public mutating func replace(
    at offset: Int,
    bigEndian value: some FixedWidthInteger & UnsignedInteger
  ) {
    let width = value.bitWidth / 8
    for index in 0..<width {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> ((width - 1 - index) * 8))
    }
  }
}

extension OutputSpan where Element == UInt8 {
  /// Appends the bytes of `value`, most significant first; `false`, and nothing written, without room.
  @inlinable
  @discardableResult
  @_lifetime(self: copy self)
  public mutating func append(
    bigEndian value: some FixedWidthInteger & UnsignedInteger
  ) -> Bool {
    guard freeCapacity >= value.bitWidth / 8 else { return false }
    var shift = value.bitWidth
    while shift > 0 {
      shift -= 8
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
    return true
  }

  /// Appends a copy of `span`; `false`, and nothing written, without room.
  @inlinable
  @discardableResult
  @_lifetime(self: copy self)
  public mutating func append(copying span: Span<UInt8>) -> Bool {
    guard freeCapacity >= span.count else { return false }
    // The optimiser makes one block copy of this loop.
    for index in span.indices { append(span[index]) }
    return true
  }
}
