// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Reads one value, with nothing but blanks around it.
  ///
  /// - Throws: the byte at fault and what is wrong there.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try limits.check(bytes.count)
    var parser = JSONParser(bytes: bytes, depth: limits.depth)
    self = try parser.document()
  }

  /// Reads one value, with nothing but blanks around it.
  ///
  /// - Throws: the byte at fault and what is wrong there.
  public init(parsing bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try limits.check(bytes.count)
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in bytes.indices { copy.append(bytes[index]) }
    try self.init(parsing: copy, limits: limits)
  }

  /// Reads one value, with nothing but blanks around it.
  ///
  /// - Throws: the byte at fault and what is wrong there.
  public init(
    parsing text: some StringProtocol,
    limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }
}

/// Recursive descent over bytes; no deeper than the limit, each byte looked at a bounded number of
/// times.
private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth: Int

  init(bytes: [UInt8], depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try self.value()
    skipBlanks()
    guard position == bytes.count else { throw error("there is something after the value") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func error(_ reason: String) -> JSONError {
    JSONError(offset: position, reason: reason)
  }

  private mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Passes over `byte` if it comes next.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipBlanks()
    guard let next else { throw error("the text ends where a value should stand") }
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("no value begins like this")
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw error("no value begins like this")
    }
    position += word.utf8.count
    return value
  }

  private mutating func enter() throws(JSONError) {
    guard depth > 0 else { throw error("arrays and objects are too deep inside one another") }
    depth -= 1
    position += 1
  }

  private mutating func array() throws(JSONError) -> [JSONValue] {
    try enter()
    defer { depth += 1 }
    var elements: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value())
      skipBlanks()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw error("an array goes on with neither , nor ]") }
    }
  }

  private mutating func object() throws(JSONError) -> JSONObject {
    try enter()
    defer { depth += 1 }
    var members: [JSONObject.Member] = []
    var names: Set<String> = []
    skipBlanks()
    if take(UInt8(ascii: "}")) { return JSONObject() }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw error("a member does not begin with its name") }
      let start = position
      let name = try string()
      guard names.insert(name).inserted else {
        throw JSONError(offset: start, reason: "the object has this name twice")
      }
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw error("there is no : after a name") }
      members.append(.init(name, try value()))
      skipBlanks()
      if take(UInt8(ascii: "}")) { return JSONObject(members) }
      guard take(UInt8(ascii: ",")) else { throw error("an object goes on with neither , nor }") }
    }
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    guard position - start <= 256 else {
      throw JSONError(offset: start, reason: "the number has more than 256 digits")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // Minus zero is a number: the integer would lose its sign.
    if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(offset: start, reason: "the number is out of range")
    }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw error("a number lacks a digit") }
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONError(offset: start, reason: "the string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        position += 1
        content += String(try escape()).utf8
      case 0..<0x20:
        throw error("a control character stands bare in a string")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw error("the text ends inside a string")
  }

  /// What the escape after a backslash says.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard let byte = next else { throw error("the text ends inside an escape") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      position += 1
      return Unicode.Scalar(byte)
    case UInt8(ascii: "b"):
      position += 1
      return "\u{8}"
    case UInt8(ascii: "f"):
      position += 1
      return "\u{C}"
    case UInt8(ascii: "n"):
      position += 1
      return "\n"
    case UInt8(ascii: "r"):
      position += 1
      return "\r"
    case UInt8(ascii: "t"):
      position += 1
      return "\t"
    case UInt8(ascii: "u"):
      return try unicodeEscape()
    default:
      throw error("there is no such escape")
    }
  }

  /// `uXXXX`, or two of them for a scalar beyond the first plane (RFC 8259 section 7).
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
    guard (0xD800...0xDBFF).contains(first), take(UInt8(ascii: "\\")) else {
      throw JSONError(offset: start, reason: "a surrogate stands alone")
    }
    let second = try codeUnit()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(
        0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
      )
    else { throw JSONError(offset: start, reason: "a surrogate stands alone") }
    return scalar
  }

  private mutating func codeUnit() throws(JSONError) -> UInt16 {
    guard take(UInt8(ascii: "u")) else { throw error("a surrogate stands alone") }
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Self.hexValue(byte) else {
        throw error("an escape lacks a hexadecimal digit")
      }
      unit = unit << 4 | digit
      position += 1
    }
    return unit
  }

  private static func hexValue(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
