// SPDX-License-Identifier: Apache-2.0
private import TOML

extension Check {
  /// TOML 1.0: what must be read, what must be refused and where, what is printed.
  public static let toml: [Check] =
    tomlReading + tomlRefusals + [
      Check("what is read from a damaged file can be printed and read again") {
        for target in FuzzTarget.toml { target.mutate(count: 20_000, seed: 0x1000) }
      }
    ]

  private static let tomlReading: [Check] = [
    Check("reads strings, basic and literal, with their escapes") {
      try reads(#"a = "x # no comment""#, #"a = "x # no comment""#)
      try reads(#"a = "\b\t\n\f\r\"\\\u00E9\U0001F600é😀""#, #"a = "\u0008\t\n\u000C\r\"\\é😀é😀""#)
      try reads(#"a = 'C:\new\"x"'"#, #"a = "C:\\new\\\"x\"""#)
      try reads("a = \"tab\tin it\"\nb=''\nc=\"\"", "a = \"tab\\tin it\"\nb = \"\"\nc = \"\"")
      try reads(#"a = "\u007f\u0000""#, #"a = "\u007F\u0000""#)
    },
    Check("reads integers of four radices, with underscores") {
      try reads("a = 0\nb = +99\nc = -17\nd = -0", "a = 0\nb = 99\nc = -17\nd = 0")
      try reads("a = 1_000\nb = 5_349_221\nc = 1_2_3", "a = 1000\nb = 5349221\nc = 123")
      try reads(
        "a = 0xDEAD_beef\nb = 0o755\nc = 0b1101_0110\nd = 0x00",
        "a = 3735928559\nb = 493\nc = 214\nd = 0"
      )
      try reads(
        "a = 9223372036854775807\nb = -9223372036854775808\nc = 0x7FFFFFFFFFFFFFFF",
        "a = 9223372036854775807\nb = -9223372036854775808\nc = 9223372036854775807"
      )
    },
    Check("reads floats exactly") {
      try reads(
        "a = +1.0\nb = 3.1415\nc = -0.01\nd = 5e+22\ne = 1e06\nf = -2E-2\ng = 6.626e-34",
        "a = 1.0\nb = 3.1415\nc = -0.01\nd = 5e+22\ne = 1000000.0\nf = -0.02\ng = 6.626e-34"
      )
      try reads(
        "a = 224_617.445_991_228\nb = -0.0\nc = 5e-324\nd = 0e0\ne = 1_0e1_0",
        "a = 224617.445991228\nb = -0.0\nc = 5e-324\nd = 0.0\ne = 100000000000.0"
      )
    },
    Check("reads arrays over lines, of mixed kinds, with a last comma") {
      try reads("a = [ 1, 2, ]", "a = [1, 2]")
      try reads(
        "a = [ # one\n\n 1 # two\n , \"x\", [true, []],\r\n {k = 1} # last\n]\nb = 2",
        "a = [1, \"x\", [true, []], { k = 1 }]\nb = 2"
      )
    },
    Check("reads keys bare, quoted and with dots") {
      try reads("a-b_1 = 1\n1234 = 2\n-=3", "a-b_1 = 1\n1234 = 2\n- = 3")
      try reads(
        #""a b" = 1\#n'c"d' = 2\#n"" = 3\#n"ʎ" = 4"#,
        #""a b" = 1\#n"c\"d" = 2\#n"" = 3\#n"ʎ" = 4"#
      )
      try reads("a . b . \"c.d\" = 1\na.e = 2", "a = { b = { \"c.d\" = 1 }, e = 2 }")
      try reads("3.14159 = \"pi\"", "3 = { 14159 = \"pi\" }")
    },
    Check("reads tables in any order, and those on the way to others") {
      try reads("[a]\nx = 1\n[ b . 'c' ] # why\ny = 2", "a = { x = 1 }\nb = { c = { y = 2 } }")
      try reads("[a.b.c]\nz = 1\n[a]\ny = 2", "a = { b = { c = { z = 1 } }, y = 2 }")
      try reads(
        "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
        "fruit = { apple = { color = 1, taste = { sweet = true }, texture = { smooth = true } } }"
      )
      try reads("x = 0\n[a]\n[a.b]", "x = 0\na = { b = {} }")
    },
    Check("reads lists of tables, and tables inside their last one") {
      try reads(
        "[[s]]\nn = 1\n[s.r]\nlow = 2\n[[s.a]]\n[[s.a]]\nk = 3\n[[s]]\n[[s]]\n[s.r]\nlow = 4",
        "s = [{ n = 1, r = { low = 2 }, a = [{}, { k = 3 }] }, {}, { r = { low = 4 } }]"
      )
    },
    Check("reads tables in braces") {
      try reads(
        "a = { x = 1, y.z = 2, y.w = { v = [1] } }\nb = {}\nc = {  }",
        "a = { x = 1, y = { z = 2, w = { v = [1] } } }\nb = {}\nc = {}"
      )
    },
    Check("reads comments, blank lines and both line ends") {
      for text in ["", "\n", "# x", "#\r\n\r\n", " \t # é\n", "\u{FEFF}# from an editor"] {
        try reads(text, "")
      }
      try reads("\u{FEFF}a = 1 # x\r\n\tb\t=\t2\r\n\r\n", "a = 1\nb = 2")
    },
    Check("says where keys and tables stand") {
      let table = try TOMLTable(
        parsing: "\"é\" = 1 # é\n\n  \"é2\" = 2\r\n[ c ]\n d = 3\n[x.y]\n[[e]]\n [[e]]\n[x]"
      )
      let found = table.members.map { [$0.position.line, $0.position.column] }
      try expectEqual(found, [[1, 1], [3, 3], [4, 3], [6, 2], [7, 3]])
      guard case .table(let c)? = table["c"]?.value, case .array(let e)? = table["e"]?.value,
        case .table(let second)? = e.last, case .table(let x)? = table["x"]?.value
      else { throw CheckFailure(description: "c, e or x is missing") }
      try expectEqual(c["d"]?.position, TOMLPosition(line: 5, column: 2))
      try expectEqual(second.position, TOMLPosition(line: 8, column: 4))
      try expectEqual(x.position, TOMLPosition(line: 9, column: 2))
      try expectEqual(x["z"] == nil, true)
    },
  ]

  private static func reads(_ text: String, _ expected: String) throws {
    let found = try TOMLTable(parsing: text).description
    try expectEqual(found, expected.isEmpty ? "" : expected + "\n", "'\(text)'")
  }
}
