// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct HashTests {
  @Test func `takes an empty key and empty data`() {
    let digest = Hash.hmacSHA1(key: [], [UInt8]().span)
    #expect(Text.hex(digest) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")
  }

  @Test func `gives the length of each digest`() {
    #expect(Hash.sha1([1]).count == 20)
    #expect(Hash.sha256([1]).count == 32)
  }
}
