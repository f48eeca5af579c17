// SPDX-License-Identifier: Apache-2.0

extension TOMLParser {
  /// A string in quotation marks, in which a backslash begins an escape.
  mutating func basicString() throws(TOMLError) -> String {
    let start = position
    try refuseThree(UInt8(ascii: "\""))
    step()
    var content: [UInt8] = []
    while true {
      let byte = try stringByte(start)
      switch byte {
      case UInt8(ascii: "\""): return try Self.text(content, start)
      case UInt8(ascii: "\\"): content += String(try escape()).utf8
      default: content.append(byte)
      }
    }
  }

  /// A string between apostrophes, in which every character stands for itself.
  mutating func literalString() throws(TOMLError) -> String {
    let start = position
    try refuseThree(UInt8(ascii: "'"))
    step()
    var content: [UInt8] = []
    while true {
      let byte = try stringByte(start)
      guard byte != UInt8(ascii: "'") else { return try Self.text(content, start) }
      content.append(byte)
    }
  }

  private func refuseThree(_ mark: UInt8) throws(TOMLError) {
    guard bytes[offset...].starts(with: [mark, mark, mark]) else { return }
    throw error(#"text over several lines is not taken: write it on one line, with \n in "…""#)
  }

  /// The next byte of a string that began at `start`.
  private mutating func stringByte(_ start: TOMLPosition) throws(TOMLError) -> UInt8 {
    guard let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else {
      throw TOMLError(start, "the text does not end on its line: the second mark is missing")
    }
    guard !Self.isControl(byte) else {
      throw error(#"a control character stands bare in a text: write it as \uXXXX in "…""#)
    }
    step()
    return byte
  }

  private static func text(
    _ content: [UInt8],
    _ start: TOMLPosition
  ) throws(TOMLError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw TOMLError(start, "the text is not UTF-8: save the file in that encoding")
    }
    return text
  }

  /// What the escape says whose backslash has been read.
  private mutating func escape() throws(TOMLError) -> Unicode.Scalar {
    guard let byte = next else { throw error("the text ends inside an escape") }
    let simple: Unicode.Scalar? =
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): Unicode.Scalar(byte)
      case UInt8(ascii: "b"): "\u{8}"
      case UInt8(ascii: "t"): "\t"
      case UInt8(ascii: "n"): "\n"
      case UInt8(ascii: "f"): "\u{C}"
      case UInt8(ascii: "r"): "\r"
      default: nil
      }
    if let simple {
      step()
      return simple
    }
    guard byte == UInt8(ascii: "u") || byte == UInt8(ascii: "U") else {
      throw error(
        #"there is no such escape: write \\ for a backslash, or the text between ' and '"#
      )
    }
    let start = position
    step()
    var code: UInt32 = 0
    for _ in 0..<(byte == UInt8(ascii: "u") ? 4 : 8) {
      guard let digit = next.flatMap(Self.hexValue) else {
        throw error("an escape lacks a hexadecimal digit: \\u has four, and \\U has eight")
      }
      code = code << 4 | digit
      step()
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw TOMLError(start, "the escape names no character")
    }
    return scalar
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
