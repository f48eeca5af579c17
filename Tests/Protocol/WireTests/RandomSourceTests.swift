// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct RandomSourceTests {
  /// The first numbers of SplitMix64 from the state 1234567.
  @Test func `repeats the published numbers of SplitMix64`() {
    var random = RandomSource.seeded(1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test func `gives the bytes and letters that were asked for`() {
    var random = RandomSource.seeded(1)
    for count in [0, 1, 7, 8, 9, 100] {
      #expect(random.bytes(count).count == count)
      let text = random.text(count, of: "ab")
      #expect(text.utf8.count == count)
      #expect(text.allSatisfy { $0 == "a" || $0 == "b" })
    }
  }

  @Test func `draws every letter about equally often`() {
    var random = RandomSource.seeded(2)
    var counts: [Character: Int] = [:]
    for letter in random.text(30_000, of: "abc") { counts[letter, default: 0] += 1 }
    #expect(counts.count == 3)
    #expect(counts.values.allSatisfy { (9_500...10_500).contains($0) })
  }

  @Test func `differs from one system source to the next`() {
    var first = RandomSource.system
    var second = RandomSource.system
    #expect(first.bytes(16) != second.bytes(16))
  }
}
