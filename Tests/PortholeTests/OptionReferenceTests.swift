// SPDX-License-Identifier: Apache-2.0
import EventLoop
@testable import Porthole
import Testing

@Suite struct OptionReferenceTests {
  @Test func `docs/options.md is what the program prints`() throws {
    let root = #filePath.utf8.dropLast("Tests/PortholeTests/OptionReferenceTests.swift".utf8.count)
    let path = String(decoding: Array(root), as: UTF8.self) + "docs/options.md"
    let page = try #require(try LocalFile.read(path, limit: 1_000_000))
    let text = OptionReference.text()
    #expect(
      Array(text.utf8) == page,
      "write it anew: .build/debug/porthole config --reference > docs/options.md"
    )
  }

  @Test func `has every option, its key and its default`() {
    let text = OptionReference.text()
    for option in Option.all {
      #expect(text.holds("`--\(option.name) "), "\(option.name)")
      if let key = option.key { #expect(text.holds("`\(key.name)`"), "\(key.name)") }
    }
    let places = Option.all.compactMap(\.key).map { "[\($0.table)] \($0.name)" }
    #expect(Set(places).count == places.count)
    #expect(Option.all.allSatisfy { $0.key.map { Option.tables.contains($0.table) } ?? true })
  }

  @Test func `the example of the page is a file that is taken`() throws {
    let lines = OptionReference.text().utf8.split(separator: 10, omittingEmptySubsequences: false)
    let block = lines.drop { !$0.starts(with: "    ".utf8) }
      .prefix { $0.isEmpty || $0.starts(with: "    ".utf8) }
    let example = block.map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: "\n")
    let settings = try Configuration(search: .text(example)).settings
    #expect(settings.logLevel == .warning)
    #expect(settings.interfaces == ["eth0", "wlan0"])
  }
}
