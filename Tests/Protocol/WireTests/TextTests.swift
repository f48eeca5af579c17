// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct TextTests {
  @Test(arguments: [
    "A", "AA", "AAA", "A===", "====", "=AAA", "AA=A", "Zg=", "Zg==\n", "Zm 9", "Zm9_", "Zm9-",
    "é===",
    "Zh==", "Zm9=",
  ])
  func `refuses base64 that is short, foreign, or has bits to spare`(_ text: String) {
    #expect(Text.bytes(base64: text) == nil)
  }

  @Test(arguments: ["0", "0g", "0x", " 00", "+1", "é"])
  func `refuses what is not hexadecimal`(_ text: String) {
    #expect(Text.bytes(hex: text) == nil)
  }

  @Test func `writes a separator between bytes of hexadecimal only`() {
    #expect(Text.hex([0x0A, 0xFF, 0x00], separator: ":") == "0a:ff:00")
    #expect(Text.hex([], separator: ":").isEmpty)
  }

  @Test func `compares byte strings of equal and unequal length`() {
    #expect(Text.isEqualInConstantTime([], []))
    #expect(Text.isEqualInConstantTime([1, 2], [1, 2]))
    #expect(!Text.isEqualInConstantTime([1, 2], [1, 3]))
    #expect(!Text.isEqualInConstantTime([1, 2], [1]))
    #expect(!Text.isEqualInConstantTime([0x80], [0]))
  }

  @Test func `reads decimal digits and nothing else`() {
    #expect(UInt8(digits: "0") == 0)
    #expect(UInt8(digits: "255") == 255)
    #expect(UInt16(digits: "007") == 7)
    for text in ["", "256", "+1", "-0", "-1", " 1", "1 ", "0x1", "1.0", "²", "٣"] {
      #expect(UInt8(digits: text) == nil, "\(text)")
    }
  }
}
