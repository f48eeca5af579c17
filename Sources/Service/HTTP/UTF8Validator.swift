// SPDX-License-Identifier: Apache-2.0

/// Tells, byte by byte and across fragments, whether a text is UTF-8 (RFC 3629 section 4).
struct UTF8Validator: Sendable {
  /// How many bytes of the current character are still to come.
  private var missing = 0
  /// What the next of them may be.
  private var allowed: ClosedRange<UInt8> = 0x80...0xBF

  /// Whether no character is cut off.
  var isComplete: Bool { missing == 0 }

  /// Takes the next byte; `false` when no text has it here.
  mutating func accepts(_ byte: UInt8) -> Bool {
    if missing > 0 {
      guard allowed.contains(byte) else { return false }
      missing -= 1
      allowed = 0x80...0xBF
      return true
    }
    switch byte {
    case 0x00...0x7F: return true
    case 0xC2...0xDF: return expect(1, 0x80...0xBF)
    // Neither what fits into two bytes, nor half of a UTF-16 pair.
    case 0xE0: return expect(2, 0xA0...0xBF)
    case 0xED: return expect(2, 0x80...0x9F)
    case 0xE1...0xEF: return expect(2, 0x80...0xBF)
    // Neither what fits into three bytes, nor more than U+10FFFF.
    case 0xF0: return expect(3, 0x90...0xBF)
    case 0xF4: return expect(3, 0x80...0x8F)
    case 0xF1...0xF3: return expect(3, 0x80...0xBF)
    default: return false
    }
  }

  private mutating func expect(_ count: Int, _ next: ClosedRange<UInt8>) -> Bool {
    missing = count
    allowed = next
    return true
  }
}
