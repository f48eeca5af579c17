// SPDX-License-Identifier: Apache-2.0
internal import HTTP

/// What the words of a command line ask for.
enum Command: Sendable {
  case serve(Settings)
  case call(WebSocketURL, Settings)
  case devices
  case help
  case version

  /// Reads the words after the program's name.
  init(arguments: [String]) throws(UsageError) {
    var words = arguments[...]
    var verb = "serve"
    if let first = words.first, !first.utf8.starts(with: [0x2D]) {
      verb = first
      words = words.dropFirst()
    }
    guard ["serve", "call", "devices", "help", "version"].contains(verb) else {
      throw UsageError("There is no command \"\(verb)\": porthole --help lists them.")
    }
    var settings = Settings()
    var address: String?
    while let word = words.popFirst() {
      if word == "--help" || word == "-h" {
        verb = "help"
      } else if word == "--version" {
        verb = "version"
      } else if verb == "call", address == nil, !word.utf8.starts(with: [0x2D]) {
        address = word
      } else {
        try Self.read(word, &words, into: &settings)
      }
    }
    switch verb {
    case "call": self = .call(try Self.callee(address), settings)
    case "devices": self = .devices
    case "help": self = .help
    case "version": self = .version
    default: self = .serve(settings)
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

  private static func read(
    _ word: String,
    _ words: inout ArraySlice<String>,
    into settings: inout Settings
  ) throws(UsageError) {
    let bytes = Array(word.utf8)
    guard bytes.starts(with: [0x2D, 0x2D]) else {
      throw UsageError("\"\(word)\" is not an option: porthole --help lists them.")
    }
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = String(decoding: bytes[2..<(equals ?? bytes.count)], as: UTF8.self)
    guard let option = Option.all.first(where: { $0.name == name }) else {
      let near = Option.all.map { (distance($0.name, name), $0.name) }.min { $0.0 < $1.0 }
      let hint = near.map { $0.0 <= 3 ? " Did you mean --\($0.1)?" : "" } ?? ""
      throw UsageError("There is no option --\(name).\(hint) porthole --help lists all.")
    }
    if let equals {
      try option.apply(String(decoding: bytes[(equals + 1)...], as: UTF8.self), &settings)
    } else if let value = words.popFirst() {
      try option.apply(value, &settings)
    } else {
      throw UsageError("--\(name) needs a value: --\(name) \(option.placeholder).")
    }
  }

  /// The Levenshtein distance between two short words.
  private static func distance(_ lhs: String, _ rhs: String) -> Int {
    let left = Array(lhs.utf8.prefix(32))
    let right = Array(rhs.utf8.prefix(32))
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }

  /// The text of `porthole --help`.
  static var helpText: String {
    let rows = Option.all.map { option in
      let flag = "  --\(option.name) \(option.placeholder)"
      let padding = String(repeating: " ", count: max(1, 26 - flag.utf8.count))
      return "\(flag)\(padding)\(option.help) [\(option.standard)]"
    }
    return """
      porthole: shows this board's camera to any browser

      porthole [serve] [options]   capture, encode, serve the page
      porthole call URL [options]  call another Porthole, such as ws://HOST:PORT/ws?token=TOKEN
      porthole devices             list the cameras with their formats
      porthole --help | --version

      \(rows.joined(separator: "\n"))

      """
  }
}
