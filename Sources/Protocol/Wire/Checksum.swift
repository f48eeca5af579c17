// SPDX-License-Identifier: Apache-2.0

/// The two 32-bit cyclic redundancy checks of WebRTC.
public enum Checksum {
  private static let iso = (0..<256).map { byte in
    var crc = UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    return crc
  }

  /// CRC-32 of ITU V.42, as STUN's FINGERPRINT uses it before its XOR (RFC 8489 section 14.7).
  public static func crc32(_ bytes: Span<UInt8>) -> UInt32 {
    var crc: UInt32 = .max
    for index in bytes.indices {
      crc = iso[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ (crc >> 8)
    }
    return ~crc
  }

  /// CRC-32C (Castagnoli), as SCTP uses it (RFC 9260 appendix A), before its byte swap on the wire.
  public static func crc32c(_ bytes: Span<UInt8>) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }
}
