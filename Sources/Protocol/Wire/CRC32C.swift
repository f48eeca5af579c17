// SPDX-License-Identifier: Apache-2.0

/// CRC-32C (Castagnoli) over bytes that come in pieces, eight at a time.
///
/// SCTP computes it over a packet whose checksum field counts as zero (RFC 9260 section 6.8), so
/// the packet is no one piece.
public struct CRC32C: Sendable {
  /// Eight tables of 256: the first is the usual one, each other looks a byte further ahead.
  private static let tables: [UInt32] = {
    var tables = (0..<256).map { byte in
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0x82F6_3B78 ^ (crc >> 1) : crc >> 1 }
      return crc
    }
    for index in 256..<2048 {
      let shorter = tables[index - 256]
      tables.append(tables[Int(shorter & 0xFF)] ^ (shorter >> 8))
    }
    return tables
  }()

  private var state = UInt32.max

  /// Begins with no bytes.
  public init() {}

  /// The checksum of all bytes so far.
  public var value: UInt32 { ~state }

  /// Goes on over `bytes`.
  public mutating func update(_ bytes: Span<UInt8>) {
    let tables = Self.tables
    var crc = state
    var index = 0
    while index &+ 8 <= bytes.count {
      crc ^=
        UInt32(bytes[index]) | UInt32(bytes[index &+ 1]) << 8 | UInt32(bytes[index &+ 2]) << 16
        | UInt32(bytes[index &+ 3]) << 24
      var next = tables[1792 &+ Int(crc & 0xFF)] ^ tables[1536 &+ Int(crc >> 8 & 0xFF)]
      next ^= tables[1280 &+ Int(crc >> 16 & 0xFF)] ^ tables[1024 &+ Int(crc >> 24)]
      next ^= tables[768 &+ Int(bytes[index &+ 4])] ^ tables[512 &+ Int(bytes[index &+ 5])]
      next ^= tables[256 &+ Int(bytes[index &+ 6])] ^ tables[Int(bytes[index &+ 7])]
      crc = next
      index &+= 8
    }
    while index < bytes.count {
      crc = tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ (crc >> 8)
      index &+= 1
    }
    state = crc
  }
}
