// SPDX-License-Identifier: Apache-2.0

extension TOMLTable {
  /// Reads a whole text.
  ///
  /// - Throws: the place at fault, what is wrong there and what to do.
  public init(parsing bytes: [UInt8], limits: TOMLLimits = TOMLLimits()) throws(TOMLError) {
    var parser = TOMLParser(bytes: bytes, limits: limits)
    self = try parser.document()
  }

  /// Reads a whole text.
  ///
  /// - Throws: the place at fault, what is wrong there and what to do.
  public init(
    parsing text: some StringProtocol,
    limits: TOMLLimits = TOMLLimits()
  ) throws(TOMLError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }
}

/// Recursive descent over bytes; no deeper than the limit, each byte looked at a bounded number of
/// times.
struct TOMLParser {
  let bytes: [UInt8]
  let limits: TOMLLimits
  var offset = 0
  var tree: TOMLTree
  private var line = 1
  private var lineStart = 0
  /// Bytes of the line so far that begin no character.
  private var continuations = 0

  init(bytes: [UInt8], limits: TOMLLimits) {
    self.bytes = bytes
    self.limits = limits
    tree = TOMLTree(maximumDepth: limits.depth)
  }

  /// Where the next byte stands.
  var position: TOMLPosition {
    TOMLPosition(line: line, column: offset - lineStart - continuations + 1)
  }

  var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func error(_ reason: String) -> TOMLError { TOMLError(position, reason) }

  /// Passes over the next byte.
  mutating func step() {
    let byte = bytes[offset]
    offset += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      lineStart = offset
      continuations = 0
    } else if byte & 0xC0 == 0x80 {
      continuations += 1
    }
  }

  /// Passes over `byte` if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    step()
    return true
  }

  // MARK: Lines

  mutating func document() throws(TOMLError) -> TOMLTable {
    guard bytes.count <= limits.bytes else {
      throw error("the text has \(bytes.count) bytes, and \(limits.bytes) is the limit")
    }
    // Some editors begin with a byte order mark.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      offset = 3
      lineStart = 3
    }
    var table = 0
    while true {
      try skipBlankLines()
      guard let byte = next else { return tree.table(0) }
      if byte == UInt8(ascii: "[") {
        table = try header()
      } else {
        try member(of: table)
      }
      try endLine()
    }
  }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 { step() }
  }

  /// Passes over blanks, line ends and comments.
  mutating func skipBlankLines() throws(TOMLError) {
    while true {
      skipBlanks()
      switch next {
      case UInt8(ascii: "#"): try comment()
      case UInt8(ascii: "\n"): step()
      case UInt8(ascii: "\r"): try lineEnd()
      default: return
      }
    }
  }

  /// Behind a value or a header there is nothing but a comment.
  private mutating func endLine() throws(TOMLError) {
    skipBlanks()
    switch next {
    case nil: return
    case UInt8(ascii: "#"): try comment()
    case UInt8(ascii: "\n"): step()
    case UInt8(ascii: "\r"): try lineEnd()
    default: throw error("something stands behind the end: begin a new line for it")
    }
  }

  /// A carriage return stands before a line feed only.
  private mutating func lineEnd() throws(TOMLError) {
    guard offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "\n") else {
      throw error("a carriage return stands alone: end the line by a line feed")
    }
    step()
    step()
  }

  private mutating func comment() throws(TOMLError) {
    let start = position
    let first = offset
    while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
      guard !Self.isControl(byte) else {
        throw error("a control character stands in a comment: take it out")
      }
      step()
    }
    guard String(validating: bytes[first..<offset], as: UTF8.self) != nil else {
      throw TOMLError(start, "the comment is not UTF-8: save the file in that encoding")
    }
  }

  /// `[a.b]`, or `[[a.b]]`; the table that it begins.
  private mutating func header() throws(TOMLError) -> Int {
    step()
    let isList = take(UInt8(ascii: "["))
    let path = try key()
    let end = isList ? "]]" : "]"
    for _ in 0..<end.utf8.count {
      guard take(UInt8(ascii: "]")) else {
        throw error("the table's name does not end with \(end)")
      }
    }
    return try tree.open(path, isList: isList)
  }

  // MARK: Keys

  /// `key = value`, put into the table.
  mutating func member(of table: Int) throws(TOMLError) {
    let path = try key()
    guard take(UInt8(ascii: "=")) else {
      throw error("no = stands behind the key: write key = value")
    }
    skipBlanks()
    let value = try value(depth: tree.depth(of: table) + path.count)
    try tree.insert(value, at: path, in: table)
  }

  /// A key, its parts joined by dots, and the blanks behind it.
  private mutating func key() throws(TOMLError) -> [TOMLKey] {
    var path: [TOMLKey] = []
    repeat {
      skipBlanks()
      let start = position
      try tree.check(path.count + 1, at: start)
      path.append(TOMLKey(name: try keyPart(), position: start))
      skipBlanks()
    } while take(UInt8(ascii: "."))
    return path
  }

  private mutating func keyPart() throws(TOMLError) -> String {
    if next == UInt8(ascii: "\"") { return try basicString() }
    if next == UInt8(ascii: "'") { return try literalString() }
    let first = offset
    while let byte = next, Self.isBare(byte) { step() }
    guard offset > first else {
      throw error(
        "a key is missing: letters, digits, - and _ make one, and others within quotation marks"
      )
    }
    return String(decoding: bytes[first..<offset], as: UTF8.self)
  }

  /// Whether `byte` may stand in a key without quotation marks.
  static func isBare(_ byte: UInt8) -> Bool {
    isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Whether `byte` may not stand bare in a comment or a string.
  static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }
}
