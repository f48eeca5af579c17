// SPDX-License-Identifier: Apache-2.0

/// A second of the Gregorian calendar, in UTC without leap seconds.
public struct CalendarDate: Hashable, Sendable, CustomStringConvertible {
  /// The year.
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int
  /// 0 to 23.
  public var hour: Int
  /// 0 to 59.
  public var minute: Int
  /// 0 to 59.
  public var second: Int

  /// The date of so many seconds since 1970.
  public init(_ seconds: Int64) {
    let days = Int(seconds.floored(by: 86_400))
    let rest = Int(seconds) - days * 86_400
    // Years that begin in March, in eras of 400: the day that comes and goes is the last of a year.
    let shifted = days + 719_468
    let era = Int(Int64(shifted).floored(by: 146_097))
    let ofEra = shifted - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let index = (5 * ofYear + 2) / 153
    month = index < 10 ? index + 3 : index - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = ofYear - (153 * index + 2) / 5 + 1
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// Reads UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5), `yyyymmddhhmmssZ` with two or four
  /// digits of the year.
  init?(_ text: ArraySlice<UInt8>, hasCentury: Bool) {
    let digits = text.dropLast()
    guard text.last == UInt8(ascii: "Z"), digits.count == (hasCentury ? 14 : 12),
      digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    var rest = digits.map { Int($0) - 0x30 }[...]
    func number(_ count: Int) -> Int {
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count).reduce(0) { $0 * 10 + $1 }
    }
    let short = hasCentury ? number(4) : number(2)
    year = hasCentury ? short : short < 50 ? 2000 + short : 1900 + short
    month = number(2)
    day = number(2)
    hour = number(2)
    minute = number(2)
    second = number(2)
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
  }

  /// Seconds since 1970.
  public var seconds: Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = Int(Int64(shifted).floored(by: 400))
    let yearOfEra = shifted - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
    let days = Int64(era * 146_097 + ofEra - 719_468)
    return days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }

  /// The day, as ISO 8601 writes it.
  public var description: String {
    func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(digits(month))-\(digits(day))"
  }
}

extension Int64 {
  /// The quotient, rounded down.
  fileprivate func floored(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
