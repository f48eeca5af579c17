// SPDX-License-Identifier: Apache-2.0
@testable import Porthole
import TOML
import Testing

@Suite struct ConfigurationTableTests {
  private func table(_ text: String) throws -> ConfigurationTable {
    ConfigurationTable(try TOMLTable(parsing: text), file: "a.toml")
  }

  /// The sentence that `body` is refused with.
  private func refusal(
    _ text: String,
    _ body: (inout ConfigurationTable) throws(UsageError) -> Void
  ) throws -> String {
    var table = try table(text)
    do throws(UsageError) {
      try body(&table)
    } catch {
      return error.description
    }
    return "taken"
  }

  @Test func `reads each kind of value, and nothing where there is none`() throws {
    var table = try table(
      """
      text = "x"
      whole = -3
      part = 0.5
      truth = true
      list = ["a", "b"]
      one = "c"
      none = []
      """
    )
    #expect(try table.string("text") == "x")
    #expect(try table.requiredString("one") == "c")
    #expect(try table.integer("whole", in: -3...0) == -3)
    #expect(try table.requiredInteger("whole", in: -3...0) == -3)
    #expect(try table.number("whole", in: -3...0) == -3)
    #expect(try table.requiredNumber("part", in: 0.5...0.5) == 0.5)
    #expect(try table.boolean("truth") == true)
    #expect(try table.strings("list") == ["a", "b"])
    #expect(try table.strings("one") == ["c"])
    #expect(try table.requiredStrings("none") == [])
    #expect(try table.string("missing") == nil)
    #expect(try table.integer("missing", in: 0...1) == nil)
    #expect(try table.number("missing", in: 0...1) == nil)
    #expect(try table.boolean("missing") == nil)
    #expect(try table.strings("missing") == nil)
    #expect(try table.table("missing") == nil)
    #expect(try table.tables("missing").isEmpty)
    try table.finish()
  }

  @Test func `names the line and the key of a value of another kind`() throws {
    let text = "\nkey = "
    for value in ["1", "0.5", "true", "[1]", "{}", "[\"a\", 1]"] {
      let said = try refusal(text + value) { (table) throws(UsageError) in
        _ = try table.string("key")
      }
      #expect(said.holds("a.toml:2: key takes text in quotation marks, not"), "\(said)")
      let list = try refusal(text + value) { (table) throws(UsageError) in
        _ = try table.strings("key")
      }
      #expect(list.holds("a.toml:2: key takes a list of texts"), "\(list)")
    }
    for value in ["\"1\"", "1.0", "4", "-1", "true", "[]"] {
      let said = try refusal(text + value) { (table) throws(UsageError) in
        _ = try table.integer("key", in: 0...3)
      }
      #expect(said.holds("a.toml:2: key takes a whole number from 0 to 3"), "\(said)")
    }
    for value in ["\"1\"", "4", "-0.5", "true", "[]"] {
      let said = try refusal(text + value) { (table) throws(UsageError) in
        _ = try table.number("key", in: 0...3)
      }
      #expect(said.holds("a.toml:2: key takes a number from 0.0 to 3.0"), "\(said)")
    }
    for value in ["\"true\"", "1", "[]"] {
      let said = try refusal(text + value) { (table) throws(UsageError) in
        _ = try table.boolean("key")
      }
      #expect(said.holds("a.toml:2: key takes true or false"), "\(said)")
    }
  }

  @Test func `never repeats a text that it does not take`() throws {
    let said = try refusal("token = [\"my-secret\"]") { (table) throws(UsageError) in
      _ = try table.string("token")
    }
    #expect(!said.holds("my-secret"))
  }

  @Test func `names the table that lacks a key`() throws {
    var table = try table("\n[[sensor]]\nunit = \"C\"\n[[sensor]]\nname = \"x\"")
    var sensors = try table.tables("sensor")
    #expect(sensors.map(\.line) == [2, 4])
    let error = #expect(throws: UsageError.self) { try sensors[0].requiredString("name") }
    #expect(error?.description == "a.toml:2: [[sensor]] lacks the key name.")
    #expect(throws: UsageError.self) { try sensors[1].requiredInteger("pin", in: 0...9) }
    #expect(throws: UsageError.self) { try sensors[1].requiredNumber("pin", in: 0...9) }
    #expect(throws: UsageError.self) { try sensors[1].requiredStrings("pin") }
  }

  @Test func `refuses the keys that nobody has asked for, and names the nearest`() throws {
    let unknown = try refusal("[gpio]\npin = 4\nlabel = \"x\"") { (table) throws(UsageError) in
      guard var gpio = try table.table("gpio") else { return }
      _ = try gpio.integer("pin")
      _ = try gpio.string("lable")
      try gpio.finish()
    }
    #expect(unknown == "a.toml:3: there is no key label in [gpio]: did you mean lable?")
    let far = try refusal("zzzzzzzzz = 1") { (table) throws(UsageError) in
      _ = try table.string("one")
      _ = try table.string("two")
      try table.finish()
    }
    #expect(far == "a.toml:1: there is no key zzzzzzzzz: there are one, two.")
    let other = try refusal("[x]") { (table) throws(UsageError) in
      try table.finish { _ in "go away." }
    }
    #expect(other == "a.toml:1: there is no table x: go away.")
  }

  @Test func `says how a table is written where there is a value`() throws {
    let single = try refusal("gpio = 1") { (table) throws(UsageError) in
      _ = try table.table("gpio")
    }
    #expect(single.holds("[gpio]"))
    for text in ["gpio = 1", "[gpio]", "gpio = [1]"] {
      let listed = try refusal(text) { (table) throws(UsageError) in
        _ = try table.tables("gpio")
      }
      #expect(listed.holds("[[gpio]]"))
    }
    let inner = try refusal("[[a]]\nb = 1") { (table) throws(UsageError) in
      for var table in try table.tables("a") { _ = try table.table("b") }
    }
    #expect(inner.holds("[a.b]"), "\(inner)")
  }
}
