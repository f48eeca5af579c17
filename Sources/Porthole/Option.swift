// SPDX-License-Identifier: Apache-2.0

/// One row of the table from which the flags, the keys of the configuration file, `--help` and
/// docs/options.md are made.
struct Option: Sendable {
  /// What the file's value looks like.
  enum Form: Sendable {
    /// Text in quotation marks.
    case text
    /// A whole number.
    case number
    /// A whole number, or text such as `2.5M`.
    case quantity
    /// A list of texts; the flag may be given several times.
    case list
  }

  /// Where a value stands in the file.
  struct Key: Sendable {
    /// The table; empty for what stands above all tables.
    let table: String
    let name: String
  }

  /// The long name of the flag, without dashes.
  let name: String
  /// What stands for the value in the help.
  let placeholder: String
  let form: Form
  /// The key in the file; `nil` for what only the command line can say.
  let key: Key?
  /// The default as the help shows it.
  let standard: String
  /// The default as the file would write it, where it is a fixed one.
  let standardValue: String?
  /// Whether the value is nobody else's business.
  let isSecret: Bool
  /// The commands that take it.
  let commands: CommandSet
  /// One line of help.
  let help: String
  /// What docs/options.md says besides; may be empty.
  let more: String
  /// Reads a value, or one value of a list, into the settings.
  let apply: @Sendable (_ value: String, _ settings: inout Settings) throws(ValueFault) -> Void
  /// Empties the list, before the values of another origin replace it.
  let clear: @Sendable (_ settings: inout Settings) -> Void

  /// A row whose key has the flag's name, unless `key` says otherwise.
  init(
    _ name: String,
    _ placeholder: String,
    _ form: Form = .text,
    table: String? = nil,
    key: String? = nil,
    standard: String,
    value: String? = nil,
    isSecret: Bool = false,
    commands: CommandSet = .serve,
    help: String,
    more: String = "",
    clear: @escaping @Sendable (inout Settings) -> Void = { _ in },
    apply: @escaping @Sendable (String, inout Settings) throws(ValueFault) -> Void
  ) {
    self.name = name
    self.placeholder = placeholder
    self.form = form
    self.key = table.map { Key(table: $0, name: key ?? name) }
    self.standard = standard
    standardValue = value
    self.isSecret = isSecret
    self.commands = commands
    self.help = help
    self.more = more
    self.clear = clear
    self.apply = apply
  }

  /// The row whose flag is `--name`.
  static func named(_ name: String) -> Option? { all.first { $0.name == name } }

  /// The tables of the file, in the order in which they are printed.
  static let tables = ["", "network", "camera", "video", "sound", "access", "sensors", "bell"]

  /// The rows whose values stand in `table` of the file.
  static func rows(of table: String) -> [Option] { all.filter { $0.key?.table == table } }
}

/// The commands that take an option; `porthole config` takes every one.
struct CommandSet: OptionSet, Sendable {
  let rawValue: UInt8

  static let serve = CommandSet(rawValue: 1)
  static let call = CommandSet(rawValue: 2)
  /// And `ring`.
  static let publish = CommandSet(rawValue: 4)
}
