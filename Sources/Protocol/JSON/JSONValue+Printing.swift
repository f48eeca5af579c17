// SPDX-License-Identifier: Apache-2.0

extension JSONValue: CustomStringConvertible {
  /// The value as JSON without blanks.
  public var description: String { String(decoding: utf8, as: UTF8.self) }

  /// The value as the bytes of JSON without blanks.
  public var utf8: [UInt8] {
    var result: [UInt8] = []
    write(to: &result)
    return result
  }

  private func write(to result: inout [UInt8]) {
    switch self {
    case .null: result += "null".utf8
    case .bool(let value): result += (value ? "true" : "false").utf8
    case .integer(let value): result += value.description.utf8
    case .number(let value): result += (value.isFinite ? value.description : "null").utf8
    case .string(let text): Self.write(text, to: &result)
    case .array(let elements):
      result.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { result.append(UInt8(ascii: ",")) }
        element.write(to: &result)
      }
      result.append(UInt8(ascii: "]"))
    case .object(let object):
      result.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { result.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &result)
        result.append(UInt8(ascii: ":"))
        member.value.write(to: &result)
      }
      result.append(UInt8(ascii: "}"))
    }
  }

  /// RFC 8259 section 7: quotation marks, backslashes and controls are escaped, all else stands.
  private static func write(_ text: String, to result: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    result.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): result += "\\n".utf8
      case UInt8(ascii: "\r"): result += "\\r".utf8
      case UInt8(ascii: "\t"): result += "\\t".utf8
      case 0..<0x20, 0x7F:
        result += "\\u00".utf8
        result += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
  }
}
