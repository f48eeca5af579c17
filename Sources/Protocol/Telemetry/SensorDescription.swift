// SPDX-License-Identifier: Apache-2.0

/// What a sensor is called, and what its values mean.
public struct SensorDescription: Equatable, Sendable {
  /// Most bytes of a name.
  public static let maximumName = 32
  /// Most bytes of a label.
  public static let maximumLabel = 48
  /// Most bytes of a unit.
  public static let maximumUnit = 16

  /// Names the sensor for programs; see ``isName(_:)``.
  public let name: String
  /// Names the sensor for a person.
  public let label: String
  /// The unit as it is written behind a value, such as `°C`; empty for a mere number.
  public let unit: String

  /// Creates the description of the sensor `name`; without a `label` it is called by its name.
  ///
  /// - Returns: `nil` when the name is none; label and unit are cut, and cleaned of controls.
  public init?(name: String, label: String? = nil, unit: String = "") {
    guard Self.isName(name) else { return nil }
    self.name = name
    let label = TelemetryText.plain(label ?? name, limit: Self.maximumLabel)
    self.label = label.isEmpty ? name : label
    self.unit = TelemetryText.plain(unit, limit: Self.maximumUnit)
  }

  /// Whether `text` can name a sensor: 1 to 32 letters, digits, `-`, `_`, `.` or `:`.
  public static func isName(_ text: String) -> Bool {
    (1...maximumName).contains(text.utf8.count) && text.utf8.allSatisfy(isPartOfName)
  }

  /// A name as near to `text` as may be; `nil` when nothing of it is left.
  public static func name(from text: String) -> String? {
    var bytes: [UInt8] = []
    for byte in text.utf8.prefix(maximumName) {
      if isPartOfName(byte) {
        bytes.append(byte)
      } else if !bytes.isEmpty, bytes.last != UInt8(ascii: "-") {
        bytes.append(UInt8(ascii: "-"))
      }
    }
    while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: ":"):
      true
    default: false
    }
  }
}

/// Text and numbers as telemetry writes them.
public enum TelemetryText {
  /// The beginning of `text` in whole characters, at most `limit` bytes, without controls and what JSON
  /// would escape.
  public static func plain(_ text: String, limit: Int) -> String {
    var kept = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      let value = scalar.value
      guard value >= 0x20, !(0x7F...0x9F).contains(value) else { continue }
      let plain: Unicode.Scalar = scalar == "\"" || scalar == "\\" ? "'" : scalar
      count += UTF8.width(plain)
      guard count <= limit else { break }
      kept.append(plain)
    }
    return String(kept)
  }

  /// `value` with the seven digits that a sensor may have: 45.123, and not 45.123000000000005.
  static func short(_ value: Double) -> Double {
    if value.rounded() == value, abs(value) < 0x1p53 { return value }
    let single = Float(value)
    return single.isFinite ? Double(single.description) ?? value : value
  }
}
