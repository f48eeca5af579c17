// SPDX-License-Identifier: Apache-2.0
internal import TOML

/// One table of the configuration file on its way into settings.
///
/// Each key is asked for by its type, once; `finish` then refuses the keys that nobody has asked for.
/// Every error names the file, the line and the key, and says what would be right.
struct ConfigurationTable: Sendable {
  /// The path of the file.
  let file: String
  /// The parts of the table's name; empty for what stands above all headers.
  let path: [String]
  /// Whether it is one of several, `[[name]]`.
  let isListed: Bool
  /// The table as it was written.
  let table: TOMLTable
  private var known: [String] = []

  init(_ table: TOMLTable, path: [String] = [], isListed: Bool = false, file: String) {
    self.table = table
    self.path = path
    self.isListed = isListed
    self.file = file
  }

  /// The name as the file writes it, such as `[camera]` or `[[sensor]]`.
  var header: String { Self.header(path, isListed) }

  private static func header(_ path: [String], _ isListed: Bool) -> String {
    let name = path.map(TOMLTable.key).joined(separator: ".")
    return isListed ? "[[\(name)]]" : "[\(name)]"
  }

  /// The line on which the table begins.
  var line: Int { table.position.line }

  /// The line on which `key` stands; the table's own for a key that is missing.
  func line(of key: String) -> Int { table[key]?.position.line ?? line }

  /// The error that `key` of this table is wrong; `reason` is the rest of the sentence behind the key.
  func error(_ key: String, _ reason: String) -> UsageError {
    UsageError("\(file):\(line(of: key)): \(TOMLTable.key(key)) \(reason).")
  }

  // MARK: Keys that may be missing

  /// A text.
  mutating func string(_ key: String) throws(UsageError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else {
      throw error(key, "takes text in quotation marks, not \(value.kind)")
    }
    return text
  }

  /// A whole number of `range`.
  mutating func integer(
    _ key: String,
    in range: ClosedRange<Int> = .min ... .max
  ) throws(UsageError) -> Int? {
    guard let value = value(key) else { return nil }
    guard case .integer(let number) = value, range.contains(Int(number)) else {
      let limits =
        range == .min ... .max ? "" : " from \(range.lowerBound) to \(range.upperBound)"
      throw error(key, "takes a whole number\(limits) without quotation marks, not \(value.number)")
    }
    return Int(number)
  }

  /// A number of `range`, with or without a fraction.
  mutating func number(
    _ key: String,
    in range: ClosedRange<Double>
  ) throws(UsageError) -> Double? {
    guard let value = value(key) else { return nil }
    let number: Double? =
      switch value {
      case .integer(let number): Double(number)
      case .float(let number): number
      default: nil
      }
    guard let number, range.contains(number) else {
      throw error(
        key,
        "takes a number from \(range.lowerBound) to \(range.upperBound) without quotation marks, "
          + "not \(value.number)"
      )
    }
    return number
  }

  /// `true` or `false`.
  mutating func boolean(_ key: String) throws(UsageError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .boolean(let truth) = value else {
      throw error(key, "takes true or false, not \(value.kind)")
    }
    return truth
  }

  /// A list of texts; one text is a list of one.
  mutating func strings(_ key: String) throws(UsageError) -> [String]? {
    guard let value = value(key) else { return nil }
    if case .string(let text) = value { return [text] }
    var texts: [String] = []
    if case .array(let elements) = value {
      for case .string(let text) in elements { texts.append(text) }
      if texts.count == elements.count { return texts }
    }
    throw error(key, "takes a list of texts, such as [\"one\", \"two\"], not \(value.kind)")
  }

  // MARK: Keys that must be there

  /// A text that must be there.
  mutating func requiredString(_ key: String) throws(UsageError) -> String {
    guard let text = try string(key) else { throw missing(key) }
    return text
  }

  /// A whole number of `range` that must be there.
  mutating func requiredInteger(
    _ key: String,
    in range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let number = try integer(key, in: range) else { throw missing(key) }
    return number
  }

  /// A number of `range` that must be there.
  mutating func requiredNumber(
    _ key: String,
    in range: ClosedRange<Double>
  ) throws(UsageError) -> Double {
    guard let number = try number(key, in: range) else { throw missing(key) }
    return number
  }

  /// A list of texts that must be there.
  mutating func requiredStrings(_ key: String) throws(UsageError) -> [String] {
    guard let texts = try strings(key) else { throw missing(key) }
    return texts
  }

  private func missing(_ key: String) -> UsageError {
    UsageError("\(file):\(line): \(header) lacks the key \(TOMLTable.key(key)).")
  }

  // MARK: Tables within

  /// The table `[key]`.
  mutating func table(_ key: String) throws(UsageError) -> ConfigurationTable? {
    guard let value = value(key) else { return nil }
    guard case .table(let table) = value else {
      throw error(key, "is a table: write \(Self.header(path + [key], false)) on a line of its own")
    }
    return ConfigurationTable(table, path: path + [key], file: file)
  }

  /// The tables `[[key]]`, as many as there are.
  mutating func tables(_ key: String) throws(UsageError) -> [ConfigurationTable] {
    guard let value = value(key) else { return [] }
    var tables: [ConfigurationTable] = []
    if case .array(let elements) = value {
      for case .table(let table) in elements {
        tables.append(ConfigurationTable(table, path: path + [key], isListed: true, file: file))
      }
      if tables.count == elements.count { return tables }
    }
    throw error(
      key,
      "is a list of tables: write \(Self.header(path + [key], true)) on a line for each"
    )
  }

  /// Refuses the first key that nobody has asked for; `hint` may know where it belongs.
  func finish(hint: (_ key: String) -> String? = { _ in nil }) throws(UsageError) {
    guard let member = table.members.first(where: { !known.contains($0.name) }) else { return }
    let advice: String
    if let hint = hint(member.name) {
      advice = hint
    } else if let near = Spelling.nearest(member.name, in: known) {
      advice = "did you mean \(near)?"
    } else {
      advice = "there are \(known.joined(separator: ", "))."
    }
    let what: String
    if case .table = member.value { what = "table" } else { what = "key" }
    let place = path.isEmpty ? "" : " in \(header)"
    throw UsageError(
      "\(file):\(member.position.line): there is no \(what) \(TOMLTable.key(member.name))\(place): "
        + advice
    )
  }

  /// The value of `key`, which counts as asked for now.
  mutating func value(_ key: String) -> TOMLValue? {
    known.append(key)
    return table[key]?.value
  }
}

extension TOMLValue {
  /// What kind of value this is; the value itself may be a secret.
  fileprivate var kind: String {
    switch self {
    case .string: "text"
    case .integer, .float: "a number"
    case .boolean: "true or false"
    case .array: "a list"
    case .table: "a table"
    }
  }

  /// The number, or what else this is.
  fileprivate var number: String {
    switch self {
    case .integer, .float: description
    default: kind
    }
  }
}
