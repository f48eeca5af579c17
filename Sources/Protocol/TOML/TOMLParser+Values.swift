// SPDX-License-Identifier: Apache-2.0

extension TOMLParser {
  /// The value that begins at the next byte, so deep inside tables and arrays.
  mutating func value(depth: Int) throws(TOMLError) -> TOMLValue {
    try tree.check(depth, at: position)
    switch next {
    case UInt8(ascii: "\""): return .string(try basicString())
    case UInt8(ascii: "'"): return .string(try literalString())
    case UInt8(ascii: "["): return .array(try array(depth))
    case UInt8(ascii: "{"): return .table(try inlineTable(depth))
    default: return try bareValue()
    }
  }

  private mutating func array(_ depth: Int) throws(TOMLError) -> [TOMLValue] {
    let start = position
    step()
    var elements: [TOMLValue] = []
    while true {
      try skipBlankLines()
      if take(UInt8(ascii: "]")) { return elements }
      guard next != nil else { break }
      elements.append(try value(depth: depth + 1))
      try skipBlankLines()
      if take(UInt8(ascii: "]")) { return elements }
      guard next != nil else { break }
      guard take(UInt8(ascii: ",")) else { throw error("an array goes on with , or ends with ]") }
    }
    throw TOMLError(start, "the array does not end: its ] is missing")
  }

  /// A table in braces: on one line, and without a comma behind its last value.
  private mutating func inlineTable(_ depth: Int) throws(TOMLError) -> TOMLTable {
    let table = tree.openBraces(at: position, depth: depth)
    step()
    skipBlanks()
    if take(UInt8(ascii: "}")) { return tree.table(table) }
    while true {
      try refuseEnd()
      guard next != UInt8(ascii: "}") else {
        throw error("a comma stands before the }: take it out")
      }
      try member(of: table)
      skipBlanks()
      if take(UInt8(ascii: "}")) { return tree.table(table) }
      try refuseEnd()
      guard take(UInt8(ascii: ",")) else {
        throw error("a table in braces goes on with , or ends with }")
      }
      skipBlanks()
    }
  }

  private func refuseEnd() throws(TOMLError) {
    switch next {
    case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"):
      throw error("a table in braces stands on one line: for several, give it a [header]")
    default: return
    }
  }

  /// `true`, `false` or a number.
  private mutating func bareValue() throws(TOMLError) -> TOMLValue {
    let start = position
    let first = offset
    while let byte = next, Self.isPartOfWord(byte) { step() }
    let word = Array(bytes[first..<offset])
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "": throw TOMLError(start, "a value is missing")
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "inf", "+inf", "-inf", "nan", "+nan", "-nan":
      throw TOMLError(start, "\(text) is not taken: give a number")
    default: break
    }
    if Self.isTime(word) {
      throw TOMLError(
        start,
        "dates and times are not taken: write them in quotation marks, as text"
      )
    }
    guard word.count <= 256 else {
      throw TOMLError(start, "the value has more than 256 characters")
    }
    if let value = Self.integer(word) ?? Self.float(word) { return value }
    if word.allSatisfy({ Self.isDigit($0) || "+-._".utf8.contains($0) }) {
      throw TOMLError(start, "\(text) is no number that fits: 12, -3, 1_000 and 0.5 are some")
    }
    if ["true", "false"].contains(text.lowercased()) {
      throw TOMLError(start, "\(text) is written in small letters: \(text.lowercased())")
    }
    throw TOMLError(start, "text stands in quotation marks: \"\(text)\"")
  }

  /// Bytes of numbers and words, and of what people forget the quotation marks around.
  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    isBare(byte) || "+.:/@".utf8.contains(byte)
  }

  /// Whether a word begins as `1979-` or `07:` does.
  private static func isTime(_ word: [UInt8]) -> Bool {
    let digits = word.prefix { isDigit($0) }.count
    guard digits < word.count else { return false }
    return digits == 4 && word[4] == UInt8(ascii: "-")
      || digits == 2 && word[2] == UInt8(ascii: ":")
  }

  private static func integer(_ word: [UInt8]) -> TOMLValue? {
    let radix: Int
    switch (word.first, word.count > 2 ? word[1] : 0) {
    case (UInt8(ascii: "0"), UInt8(ascii: "x")): radix = 16
    case (UInt8(ascii: "0"), UInt8(ascii: "o")): radix = 8
    case (UInt8(ascii: "0"), UInt8(ascii: "b")): radix = 2
    default: radix = 10
    }
    let hasSign = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-")
    guard let digits = digits(word.dropFirst(radix != 10 ? 2 : hasSign ? 1 : 0)) else { return nil }
    // Int64 takes digits of the radix only, and a sign, which `digits` has refused.
    guard radix != 10 || !hasLeadingZero(digits) else { return nil }
    let sign = word.first == UInt8(ascii: "-") ? [UInt8(ascii: "-")] : []
    return Int64(String(decoding: sign + digits, as: UTF8.self), radix: radix).map { .integer($0) }
  }

  private static func float(_ word: [UInt8]) -> TOMLValue? {
    let hasSign = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-")
    var text: [UInt8] = word.first == UInt8(ascii: "-") ? [UInt8(ascii: "-")] : []
    var rest = word[(hasSign ? 1 : 0)...]
    let whole = rest.prefix { isDigit($0) || $0 == UInt8(ascii: "_") }
    guard let digits = digits(whole), !hasLeadingZero(digits) else { return nil }
    text += digits
    rest = rest[whole.endIndex...]
    // Without either it is a whole number that does not fit.
    guard !rest.isEmpty else { return nil }
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { isDigit($0) || $0 == UInt8(ascii: "_") }
      guard let digits = Self.digits(fraction) else { return nil }
      text += [UInt8(ascii: ".")] + digits
      rest = rest[fraction.endIndex...]
    }
    if let letter = rest.first {
      guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
      rest = rest.dropFirst()
      text.append(UInt8(ascii: "e"))
      if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        text.append(sign)
        rest = rest.dropFirst()
      }
      guard let digits = Self.digits(rest) else { return nil }
      text += digits
    }
    guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return .float(value)
  }

  /// Letters and digits without the underscores between them; `nil` for anything else.
  private static func digits(_ word: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var wasDigit = false
    for byte in word {
      let isDigit = isDigit(byte) || isLetter(byte)
      guard isDigit || byte == UInt8(ascii: "_") && wasDigit else { return nil }
      if isDigit { result.append(byte) }
      wasDigit = isDigit
    }
    return wasDigit ? result : nil
  }

  private static func hasLeadingZero(_ digits: [UInt8]) -> Bool {
    digits.count > 1 && digits[0] == UInt8(ascii: "0")
  }
}
