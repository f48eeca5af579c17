// SPDX-License-Identifier: Apache-2.0
import Testing

/// What the documentation points at exists.
struct DocumentationTests {
  static let pages = Repository.files().filter { $0.hasSuffix(".md") }

  @Test func `links resolve`() {
    #expect(Self.pages.contains("README.md"))
    var offences: [String] = []
    for page in Self.pages {
      let folder = page.utf8.split(separator: UInt8(ascii: "/")).dropLast()
        .map { String(decoding: $0, as: UTF8.self) }
      for link in links(in: Repository.bytes(page)) {
        guard !link.hasPrefix("http:"), !link.hasPrefix("https:") else { continue }
        let parts = link.utf8.split(
          separator: UInt8(ascii: "#"),
          maxSplits: 1,
          omittingEmptySubsequences: false
        )
        .map { String(decoding: $0, as: UTF8.self) }
        let target = parts[0].isEmpty ? page : path(parts[0], from: folder)
        if !Repository.exists(target) {
          offences.append("\(page): \(link)")
        } else if parts.count > 1, !anchors(of: target).contains(parts[1]) {
          offences.append("\(page): \(link) (no such heading)")
        }
      }
    }
    #expect(offences == [])
  }

  @Test func `files named in the text exist`() {
    let places = ["Sources/", "Tests/", "docs/", "board/", "tools/", "Packaging/"]
    var offences: [String] = []
    for page in Self.pages {
      for quoted in quotations(in: Repository.bytes(page)) {
        let isPath = places.contains { quoted.hasPrefix($0) }
        let isExact = !quoted.utf8.contains { " *<>{}$…".utf8.contains($0) }
        let name = quoted.utf8.split(separator: UInt8(ascii: ":")).first
          .map { String(decoding: $0, as: UTF8.self) }
        guard isPath, isExact, let name, !name.holds("TARGET") else { continue }
        if !Repository.exists(name) { offences.append("\(page): \(quoted)") }
      }
    }
    #expect(offences == [])
  }

  @Test func `Swift on a page stands in a source that is compiled`() {
    let sources = Repository.files(under: "Examples").filter { $0.hasSuffix(".swift") }
      .map { Repository.lines($0).map(Self.unindented) }
    var count = 0
    var strangers: [String] = []
    for page in Self.pages {
      for block in Self.blocks(in: Repository.lines(page)) {
        count += 1
        let isCompiled = sources.contains { lines in
          lines.indices.contains { lines[$0...].starts(with: block) }
        }
        if !isCompiled { strangers.append("\(page): \(block.first ?? "")") }
      }
    }
    #expect(count > 5)
    #expect(strangers == [])
  }

  /// The lines of each block of code that says that it is Swift.
  private static func blocks(in lines: [String]) -> [[String]] {
    var blocks: [[String]] = []
    var block: [String]?
    for line in lines {
      if line == "```swift" {
        block = []
      } else if line == "```", let ended = block {
        blocks.append(ended)
        block = nil
      } else {
        block?.append(unindented(line))
      }
    }
    return blocks
  }

  private static func unindented(_ line: String) -> String { String(line.drop { $0 == " " }) }

  /// The targets of `](…)`.
  private func links(in bytes: [UInt8]) -> [String] {
    var links: [String] = []
    for index in bytes.indices where bytes[index...].starts(with: "](".utf8) {
      let link = bytes[(index + 2)...].prefix { $0 != UInt8(ascii: ")") && $0 != 10 }
      links.append(String(decoding: link, as: UTF8.self))
    }
    return links
  }

  /// What stands between backquotes within one line.
  private func quotations(in bytes: [UInt8]) -> [String] {
    bytes.split(separator: 10).flatMap { line in
      line.split(separator: UInt8(ascii: "`"), omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }
        .map { String(decoding: $0.element, as: UTF8.self) }
    }
  }

  /// `link` as a path from the root, seen from the folder of its page.
  private func path(_ link: String, from folder: [String]) -> String {
    var parts = folder
    for part in link.utf8.split(separator: UInt8(ascii: "/")) {
      switch String(decoding: part, as: UTF8.self) {
      case ".": continue
      case "..": _ = parts.popLast()
      case let name: parts.append(name)
      }
    }
    return parts.joined(separator: "/")
  }

  /// The anchors that a page's headings make.
  private func anchors(of page: String) -> [String] {
    Repository.lines(page).filter { $0.hasPrefix("#") }.map { line in
      let kept = line.drop { $0 == "#" }.dropFirst().lowercased()
        .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
      return String(kept.map { $0 == " " ? "-" : $0 })
    }
  }
}
