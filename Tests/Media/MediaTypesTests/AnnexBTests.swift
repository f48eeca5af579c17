// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

@Suite struct AnnexBTests {
  private func units(_ bytes: [UInt8]) -> [[UInt8]] {
    AnnexB.nalUnits(in: bytes.span).map { Array(bytes[$0]) }
  }

  @Test func `finds units behind start codes of three and four bytes`() {
    let stream: [UInt8] = [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3]
    #expect(units(stream) == [[0x67, 1], [0x68, 2], [0x65, 3]])
  }

  @Test func `takes off zeros behind a unit and leaves out empty units`() {
    #expect(units([0, 0, 1, 0x65, 3, 0, 0, 0, 0]) == [[0x65, 3]])
    #expect(units([0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0x41]) == [[0x41]])
    #expect(units([0, 0, 1]).isEmpty)
  }

  @Test func `passes over what stands before the first start code`() {
    #expect(units([9, 9, 0, 0, 1, 0x41, 1]) == [[0x41, 1]])
    #expect(units([9, 9, 0, 0]).isEmpty)
    #expect(units([]).isEmpty)
  }

  @Test func `is not misled by emulation prevention or by ones`() {
    #expect(units([0, 0, 1, 0x65, 0, 0, 3, 1, 0, 1, 1, 1]) == [[0x65, 0, 0, 3, 1, 0, 1, 1, 1]])
  }

  @Test func `agrees with a search byte by byte on every stream of few symbols`() {
    // All streams of seven bytes out of 0, 1 and 2.
    for code in 0..<2187 {
      var bytes: [UInt8] = []
      var rest = code
      for _ in 0..<7 {
        bytes.append(UInt8(rest % 3))
        rest /= 3
      }
      #expect(units(bytes) == plainSearch(bytes), "\(bytes)")
    }
  }

  @Test func `stops at its limit`() {
    let stream = [UInt8]((0..<10).flatMap { _ in [0, 0, 1, 5] as [UInt8] })
    #expect(AnnexB.nalUnits(in: stream.span, limit: 4).count == 4)
  }

  private func plainSearch(_ bytes: [UInt8]) -> [[UInt8]] {
    var codes: [Int] = []
    var index = 0
    while index + 3 <= bytes.count {
      if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
        codes.append(index)
        index += 3
      } else {
        index += 1
      }
    }
    var units: [[UInt8]] = []
    for (position, code) in codes.enumerated() {
      let end = position + 1 < codes.count ? codes[position + 1] : bytes.count
      var unit = Array(bytes[(code + 3)..<end])
      while unit.last == 0 { unit.removeLast() }
      if !unit.isEmpty { units.append(unit) }
    }
    return units
  }
}
