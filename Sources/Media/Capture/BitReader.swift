// SPDX-License-Identifier: Apache-2.0

/// Reads the bits of a NAL unit, most significant first (H.264 sections 7.3.1, 7.2 and 9.1).
///
///     | 00 00 03 xx |   the 03 is no part of what is read when xx is 00 to 03: it keeps
///                       start codes from appearing inside
///
/// Every read answers `nil` at the end.
struct BitReader: ~Escapable {
  private let bytes: Span<UInt8>
  private var position = 0
  private var zeros = 0
  private var byte: UInt8 = 0
  private var left = 0

  /// Starts at the first bit of `bytes`.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  @_lifetime(self: copy self)
  mutating func readBit() -> UInt32? {
    if left == 0 {
      guard position < bytes.count else { return nil }
      if zeros >= 2, bytes[position] == 3 {
        position &+= 1
        zeros = 0
        guard position < bytes.count else { return nil }
      }
      byte = bytes[position]
      zeros = byte == 0 ? zeros &+ 1 : 0
      position &+= 1
      left = 8
    }
    left &-= 1
    return UInt32(byte >> UInt8(left) & 1)
  }

  @_lifetime(self: copy self)
  mutating func readFlag() -> Bool? {
    readBit().map { $0 == 1 }
  }

  /// Reads a number of `count` bits, at most 32.
  @_lifetime(self: copy self)
  mutating func readBits(_ count: Int) -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let bit = readBit() else { return nil }
      value = value << 1 | bit
    }
    return value
  }

  /// Reads ue(v), refusing what has more than 32 bits.
  @_lifetime(self: copy self)
  mutating func readUnsigned() -> UInt32? {
    var length = 0
    while true {
      guard let bit = readBit() else { return nil }
      if bit == 1 { break }
      length += 1
      guard length < 32 else { return nil }
    }
    guard let rest = readBits(length) else { return nil }
    return (UInt32(1) << UInt32(length)) &- 1 &+ rest
  }

  /// Reads ue(v) that is at most `limit`.
  @_lifetime(self: copy self)
  mutating func readUnsigned(upTo limit: UInt32) -> Int? {
    guard let value = readUnsigned(), value <= limit else { return nil }
    return Int(value)
  }

  /// Reads se(v).
  @_lifetime(self: copy self)
  mutating func readSigned() -> Int? {
    guard let code = readUnsigned() else { return nil }
    let half = Int((UInt64(code) + 1) / 2)
    return code & 1 == 1 ? half : -half
  }
}
