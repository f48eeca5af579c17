// SPDX-License-Identifier: Apache-2.0
internal import TOML

extension Configuration {
  /// What `porthole config` prints: every option with its value and where that came from, as a file that
  /// says the same.
  ///
  /// What a file cannot say, because it is decided at the start or not to be seen, is a comment.
  func text(showsSecrets: Bool) -> String {
    var lines = [
      path.map { "# Read from \($0), which is the only file." }
        ?? "# No configuration file was read."
    ]
    for table in Option.tables {
      if !table.isEmpty { lines += ["", "[\(table)]"] }
      for entry in entries where entry.option.key?.table == table {
        lines.append(line(entry, showsSecrets))
      }
    }
    for table in tables {
      lines += ["", commented(table.header, "\(table.file):\(table.line)")]
      lines += table.table.members.map { commented("\($0)", "\(table.file):\($0.position.line)") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ entry: Entry, _ showsSecrets: Bool) -> String {
    let option = entry.option
    let key = option.key?.name ?? option.name
    if option.isSecret, entry.values.first != "none" { return secret(entry, key, showsSecrets) }
    if option.name == "state", entry.origin == .standard,
      let directory = try? StateDirectory(nil)
    {
      return commented("\(key) = \(TOMLValue.string(directory.path))", "default")
    }
    guard let value = Self.value(of: entry) else {
      return commented("# \(key) =", "default: \(option.standard)")
    }
    return commented("\(key) = \(value)", origin(entry))
  }

  /// A token, which is shown to nobody who has not asked for it.
  private func secret(_ entry: Entry, _ key: String, _ showsSecrets: Bool) -> String {
    guard showsSecrets else {
      return commented("# \(key) = …", "\(origin(entry)); shown by --show-secrets")
    }
    if let value = Self.value(of: entry) { return commented("\(key) = \(value)", origin(entry)) }
    guard let directory = try? StateDirectory(settings.stateDirectory) else {
      return commented("# \(key) =", "default: \(entry.option.standard)")
    }
    let path = "\(directory.path)/\(key)"
    guard let kept = try? directory.keptToken(key) else {
      return commented("# \(key) =", "made at the first start, and kept in \(path)")
    }
    return commented("\(key) = \(TOMLValue.string(kept))", path)
  }

  /// The value as the file writes it; `nil` where the default is decided at the start.
  private static func value(of entry: Entry) -> TOMLValue? {
    if entry.option.form == .list { return .array(entry.values.map { .string($0) }) }
    guard let text = entry.values.first else { return nil }
    if entry.option.form == .number, let number = Int64(text) { return .integer(number) }
    return .string(text)
  }

  private func origin(_ entry: Entry) -> String {
    switch entry.origin {
    case .standard:
      entry.option.standard == entry.values.first
        ? "default" : "default: \(entry.option.standard)"
    case .file(let line): "\(path ?? ""):\(line)"
    case .flag: "--\(entry.option.name)"
    }
  }

  private func commented(_ text: String, _ comment: String) -> String {
    text + String(repeating: " ", count: max(1, 32 - text.unicodeScalars.count)) + "# \(comment)"
  }
}
