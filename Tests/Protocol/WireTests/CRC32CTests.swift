// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct CRC32CTests {
  @Test func `gives the same for any cut of the bytes`() {
    var random = RandomSource.seeded(1)
    for count in 0..<70 {
      let bytes = random.bytes(count)
      let whole = checksum([bytes])
      for cut in 0...count {
        #expect(checksum([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
      }
    }
  }

  @Test func `gives the check value of its catalogue`() {
    #expect(checksum([Array("123456789".utf8)]) == 0xE306_9283)
    #expect(checksum([]) == 0)
  }

  private func checksum(_ pieces: [[UInt8]]) -> UInt32 {
    var crc = CRC32C()
    for piece in pieces { crc.update(piece.span) }
    return crc.value
  }
}
