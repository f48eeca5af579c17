// SPDX-License-Identifier: Apache-2.0
private import TOML

extension Check {
  /// TOML, as the configuration file is read.
  static let museumTOML: [Check] = [
    Check(
      "arrays or braces lie deep inside one another, closed or not",
      after: "GHSA-82x6-q7mm-w9cf, cktan/tomlc99 #94, marzer/tomlplusplus #292"
    ) {
      for (open, close) in [("[", "]"), ("{a=", "}")] {
        for end in ["", String(repeating: close, count: 10_000)] {
          let text = "a = " + String(repeating: open, count: 10_000) + end
          try expectEqual(
            refusal(of: text),
            TOMLPosition(line: 1, column: 5 + 16 * open.utf8.count)
          )
        }
      }
    },
    Check("a key has tens of thousands of parts", after: "cktan/tomlc99 #97") {
      let path = String(repeating: "b.", count: 30_000) + "b"
      try expectEqual(refusal(of: path + " = 1"), TOMLPosition(line: 1, column: 33))
      try expectEqual(refusal(of: "[\(path)]"), TOMLPosition(line: 1, column: 34))
    },
    Check(
      "the text ends inside a header or an array",
      after: "pelletier/go-toml #579, pelletier/go-toml #561"
    ) {
      let cut = [
        "[", "[a", "[a.", "[[", "[[a", "[[a]", "s=[", "s=[[", "s=[1", "s=[1,", "s={", "s={a=",
      ]
      for text in cut { try expect(refusal(of: text) != nil, "'\(text)' was read") }
    },
    Check(
      "the text ends behind a dot, a sign or an escape",
      after: "pelletier/go-toml #714, pelletier/go-toml #715"
    ) {
      for text in ["0.", "0=", "0=+", "0=+A", "0=-", "0=1_", "0=0x", "0=1e", "0=\"\\", "0=\"\\u00"]
      {
        try expect(refusal(of: text) != nil, "'\(text)' was read")
      }
    },
    Check("what begins as a date breaks off", after: "pelletier/go-toml #585") {
      for text in ["a=1979-05127T 0", "a=1979-", "a=07:", "a=1979-05-27T", "a=00:00:00."] {
        try expectEqual(refusal(of: text), TOMLPosition(line: 1, column: 3), text)
      }
    },
    Check("an empty text in quotation marks stands alone", after: "toml-rs/toml-rs #152") {
      for text in ["''", "\"\"", "'#'", "'--'"] {
        let end = TOMLPosition(line: 1, column: text.utf8.count + 1)
        try expectEqual(refusal(of: text), end, text)
      }
    },
    Check(
      "bytes that are no character stand behind a key, or at the very end",
      after: "BurntSushi/toml #155, BurntSushi/toml #329"
    ) {
      for text: [UInt8] in [
        [0x22, 0x22, 0xEF], [0x22, 0x22, 0xFF], Array("a = 1 # x".utf8) + [0xC3],
        Array("a = \"".utf8) + [0xE2, 0x82],
      ] {
        try expect((try? TOMLTable(parsing: text)) == nil, "\(text) was read")
      }
    },
    Check("a key stands twice, once with an escape", after: "vlang/v #26140") {
      try expectEqual(refusal(of: "'a' = 1\n\"\\u0061\" = 2"), TOMLPosition(line: 2, column: 1))
    },
  ]

  /// Where `text` is refused; `nil` when it is read.
  private static func refusal(of text: String) -> TOMLPosition? {
    do throws(TOMLError) {
      _ = try TOMLTable(parsing: text)
      return nil
    } catch {
      return error.position
    }
  }
}
