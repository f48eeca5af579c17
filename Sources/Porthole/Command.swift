// SPDX-License-Identifier: Apache-2.0
internal import HTTP

/// What the words of a command line ask for.
enum Command: Sendable {
  case serve(Configuration)
  case call(WebSocketURL, Configuration)
  case publish(Publication)
  case ring(DoorRing)
  case config(Configuration, showsSecrets: Bool)
  case reference
  case devices
  case help
  case version

  private static let verbs = [
    "serve", "call", "publish", "ring", "config", "devices", "help", "version",
  ]

  /// Reads the words after the program's name, and the configuration file where the command has use for it.
  init(arguments: [String], search: ConfigurationSearch) throws(UsageError) {
    var words = arguments[...]
    var verb = "serve"
    if let first = words.first, !first.utf8.starts(with: [0x2D]) {
      verb = first
      words = words.dropFirst()
    }
    guard Self.verbs.contains(verb) else {
      let hint = Spelling.nearest(verb, in: Self.verbs).map { " Did you mean \($0)?" } ?? ""
      throw UsageError("There is no command \"\(verb)\".\(hint) porthole --help lists all.")
    }
    var flags: [String: [String]] = [:]
    var address: String?
    var values: [String] = []
    var unit = ""
    var name = ""
    var waits = false
    var showsSecrets = false
    var isReference = false
    let command = verb
    while let word = words.popFirst() {
      if word == "--help" || word == "-h" {
        verb = "help"
      } else if word == "--version" {
        verb = "version"
      } else if command == "config", word == "--show-secrets" {
        showsSecrets = true
      } else if command == "config", word == "--reference" {
        isReference = true
      } else if command == "publish", word == "--unit", let given = words.popFirst() {
        unit = given
      } else if command == "ring", word == "--name", let given = words.popFirst() {
        name = given
      } else if command == "ring", word == "--wait" {
        waits = true
      } else if command == "ring", !word.utf8.starts(with: [0x2D]) {
        values.append(word)
      } else if command == "publish", Double(word) != nil || !word.utf8.starts(with: [0x2D]) {
        values.append(word)
      } else if command == "call", address == nil, !word.utf8.starts(with: [0x2D]) {
        address = word
      } else {
        try Self.read(word, &words, of: command, into: &flags)
      }
    }
    switch verb {
    case "call":
      let callee = try Self.callee(address)
      self = .call(callee, try Configuration(flags: flags, search: search))
    case "publish":
      let settings = try Self.settings(flags, search)
      self = .publish(try Publication(values, unit: unit, settings))
    case "ring":
      let settings = try Self.settings(flags, search)
      self = .ring(try DoorRing(values, name: name, waits: waits, settings))
    case "config" where isReference: self = .reference
    case "config":
      self = .config(
        try Configuration(flags: flags, search: search),
        showsSecrets: showsSecrets
      )
    case "devices": self = .devices
    case "help": self = .help
    case "version": self = .version
    default: self = .serve(try Configuration(flags: flags, search: search))
    }
  }

  /// Those of who publishes or rings, and need not be able to read the file of who serves.
  private static func settings(
    _ flags: [String: [String]],
    _ search: ConfigurationSearch
  ) throws(UsageError) -> Settings {
    do throws(UsageError) {
      return try Configuration(flags: flags, search: search).settings
    } catch {
      let nothing = ConfigurationSearch(paths: [], read: search.read)
      return try Configuration(flags: flags, search: nothing).settings
    }
  }

  private static func callee(_ text: String?) throws(UsageError) -> WebSocketURL {
    guard let text else {
      throw UsageError("Whom to call? porthole call ws://HOST:PORT/ws?token=TOKEN")
    }
    do {
      return try WebSocketURL(parsing: text)
    } catch {
      throw UsageError(error.description)
    }
  }

  /// Reads one flag and its value.
  private static func read(
    _ word: String,
    _ words: inout ArraySlice<String>,
    of command: String,
    into flags: inout [String: [String]]
  ) throws(UsageError) {
    let bytes = Array(word.utf8)
    guard bytes.starts(with: [0x2D, 0x2D]) else {
      throw UsageError("\"\(word)\" is not an option: porthole --help lists them.")
    }
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = String(decoding: bytes[2..<(equals ?? bytes.count)], as: UTF8.self)
    guard let option = Option.named(name) else {
      let near = Spelling.nearest(name, in: Option.all.map(\.name))
      let hint = near.map { " Did you mean --\($0)?" } ?? ""
      throw UsageError("There is no option --\(name).\(hint) porthole --help lists all.")
    }
    guard isTaken(option, by: command) else {
      throw UsageError("porthole \(command) has no use for --\(name): leave it out.")
    }
    if let equals {
      flags[name, default: []].append(String(decoding: bytes[(equals + 1)...], as: UTF8.self))
    } else if let value = words.popFirst() {
      flags[name, default: []].append(value)
    } else {
      throw UsageError("--\(name) needs a value: --\(name) \(option.placeholder).")
    }
  }

  private static func isTaken(_ option: Option, by command: String) -> Bool {
    switch command {
    case "serve": option.commands.contains(.serve)
    case "call": option.commands.contains(.call)
    case "publish", "ring": option.commands.contains(.publish)
    case "config": true
    default: false
    }
  }

  /// The text of `porthole --help`.
  static var helpText: String {
    let rows = Option.all.map { option in
      let flag = "  --\(option.name) \(option.placeholder)"
      let padding = String(repeating: " ", count: max(1, 29 - flag.utf8.count))
      return "\(flag)\(padding)\(option.help) [\(option.standard)]"
    }
    return """
      porthole: shows this board's camera to any browser

      porthole [serve] [options]   capture, encode, serve the page
      porthole call URL [options]  call another Porthole, such as ws://HOST:PORT/ws?token=TOKEN
      porthole publish NAME VALUE [--unit U]
                                   show a value among the sensors of the running one
      porthole ring [--name TEXT] [--wait]
                                   ring on every open page of the running one; --wait: until somebody
                                   answers (0) or declines (3), or nobody does (4)
      porthole config [options]    print every option with its value and where that came from;
                                   --show-secrets: the tokens too; --reference: docs/options.md
      porthole devices             list the cameras with their formats
      porthole --help | --version

      \(rows.joined(separator: "\n"))

      """
  }
}
