// SPDX-License-Identifier: Apache-2.0
import RTP
import Testing

@Suite struct SequenceNumberTests {
  private func number(_ raw: UInt16) -> SequenceNumber { SequenceNumber(rawValue: raw) }

  @Test func `goes from 65535 to 0`() {
    #expect(number(65_535).next == number(0))
    #expect(number(65_530) + 10 == number(4))
  }

  @Test func `orders numbers the short way round the circle`() {
    #expect(number(1).precedes(number(2)))
    #expect(number(65_535).precedes(number(0)))
    #expect(!number(0).precedes(number(65_535)))
    #expect(number(0).precedes(number(32_767)))
    #expect(!number(0).precedes(number(32_768)))
    #expect(!number(32_768).precedes(number(0)))
    #expect(!number(7).precedes(number(7)))
  }

  @Test func `counts steps forward across the wrap`() {
    #expect(number(3).distance(after: number(65_533)) == 6)
  }

  @Test func `takes the low bits of an extended number for the header`() {
    let extended = ExtendedSequenceNumber(rawValue: 0x0003_FFFE)
    #expect(extended.sequenceNumber == number(0xFFFE))
    #expect(extended < ExtendedSequenceNumber(rawValue: 0x0004_0000))
  }
}
