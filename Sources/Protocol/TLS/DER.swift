// SPDX-License-Identifier: Apache-2.0

/// Writes the distinguished encoding of ASN.1 (X.690), as far as certificates need it.
enum DER {
  /// A value: its tag, its length and its contents.
  static func value(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var rest = contents.count
    while rest > 0 {
      length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    if contents.count < 0x80 { return [tag, UInt8(contents.count)] + contents }
    return [tag, 0x80 | UInt8(length.count)] + length + contents
  }

  static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap { $0 }) }

  static func set(_ part: [UInt8]) -> [UInt8] { value(0x31, part) }

  /// A number above zero, from its bytes in network order.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(bytes.drop { $0 == 0 })
    return value(0x02, (digits.first ?? 0x80) < 0x80 ? digits : [0] + digits)
  }

  static func identifier(_ bytes: [UInt8]) -> [UInt8] { value(0x06, bytes) }

  static func octets(_ bytes: [UInt8]) -> [UInt8] { value(0x04, bytes) }

  static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { value(0x03, [unused] + bytes) }

  static func text(_ text: String) -> [UInt8] { value(0x0C, Array(text.utf8)) }

  static let yes: [UInt8] = value(0x01, [0xFF])

  /// A date in seconds since 1970: UTCTime until 2049, then GeneralizedTime (RFC 5280 section 4.1.2.5).
  static func time(_ seconds: Int64) -> [UInt8] {
    let date = CalendarDate(seconds)
    func digits(_ number: Int) -> [UInt8] {
      [UInt8(0x30 + number / 10 % 10), UInt8(0x30 + number % 10)]
    }
    let rest =
      [date.month, date.day, date.hour, date.minute, date.second].flatMap(digits)
      + [UInt8(ascii: "Z")]
    let isShort = (1950..<2050).contains(date.year)
    let century = isShort ? [] : digits(date.year / 100)
    return value(isShort ? 0x17 : 0x18, century + digits(date.year % 100) + rest)
  }
}
