// SPDX-License-Identifier: Apache-2.0

/// A piece of a line, as bytes: session descriptions are parsed without touching `Character`.
typealias SDPText = ArraySlice<UInt8>

extension ArraySlice where Element == UInt8 {
  /// The piece as a string.
  var string: String { String(decoding: self, as: UTF8.self) }

  /// The words between runs of spaces and tabs.
  var words: [SDPText] {
    split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  /// What is left without spaces and tabs at either end.
  var trimmed: SDPText {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  /// What comes before the first `separator`, and what follows it (`nil` without a separator).
  func cut(at separator: UInt8) -> (head: SDPText, tail: SDPText?) {
    guard let index = firstIndex(of: separator) else { return (self, nil) }
    return (self[..<index], self[(index + 1)...])
  }

  /// The decimal number that the piece says with digits alone; `nil` when it does not fit.
  func number<Number: FixedWidthInteger>(as type: Number.Type = Number.self) -> Number? {
    guard !isEmpty else { return nil }
    var value: Number = 0
    for byte in self {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.addingReportingOverflow(Number(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// Whether the piece is a token (RFC 8866 section 9): visible ASCII without separators.
  var isToken: Bool {
    !isEmpty
      && allSatisfy { byte in
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5E...0x7E: true
        default: false
        }
      }
  }

  /// Whether the piece is not empty and all visible ASCII.
  var isVisible: Bool {
    !isEmpty && allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Whether the piece is hexadecimal pairs joined by colons, as in a certificate fingerprint.
  var isColonHex: Bool {
    guard count % 3 == 2 else { return false }
    for (offset, byte) in enumerated() {
      switch byte {
      case UInt8(ascii: ":"):
        guard offset % 3 == 2 else { return false }
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        guard offset % 3 != 2 else { return false }
      default: return false
      }
    }
    return true
  }
}

/// One `type=value` line and where it stands.
struct SDPLine {
  /// The line's number, from 1.
  let number: Int
  /// The letter before `=`.
  let type: UInt8
  /// Everything after `=`.
  let value: SDPText

  /// An error of this line.
  func error(_ reason: String) -> SDPError {
    SDPError(line: number, reason: reason)
  }

  /// An `a=` line's name and value (`nil` for a property attribute such as `a=rtcp-mux`).
  func attribute() throws(SDPError) -> (name: String, value: SDPText?) {
    let (name, value) = value.cut(at: UInt8(ascii: ":"))
    guard name.isToken else { throw error("an attribute has no proper name") }
    return (name.string, value)
  }
}

/// Cuts a text into lines, within `SDPLimits`; lines end in CR LF or LF (RFC 8866 section 5).
struct SDPLines {
  private let bytes: [UInt8]
  private var position = 0
  /// How many lines have been read.
  private(set) var count = 0

  init(_ text: some StringProtocol) throws(SDPError) {
    guard text.utf8.count <= SDPLimits.bytes else {
      throw SDPError(line: 0, reason: "it is longer than \(SDPLimits.bytes) bytes")
    }
    bytes = Array(text.utf8)
  }

  /// The next line, or `nil` at the end.
  mutating func next() throws(SDPError) -> SDPLine? {
    let rest = bytes[position...]
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    var line = bytes[position..<end]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if line.isEmpty {
      guard rest.allSatisfy({ $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
        throw SDPError(line: count + 1, reason: "the line is empty")
      }
      return nil
    }
    count += 1
    position = min(end + 1, bytes.endIndex)
    guard count <= SDPLimits.lines else {
      throw SDPError(line: count, reason: "there are more than \(SDPLimits.lines) lines")
    }
    guard line.count <= SDPLimits.lineBytes else {
      throw SDPError(line: count, reason: "the line is longer than \(SDPLimits.lineBytes) bytes")
    }
    guard !line.contains(0), !line.contains(UInt8(ascii: "\r")) else {
      throw SDPError(line: count, reason: "the line has a NUL or a carriage return inside")
    }
    guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: "="),
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(line[line.startIndex])
    else {
      throw SDPError(line: count, reason: "the line is not of the form letter=value")
    }
    return SDPLine(number: count, type: line[line.startIndex], value: line.dropFirst(2))
  }
}

/// Collects lines for printing, each ended by CR LF.
struct SDPWriter {
  private(set) var text = ""

  /// Appends one line; what could start another line inside it is left out, so that no value
  /// handed in by a program can smuggle a line.
  mutating func line(_ content: String) {
    if content.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
      let kept = content.utf8.filter { $0 != 0 && $0 != 0x0A && $0 != 0x0D }
      text += String(decoding: kept, as: UTF8.self)
    } else {
      text += content
    }
    text += "\r\n"
  }

  /// Appends `a=name:value`, or nothing without a value.
  mutating func attribute(_ name: String, _ value: String?) {
    guard let value else { return }
    line("a=\(name):\(value)")
  }

  /// Appends `a=name` when `isSet`.
  mutating func flag(_ name: String, _ isSet: Bool) {
    guard isSet else { return }
    line("a=\(name)")
  }
}
