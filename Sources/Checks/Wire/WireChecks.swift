// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension Check {
  /// Published vectors of the encodings, checksums and digests in Wire.
  public static let wire: [Check] = [
    Check("RFC 4648 section 10: base64 both ways") {
      let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
      ]
      for (plain, encoded) in vectors {
        try expectEqual(Text.base64(Array(plain.utf8)), encoded, "base64 of \(plain)")
        try expectEqual(Text.bytes(base64: encoded), Array(plain.utf8), "bytes of \(encoded)")
      }
    },
    Check("RFC 4648 section 10: hexadecimal both ways") {
      let vectors = [
        ("", ""), ("f", "66"), ("fo", "666f"), ("foo", "666f6f"), ("foob", "666f6f62"),
        ("fooba", "666f6f6261"), ("foobar", "666f6f626172"),
      ]
      for (plain, encoded) in vectors {
        try expectEqual(Text.hex(plain.utf8), encoded, "hex of \(plain)")
        try expectEqual(Text.bytes(hex: encoded), Array(plain.utf8), "bytes of \(encoded)")
        try expectEqual(Text.bytes(hex: encoded.uppercased()), Array(plain.utf8), "upper case")
      }
    },
    Check("base64 and hexadecimal survive a round trip of any bytes") {
      var random = RandomSource.seeded(1)
      for count in 0..<300 {
        let bytes = random.bytes(count)
        try expectEqual(Text.bytes(base64: Text.base64(bytes)), bytes, "base64 of \(count) bytes")
        try expectEqual(Text.bytes(hex: Text.hex(bytes)), bytes, "hex of \(count) bytes")
      }
    },
    Check("CRC-32 and CRC-32C give their check values") {
      let digits = Array("123456789".utf8)
      try expectEqual(Checksum.crc32(digits.span), 0xCBF4_3926, "CRC-32")
      try expectEqual(Checksum.crc32c(digits.span), 0xE306_9283, "CRC-32C")
      try expectEqual(Checksum.crc32([UInt8]().span), 0, "CRC-32 of nothing")
    },
    Check("RFC 3720 B.4: CRC-32C") {
      let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0...31), 0x46DD_794E),
        ((0...31).reversed(), 0x113F_DB5C),
        (
          Text.bytes(
            hex: "01c0000000000000000000000000000014000000000004000000001400000018"
              + "28000000000000000200000000000000"
          ) ?? [], 0xD996_3A56
        ),
      ]
      for (bytes, expected) in vectors {
        try expectEqual(Checksum.crc32c(bytes.span), expected, "CRC-32C of \(Text.hex(bytes))")
      }
    },
    Check("RFC 2202 section 3: HMAC-SHA1") {
      let vectors: [(key: [UInt8], data: [UInt8], digest: String)] = [
        (
          Array(repeating: 0x0B, count: 20), Array("Hi There".utf8),
          "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        (
          Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        (
          Array(repeating: 0xAA, count: 20), Array(repeating: 0xDD, count: 50),
          "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        (
          Array(1...25), Array(repeating: 0xCD, count: 50),
          "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
        ),
        (
          Array(repeating: 0x0C, count: 20), Array("Test With Truncation".utf8),
          "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"
        ),
        (
          Array(repeating: 0xAA, count: 80),
          Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
          "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
        (
          Array(repeating: 0xAA, count: 80),
          Array(
            "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8
          ),
          "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
        ),
      ]
      for (key, data, digest) in vectors {
        try expectEqual(Text.hex(Hash.hmacSHA1(key: key, data.span)), digest, "HMAC-SHA1")
      }
    },
    Check("FIPS 180: SHA-1 and SHA-256 of nothing and of abc") {
      let abc = Array("abc".utf8)
      try expectEqual(
        Text.hex(Hash.sha1([])),
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "SHA-1 of nothing"
      )
      try expectEqual(
        Text.hex(Hash.sha1(abc)),
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "SHA-1 of abc"
      )
      try expectEqual(
        Text.hex(Hash.sha256([])),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "SHA-256 of nothing"
      )
      try expectEqual(
        Text.hex(Hash.sha256(abc)),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "SHA-256 of abc"
      )
    },
    Check("every IPv6 address that is printed is read as the same one") {
      var random = RandomSource.seeded(2)
      for _ in 0..<2_000 {
        // Whole groups of zeros, so that every place and length of "::" comes up.
        var mask: UInt64 = 0
        for group in 0..<4 where Bool.random(using: &random) { mask |= 0xFFFF << (group * 16) }
        let high = random.next() & mask
        let low = random.next() & (Bool.random(using: &random) ? mask : ~mask)
        let address = IPAddress.v6(high: high, low: low, scope: UInt32(random.next() % 3))
        try expectEqual(IPAddress(address.description), address, address.description)
      }
    },
  ]
}
