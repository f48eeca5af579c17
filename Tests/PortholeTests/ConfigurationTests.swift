// SPDX-License-Identifier: Apache-2.0
import MediaTypes
@testable import Porthole
import Testing

@Suite struct ConfigurationTests {
  /// A section of tests: it has one key, and says that there is something to control.
  private static let section = ConfigurationSection(name: "sensor", help: "A thing to read.") {
    (table, settings) throws(UsageError) in
    _ = try table.requiredString("name")
    settings.offersControl = true
  }

  private func configuration(
    _ text: String,
    flags: [String: [String]] = [:]
  ) throws(UsageError) -> Configuration {
    try Configuration(flags: flags, search: .text(text), sections: [Self.section])
  }

  /// The sentence that `text` is refused with.
  private func refusal(_ text: String, flags: [String: [String]] = [:]) -> String {
    do throws(UsageError) {
      _ = try configuration(text, flags: flags)
    } catch {
      return error.description
    }
    return "taken"
  }

  private func origin(_ name: String, in configuration: Configuration) -> Configuration.Origin? {
    configuration.entries.first { $0.option.name == name }?.origin
  }

  @Test func `flags win over the file, and the file over the defaults`() throws {
    let text = "[camera]\nrate = 15\nsize = \"640x480\"\n\n[network]\ninterface = [\"a\", \"b\"]"
    let found = try configuration(text, flags: ["rate": ["10", "20"]])
    #expect(found.settings.rate == FrameRate(20))
    #expect(found.settings.size == PictureSize(width: 640, height: 480))
    #expect(found.settings.bitrate == Settings().bitrate)
    #expect(found.settings.interfaces == ["a", "b"])
    #expect(origin("rate", in: found) == .flag)
    #expect(origin("size", in: found) == .file(line: 3))
    #expect(origin("bitrate", in: found) == .standard)
    #expect(found.path == "porthole.toml")
    let replaced = try configuration(text, flags: ["interface": ["c"]])
    #expect(replaced.settings.interfaces == ["c"], "the flags' list replaces the file's")
  }

  @Test func `a default of the table is the program's`() throws {
    var settings = Settings()
    for option in Option.all {
      guard let value = option.standardValue else { continue }
      try option.apply(value, &settings)
    }
    #expect(settings == Settings())
    #expect(try Configuration(search: .nowhere).settings == Settings())
    #expect(try configuration("").settings == Settings())
  }

  @Test func `every key of the file says what its flag says`() throws {
    for row in CommandTests.values {
      let option = try #require(Option.named(row.name))
      guard let key = option.key else { continue }
      let header = key.table.isEmpty ? "" : "[\(key.table)]\n"
      let others = ["control-token": ["token": ["none"]]][row.name] ?? [:]
      for value in row.good {
        let mark = option.form == .number ? "" : "'"
        let found = try configuration(
          "\(header)\(key.name) = \(mark)\(value)\(mark)",
          flags: others
        )
        var flags = others
        flags[row.name] = [value]
        #expect(found.settings == (try Configuration(flags: flags, search: .nowhere)).settings)
      }
      for value in row.bad where others.isEmpty || value != "none" {
        let isNumber = option.form == .number && Int(value) != nil
        let mark = isNumber ? "" : value.contains("\u{1}") ? "\"" : "'"
        let written = value.split(separator: "\u{1}", omittingEmptySubsequences: false)
          .joined(separator: "\\u0001")
        let said = refusal("\(header)\(key.name) = \(mark)\(written)\(mark)")
        let place = "porthole.toml:\(header.isEmpty ? 1 : 2): \(key.name) "
        #expect(said.utf8.starts(with: place.utf8), "\(value): \(said)")
      }
    }
  }

  @Test func `reads one file: that which is named, else the first there is`() throws {
    let texts = ["/first": "[camera]\nrate = 1", "/second": "[camera]\nrate = 2"]
    let cases: [(paths: [String], asked: String?, rate: Int, path: String?)] = [
      (["/first", "/second"], nil, 1, "/first"), (["/none", "/second"], nil, 2, "/second"),
      (["/none"], nil, 30, nil), (["/first"], "/second", 2, "/second"),
      (["/first"], "none", 30, nil),
    ]
    for row in cases {
      let found = try Configuration(
        flags: row.asked.map { ["config": [$0]] } ?? [:],
        search: .files(texts, paths: row.paths)
      )
      #expect(found.settings.rate == FrameRate(row.rate))
      #expect(found.path == row.path)
    }
    let missing = #expect(throws: UsageError.self) {
      try Configuration(flags: ["config": ["/none"]], search: .files(texts, paths: ["/first"]))
    }
    #expect(missing?.description.holds("/none") == true)
  }

  @Test(arguments: [
    ("[camera]\nsise = 1", 2, "size?"), ("[camrea]", 1, "camera?"), ("size = 1", 1, "in [camera]"),
    ("[camera]\ncamera = \"test\"", 2, "source"),
    ("[network]\nstate = \"x\"", 2, "above all tables"),
    ("config = \"x\"", 1, "--config"), ("[[camera]]", 1, "[camera]"), ("[sensor]", 1, "[[sensor]]"),
    ("[[sensor]]\nnme = \"x\"\nname = \"y\"", 2, "name?"), ("[[sensor]]", 1, "lacks the key name"),
    ("[camera]\nrate = \"30\"", 2, "rate"), ("[camera]\nrate = 0", 2, "rate"),
    ("[camera]\nrate = 1\nrate = 1", 3, "line 2"), ("[video]\nbitrate = 2.5", 2, "\"2.5M\""),
    ("[access]\ntoken = \"x\"", 2, "token"), ("x", 1, "key = value"),
  ])
  func `refuses a file by line, and says what to do`(text: String, line: Int, word: String) {
    let said = refusal(text)
    #expect(said.utf8.starts(with: "porthole.toml:\(line):".utf8), "\(said)")
    #expect(said.holds(word), "\(said)")
    #expect(said.utf8.last.map { ".?".utf8.contains($0) } == true, "\(said)")
  }

  @Test func `looks at a value of the file that a flag replaces`() {
    #expect(refusal("[camera]\nrate = 0", flags: ["rate": ["30"]]).holds("porthole.toml:2"))
  }

  @Test func `refuses a control without a token where watching asks for one`() throws {
    let open = "[access]\ncontrol-token = \"none\""
    #expect(refusal(open).holds("porthole.toml:2: control-token is none"))
    #expect(refusal(open, flags: ["token": ["12345678"]]).holds("porthole.toml:2"))
    #expect(refusal("", flags: ["control-token": ["none"]]).holds("--control-token is none"))
    #expect(try configuration(open, flags: ["token": ["none"]]).settings.controlToken == .open)
    let same = "[access]\ntoken = \"12345678\"\ncontrol-token = \"12345678\""
    #expect(try configuration(same).settings.controlToken == .given("12345678"))
  }

  @Test func `reads the tables that stand several times`() throws {
    let found = try configuration("[[sensor]]\nname = \"a\"\n[[sensor]]\nname = \"b\"")
    #expect(found.settings.offersControl)
    #expect(found.tables.map(\.line) == [1, 3])
    #expect(found.text(showsSecrets: false).holds("[[sensor]]"))
  }

  @Test func `knows when the file holds a token`() throws {
    #expect(try configuration("[access]\ntoken = \"12345678\"").fileHoldsSecrets)
    #expect(try configuration("[access]\ncontrol-token = \"12345678\"").fileHoldsSecrets)
    #expect(try !configuration("[access]\ntoken = \"none\"").fileHoldsSecrets)
    #expect(try !configuration("", flags: ["token": ["12345678"]]).fileHoldsSecrets)
  }
}
