// SPDX-License-Identifier: Apache-2.0

/// What the program goes by: defaults, over them the configuration file, over that the flags; and where
/// each value came from.
struct Configuration: Sendable {
  /// Where the value of an option came from.
  enum Origin: Equatable, Sendable {
    case standard
    case file(line: Int)
    case flag
  }

  /// An option with its values; none where the default is decided later, or the list is empty.
  struct Entry: Sendable {
    let option: Option
    let values: [String]
    let origin: Origin
  }

  /// The file that was read; `nil` when there was none.
  let path: String?
  /// What everything comes to.
  private(set) var settings = Settings()
  /// Every option that has a key in the file.
  private(set) var entries: [Entry] = []
  /// The tables of the file that may stand several times, in order.
  let tables: [ConfigurationTable]

  /// Joins the values of flags, by their names, with those of the file.
  init(
    flags: [String: [String]] = [:],
    search: ConfigurationSearch,
    sections: [ConfigurationSection] = ConfigurationSection.all
  ) throws(UsageError) {
    let flagged = Option.all.filter { flags[$0.name] != nil }
    // All flags are looked at before the file is, whose path is one of them.
    var asked = Settings()
    for option in flagged {
      try Self.apply(flags[option.name] ?? [], option, "--\(option.name)", &asked)
    }
    var file: ConfigurationFile?
    if let found = try search.file(asked.configurationPath) {
      file = try ConfigurationFile(found.bytes, path: found.path, sections: sections)
    }
    path = file?.path
    tables = file?.sections.map(\.table) ?? []
    for option in Option.all {
      var origin = Origin.standard
      var values = option.standardValue.map { [$0] } ?? []
      if let value = file?.values[option.name] {
        origin = .file(line: value.line)
        values = value.texts
        try Self.apply(values, option, Self.place(option, origin, path), &settings)
      }
      if let texts = flags[option.name] {
        origin = .flag
        values = option.form == .list ? texts : texts.suffix(1)
        try Self.apply(texts, option, Self.place(option, origin, path), &settings)
      }
      if option.key != nil {
        entries.append(Entry(option: option, values: values, origin: origin))
      }
    }
    for (section, table) in file?.sections ?? [] {
      var rest = table
      try section.read(&rest, &settings)
      try rest.finish()
    }
    try check()
  }

  private static func apply(
    _ values: [String],
    _ option: Option,
    _ place: String,
    _ settings: inout Settings
  ) throws(UsageError) {
    option.clear(&settings)
    for value in values {
      do {
        try option.apply(value, &settings)
      } catch {
        throw UsageError("\(place) \(error.reason).")
      }
    }
  }

  /// The beginning of a sentence about the value of `option`.
  private static func place(_ option: Option, _ origin: Origin, _ path: String?) -> String {
    guard case .file(let line) = origin, let path, let key = option.key else {
      return "--\(option.name)"
    }
    return "\(path):\(line): \(key.name)"
  }

  /// Whoever controls can also watch: a control without a token would let in those whom the other one
  /// keeps out.
  private func check() throws(UsageError) {
    guard settings.controlToken == .open, settings.token != .open,
      let entry = entries.first(where: { $0.option.name == "control-token" })
    else { return }
    throw UsageError(
      "\(Self.place(entry.option, entry.origin, path)) is none, but token is not: then nobody could "
        + "watch without a token, yet everyone control. Leave it out, or give both the same text."
    )
  }

  /// Whether the file holds a token.
  var fileHoldsSecrets: Bool {
    entries.contains { entry in
      guard case .file = entry.origin else { return false }
      return entry.option.isSecret && entry.values != ["none"]
    }
  }
}
