// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct ChecksumTests {
  @Test func `notices every single flipped bit`() {
    let bytes: [UInt8] = Array(0..<64)
    let (iso, castagnoli) = (Checksum.crc32(bytes.span), Checksum.crc32c(bytes.span))
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        #expect(Checksum.crc32(damaged.span) != iso)
        #expect(Checksum.crc32c(damaged.span) != castagnoli)
      }
    }
  }
}
