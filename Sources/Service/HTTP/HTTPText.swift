// SPDX-License-Identifier: Apache-2.0

/// A piece of a request, as bytes.
typealias HTTPText = ArraySlice<UInt8>

extension UInt8 {
  /// The byte with an ASCII letter in lower case.
  var lower: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }

  /// Whether the byte may stand in a token (RFC 9110 section 5.6.2).
  var isTokenByte: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C,
      0x7E:
      true
    default: false
    }
  }

  /// What the byte says as a hexadecimal digit.
  var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension ArraySlice where Element == UInt8 {
  /// The piece as a string; what is not UTF-8 becomes replacement characters.
  var string: String { String(decoding: self, as: UTF8.self) }

  /// Whether the piece is a token.
  var isToken: Bool { !isEmpty && allSatisfy(\.isTokenByte) }

  /// What is left without spaces and tabs at either end.
  var trimmed: HTTPText {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  /// What comes before the first `separator`, and what follows it (`nil` without a separator).
  func cut(at separator: UInt8) -> (head: HTTPText, tail: HTTPText?) {
    guard let index = firstIndex(of: separator) else { return (self, nil) }
    return (self[..<index], self[(index + 1)...])
  }

  /// The number that at most 18 decimal digits say; `nil` for anything else.
  var decimal: Int? {
    guard (1...18).contains(count) else { return nil }
    var value = 0
    for byte in self {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
  }

  /// The number that at most 15 hexadecimal digits say; `nil` for anything else.
  var hexadecimal: Int? {
    guard (1...15).contains(count) else { return nil }
    var value = 0
    for byte in self {
      guard let digit = byte.hexValue else { return nil }
      value = value << 4 | Int(digit)
    }
    return value
  }

  /// The bytes with `%XX` decoded, and `+` as a blank when `plusIsBlank`; `nil` for a broken escape.
  func percentDecoded(plusIsBlank: Bool = false) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var index = startIndex
    while index < endIndex {
      let byte = self[index]
      index += 1
      guard byte == UInt8(ascii: "%") else {
        result.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        continue
      }
      guard endIndex - index >= 2, let high = self[index].hexValue,
        let low = self[index + 1].hexValue
      else { return nil }
      result.append(high << 4 | low)
      index += 2
    }
    return result
  }
}
