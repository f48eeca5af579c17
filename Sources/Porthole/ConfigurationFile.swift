// SPDX-License-Identifier: Apache-2.0
internal import TOML

/// What a configuration file says, sorted by option.
struct ConfigurationFile: Sendable {
  /// The values of an option, as flags would give them, and where they stand.
  struct Value: Sendable {
    let texts: [String]
    let line: Int
  }

  let path: String
  /// The values by the option's name.
  private(set) var values: [String: Value] = [:]
  /// The tables that may stand several times, in order.
  private(set) var sections: [(section: ConfigurationSection, table: ConfigurationTable)] = []

  /// Reads the file's text; a key or table that no option or section has is refused.
  init(
    _ bytes: [UInt8],
    path: String,
    sections known: [ConfigurationSection]
  ) throws(UsageError) {
    self.path = path
    var root: ConfigurationTable
    do {
      root = ConfigurationTable(try TOMLTable(parsing: bytes), file: path)
    } catch {
      let place = "\(path):\(error.position.line):\(error.position.column)"
      throw UsageError("\(place): \(error.reason).")
    }
    try read("", &root)
    for name in Option.tables where !name.isEmpty {
      guard var table = try root.table(name) else { continue }
      try read(name, &table)
      try table.finish(hint: Self.place)
    }
    for section in known {
      for table in try root.tables(section.name) { sections.append((section, table)) }
    }
    try root.finish(hint: Self.place)
  }

  private mutating func read(
    _ name: String,
    _ table: inout ConfigurationTable
  ) throws(UsageError) {
    for option in Option.rows(of: name) {
      guard let key = option.key?.name, let texts = try Self.texts(option.form, key, &table) else {
        continue
      }
      values[option.name] = Value(texts: texts, line: table.line(of: key))
    }
  }

  private static func texts(
    _ form: Option.Form,
    _ key: String,
    _ table: inout ConfigurationTable
  ) throws(UsageError) -> [String]? {
    switch form {
    case .text: return try table.string(key).map { [$0] }
    case .number: return try table.integer(key).map { [$0.description] }
    case .list: return try table.strings(key)
    case .quantity:
      guard let value = table.value(key) else { return nil }
      switch value {
      case .string(let text): return [text]
      case .integer(let number): return [number.description]
      default: throw table.error(key, "takes a whole number, or text such as \"2.5M\"")
      }
    }
  }

  /// The right place of a key that stands in the wrong table, or by its flag's name.
  private static func place(of key: String) -> String? {
    for option in Option.all where option.name == key || option.key?.name == key {
      guard let place = option.key else { return "only the flag --\(key) says that." }
      let table = place.table.isEmpty ? "above all tables" : "in [\(place.table)]"
      return "\(place.name) stands \(table)."
    }
    return nil
  }
}
