// SPDX-License-Identifier: Apache-2.0
import RTP
import Testing
import Wire

@Suite struct SSRCTests {
  @Test func `draws no identifier that is taken`() {
    var random = RandomSource.seeded(5)
    let first = SSRC.random(using: &random)
    random = RandomSource.seeded(5)
    let second = SSRC.random(using: &random, avoiding: [first])
    #expect(first.rawValue != 0)
    #expect(second != first)
  }

  @Test func `has payload types of seven bits`() {
    #expect(PayloadType(rawValue: 127)?.rawValue == 127)
    #expect(PayloadType(rawValue: 128) == nil)
    #expect(PayloadType(lowBitsOf: 0xE6).rawValue == 102)
  }
}
