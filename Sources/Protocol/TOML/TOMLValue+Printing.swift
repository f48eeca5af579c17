// SPDX-License-Identifier: Apache-2.0

extension TOMLValue: CustomStringConvertible {
  /// The value on one line, as it may stand behind a `=`.
  public var description: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  fileprivate func write(to text: inout [UInt8]) {
    switch self {
    case .string(let string): Self.write(string, to: &text)
    case .integer(let value): text += value.description.utf8
    case .float(let value): text += value.description.utf8
    case .boolean(let value): text += (value ? "true" : "false").utf8
    case .array(let elements):
      text.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { text += ", ".utf8 }
        element.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .table(let table):
      text.append(UInt8(ascii: "{"))
      for (index, member) in table.members.enumerated() {
        text += (index > 0 ? ", " : " ").utf8
        member.write(to: &text)
      }
      text += (table.members.isEmpty ? "}" : " }").utf8
    }
  }

  /// A basic string: quotation marks, backslashes and controls are escaped, all else stands.
  fileprivate static func write(_ string: String, to text: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): text += "\\n".utf8
      case UInt8(ascii: "\r"): text += "\\r".utf8
      case UInt8(ascii: "\t"): text += "\\t".utf8
      case 0..<0x20, 0x7F:
        text += "\\u00".utf8
        text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}

extension TOMLTable: CustomStringConvertible {
  /// The table as a text of its own: a line for each key, inner tables in braces.
  public var description: String { members.map { "\($0)\n" }.joined() }

  /// `name` as it may stand before a `=` or in a header.
  public static func key(_ name: String) -> String {
    var text: [UInt8] = []
    write(key: name, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  fileprivate static func write(key name: String, to text: inout [UInt8]) {
    if !name.isEmpty, name.utf8.allSatisfy(TOMLParser.isBare) {
      text += name.utf8
    } else {
      TOMLValue.write(name, to: &text)
    }
  }
}

extension TOMLTable.Member: CustomStringConvertible {
  /// The key and the value, as one line.
  public var description: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  fileprivate func write(to text: inout [UInt8]) {
    TOMLTable.write(key: name, to: &text)
    text += " = ".utf8
    value.write(to: &text)
  }
}
