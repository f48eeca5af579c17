// SPDX-License-Identifier: Apache-2.0
private import TOML

extension Check {
  /// What is no TOML 1.0, or not taken: the line, the column, and a word of the sentence.
  static let tomlRefusals: [Check] = [
    Check("refuses what is no line") {
      try refuse([
        ("a", 1, 2, "no ="), ("a = ", 1, 5, "value is missing"), ("= 1", 1, 1, "key is missing"),
        ("\na = 1 b = 2", 2, 7, "new line"), ("[a] b = 1", 1, 5, "new line"),
        ("a = 1\r\rb = 2", 1, 6, "carriage return"), ("# x\u{1}", 1, 4, "control"),
        ("a = 1 # \u{7F}", 1, 9, "control"), ("a = 1 \u{C}", 1, 7, "new line"),
        ("a = \u{FEFF}1", 1, 5, "missing"), ("é = 1", 1, 1, "quotation marks"),
        ("a é = 1", 1, 3, "no ="), ("\"é\" = é", 1, 7, "missing"), (".a = 1", 1, 1, "key"),
        ("a. = 1", 1, 4, "key"), ("a..b = 1", 1, 3, "key"), ("\u{0}", 1, 1, "key"),
      ])
    },
    Check("refuses values that people write without thinking, and says how") {
      try refuse([
        ("size = 1280x720", 1, 8, "\"1280x720\""), ("a = test", 1, 5, "\"test\""),
        ("a = /dev/video0", 1, 5, "\"/dev/video0\""), ("a = 2M", 1, 5, "\"2M\""),
        ("a = True", 1, 5, "true"), ("a = FALSE", 1, 5, "false"), ("a = yes", 1, 5, "\"yes\""),
        ("a = 1979-05-27", 1, 5, "dates"), ("a = 1979-05-27T07:32:00Z", 1, 5, "dates"),
        ("a = 07:32:00", 1, 5, "dates"), ("a = [1,\n 1979-05-27 07:32:00]", 2, 2, "dates"),
        ("a = inf", 1, 5, "number"), ("a = -nan", 1, 5, "number"),
        ("a = \"\"\"x\"\"\"", 1, 5, "lines"), ("a = '''x'''", 1, 5, "lines"),
        ("\"\"\"a\"\"\" = 1", 1, 1, "lines"),
      ])
    },
    Check("refuses what is no number") {
      for word in [
        "01", "-01", "+", "-", "1_", "_1", "1__0", "1.", ".5", "1.e5", "1e", "1e+", "1e1.5", "1._5",
        "00.5", "1_.5", "--1", "+-1", "1.2.3", "0x", "0xG", "0o8", "0b2", "0x_1", "+0x1", "-0b1",
        "0X1", "1e999", "-1e999", "9223372036854775808x", "0x8000000000000000", "1,", "1 2",
        String(repeating: "1", count: 257),
      ] {
        do throws(TOMLError) {
          _ = try TOMLTable(parsing: "\n  a = \(word)")
        } catch {
          try expectEqual(error.position.line, 2, word)
          continue
        }
        throw CheckFailure(description: "\(word) was read")
      }
    },
    Check("reads a whole number that does not fit as no other number") {
      try refuse([
        ("a = 9223372036854775808", 1, 5, "number"), ("a = -1_0000000000000000000", 1, 5, ""),
      ])
    },
    Check("refuses strings that do not end, and what may not stand in them") {
      try refuse([
        (#"a = "x"#, 1, 5, "end"), ("a = 'x", 1, 5, "end"), ("a = \"x\ny\"", 1, 5, "end"),
        ("a = 'x\r\ny'", 1, 5, "end"), ("a = \"\u{1}\"", 1, 6, "control"),
        ("a = '\u{7F}'", 1, 6, "control"), (#"a = "é\q""#, 1, 8, #"\\"#),
        (#"a = "\u12""#, 1, 10, "four"),
        (#"a = "\U0000123""#, 1, 15, "eight"), (#"a = "\ud800""#, 1, 7, "no character"),
        (#"a = "\U00110000""#, 1, 7, "no character"), (#"a = "\UFFFFFFFF""#, 1, 7, "no character"),
        (#"a = "\"#, 1, 7, "escape"), (#"a = "\e""#, 1, 7, ""), ("a = 'it's'", 1, 9, "new line"),
      ])
    },
    Check("refuses arrays and braces that are not whole") {
      try refuse([
        ("\na = [1,", 2, 5, "]"), ("a = [", 1, 5, "]"), ("a = [1 2]", 1, 8, ","),
        ("a = [,1]", 1, 6, ""),
        ("a = [1,,2]", 1, 8, ""), ("a = [1 # x", 1, 5, "]"), ("a = 1]", 1, 6, "new line"),
        ("a = {", 1, 6, "line"), ("a = { b = 1", 1, 12, "line"),
        ("a = { b = 1,\nc = 2 }", 1, 13, "line"),
        ("a = { b = 1, }", 1, 14, "comma"), ("a = { b = 1 c = 2 }", 1, 13, ","),
        ("a = { , }", 1, 7, "key"), ("a = { b }", 1, 9, "no ="), ("a = { b = 1 # x", 1, 13, "line"),
      ])
    },
    Check("refuses headers that are not whole") {
      try refuse([
        ("[", 1, 2, "key"), ("[]", 1, 2, "key"), ("[a", 1, 3, "]"), ("[a\n]", 1, 3, "]"),
        ("[a.]", 1, 4, "key"), ("[.a]", 1, 2, "key"), ("[a b]", 1, 4, "]"), ("[[a]", 1, 5, "]]"),
        ("[[a] ]", 1, 5, "]]"), ("[ [a]]", 1, 3, "key"), ("[[]]", 1, 3, "key"),
        ("[a]]", 1, 4, "new line"),
      ])
    },
    Check("refuses a key or a table twice, and names the first") {
      try refuse([
        ("a = 1\na = 2", 2, 1, "line 1"), ("a = 1\n'a' = 2", 2, 1, "line 1"),
        ("a.b = 1\na.b = 2", 2, 3, "line 1"), ("a = 1\na.b = 2", 2, 1, "value since line 1"),
        ("a.b = 1\na = 2", 2, 1, "line 1"), ("[a]\nb = 1\n[a]", 3, 2, "line 1"),
        ("[a]\n[a.b]\n[a]", 3, 2, "line 1"), ("[a]\nb = 1\n[a.b]", 3, 4, "value since line 2"),
        ("[a]\nb = 1\n[a.b.c]", 3, 4, "value since line 2"), ("a = { b = 1 }\n[a]", 2, 2, "braces"),
        ("a = { b = 1 }\na.c = 2", 2, 1, "braces"), ("a = { b = 1 }\n[a.c]", 2, 2, "braces"),
        ("a = { b = 1, b = 2 }", 1, 14, "line 1"), ("a = { b = {}, b.c = 2 }", 1, 15, "braces"),
        ("[a]\nb.c = 1\n[a.b]", 3, 4, "line 2"), ("[a.b.c]\nz = 1\n[a]\nb.c.t = 2", 4, 1, "header"),
        ("[a.b]\nz = 1\n[a]\nb.t = 2", 4, 1, "header"), ("\"\" = 1\n'' = 2", 2, 1, "\"\""),
      ])
    },
    Check("refuses to mix a list of tables with a table or an array") {
      try refuse([
        ("[a]\n[[a]]", 2, 3, "line 1"), ("[[a]]\n[a]", 2, 2, "[[ ]]"),
        ("a = []\n[[a]]", 2, 3, "array"),
        ("a = [{}]\n[[a]]", 2, 3, "array"), ("a = [{}]\n[a.b]", 2, 2, "array"),
        ("[[a]]\nb = 1\n[[a.b]]", 3, 5, "value"), ("[[a]]\n[a.b]\n[[a.b]]", 3, 5, "single"),
        ("a.b = 1\n[[a]]", 2, 3, "single"), ("[[a]]\n[b]\n[[a]]\n[b]", 4, 2, "line 2"),
        ("[a.b]\n[[a]]", 2, 3, "single"),
      ])
    },
    Check("refuses bytes that are not UTF-8") {
      for bytes: [UInt8] in [
        [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
      ] {
        for (before, after) in [
          ("a = \"", "\""), ("a = '", "'"), ("# ", "\n"), ("\"", "\" = 1"), ("", ""),
        ] {
          let text = Array(before.utf8) + bytes + Array(after.utf8)
          try expect((try? TOMLTable(parsing: text)) == nil, "\(text) was read")
        }
      }
    },
    Check("refuses what is too deep or too long") {
      func deep(_ depth: Int) -> [String] {
        func times(_ text: String) -> String { String(repeating: text, count: depth - 1) }
        return [
          "a = " + times("[") + "1" + times("]"), times("a.") + "a = 1",
          "[" + times("a.") + "a]", times("a={") + "a=1" + times("}"),
        ]
      }
      for text in deep(16) { _ = try TOMLTable(parsing: text) }
      for text in deep(17) + deep(15_000) {
        do throws(TOMLError) {
          _ = try TOMLTable(parsing: text)
        } catch {
          try expect(holds(error.reason, "deep"), "\(error)")
          continue
        }
        throw CheckFailure(description: "\(text.utf8.count) bytes were read")
      }
      let long = String(repeating: "#", count: 65_537)
      try expect((try? TOMLTable(parsing: long)) == nil, "65,537 bytes were read")
      _ = try TOMLTable(parsing: String(long.dropLast()))
    },
  ]

  private static func refuse(_ table: [(String, Int, Int, String)]) throws {
    for (text, line, column, word) in table {
      do throws(TOMLError) {
        _ = try TOMLTable(parsing: text)
      } catch {
        try expectEqual(
          error.position,
          TOMLPosition(line: line, column: column),
          "'\(text)': \(error)"
        )
        try expect(holds(error.reason, word), "'\(text)' is refused with '\(error)'")
        continue
      }
      throw CheckFailure(description: "'\(text)' was read")
    }
  }

  private static func holds(_ text: String, _ word: String) -> Bool {
    let text = Array(text.utf8)
    let part = Array(word.utf8)
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
