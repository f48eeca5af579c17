// SPDX-License-Identifier: Apache-2.0

/// The page docs/options.md, made from the table of options; a test holds the two equal.
enum OptionReference {
  static func text(sections: [ConfigurationSection] = ConfigurationSection.all) -> String {
    var text = introduction
    for table in Option.tables {
      let rows = Option.rows(of: table)
      text += table.isEmpty ? "\n## Above all tables\n\n" : "\n## [\(table)]\n\n"
      text += "| flag | in the file | default | what it says |\n|---|---|---|---|\n"
      text += rows.map { row($0, key: $0.key?.name) }.joined()
    }
    text += "\n## Only as a flag\n\n| flag | default | what it says |\n|---|---|---|\n"
    text += Option.all.filter { $0.key == nil }.map { row($0, key: nil) }.joined()
    for section in sections { text += "\n## [[\(section.name)]]\n\n\(section.help)\n" }
    return text
  }

  private static let introduction = """
    # Options

    This page is what `porthole config --reference` prints. A flag is written `--size 640x480` or `--size=640x480`.

    A flag wins over the configuration file, and the file over the default. The file is the one that `--config FILE` names;
    else `/etc/porthole/porthole.toml` if it exists; else the user's, `~/.config/porthole/porthole.toml`. It is never more
    than one, and `porthole` says at the start which. It is [TOML](https://toml.io/en/v1.0.0) without dates and without
    text over several lines. A key or a table that is not known is an error, with the line and the nearest name.

        log-level = "warning"

        [camera]
        source = "/dev/video2"
        size = "640x480"
        rate = 15

        [network]
        listen = "127.0.0.1:8080"
        interface = ["eth0", "wlan0"]

    `porthole config` prints every value with where it came from, as a file that says the same; tokens are left out unless
    `--show-secrets` stands behind it. Keep a file with a token in it from others: `chmod 600`.

    """

  private static func row(_ option: Option, key: String?) -> String {
    var cells = ["`--\(option.name) \(option.placeholder)`"]
    if let key { cells.append("`\(key)`\(option.form.note)") }
    cells.append(option.standard)
    var said = option.help
    if !option.commands.contains(.call) { said += "; not for `call`" }
    if !option.commands.contains(.serve) { said += "; only for `call`" }
    cells.append(option.more.isEmpty ? said + "." : "\(said). \(option.more)")
    return "| " + cells.map(escaped).joined(separator: " | ") + " |\n"
  }

  /// A bar would end the cell.
  private static func escaped(_ cell: String) -> String {
    var bytes: [UInt8] = []
    for byte in cell.utf8 {
      if byte == UInt8(ascii: "|") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Option.Form {
  /// What docs/options.md says of the value.
  fileprivate var note: String {
    switch self {
    case .text: ""
    case .number: ", a number"
    case .quantity: ", a number or text"
    case .list: ", a list"
    }
  }
}
