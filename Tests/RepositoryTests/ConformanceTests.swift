// SPDX-License-Identifier: Apache-2.0
import Testing

/// `docs/conformance.md` and `docs/conformance-media.md` say what the code says.
struct ConformanceTests {
  /// One row: a type, some of its members, and whether they are there.
  struct Row {
    var type: String
    var members: [String]
    var verdict: String
  }

  static let rows = ["docs/conformance.md", "docs/conformance-media.md"].flatMap { readRows($0) }
  static let declared = PublicMembers(under: "Sources/WebRTC")

  @Test func `reads every table`() {
    #expect(Self.rows.count > 200)
    let types = Set(Self.rows.map(\.type))
    for type in [
      "RTCPeerConnection", "RTCIceServer", "RTCRtpSender", "RTCSignalingState", "RTCTransportStats",
      "MediaStreamTrack", "MediaStreamConstraints",
    ] {
      #expect(types.contains(type), "\(type)")
    }
  }

  @Test func `each row says done, differs or not`() {
    let offences = Self.rows.filter { row in
      row.verdict != "done" && !row.verdict.hasPrefix("differs: ")
        && !row.verdict.hasPrefix("not: ") || row.members.isEmpty
    }
    #expect(offences.map { "\($0.type): \($0.verdict)" } == [])
  }

  @Test func `no member is listed twice`() {
    var seen: Set<String> = []
    var twice: [String] = []
    for row in Self.rows {
      for member in row.members where !seen.insert("\(row.type).\(member)").inserted {
        twice.append("\(row.type).\(member)")
      }
    }
    #expect(twice == [])
  }

  @Test func `what is done is declared`() {
    var missing: [String] = []
    for row in Self.rows where row.verdict == "done" {
      let names = Self.declared.names[row.type] ?? []
      missing += row.members.filter { !names.contains($0) }.map { "\(row.type).\($0)" }
    }
    #expect(missing == [])
  }

  @Test func `what is not there is not declared`() {
    var found: [String] = []
    for row in Self.rows where row.verdict.hasPrefix("not: ") {
      let names = Self.declared.names[row.type] ?? []
      found += row.members.filter { names.contains($0) }.map { "\(row.type).\($0)" }
    }
    #expect(found == [])
  }

  /// Tables stand under a heading that names their type, or name it in their first column.
  private static func readRows(_ page: String) -> [Row] {
    var rows: [Row] = []
    var heading = ""
    for line in Repository.lines(page) {
      if line.hasPrefix("### ") { heading = String(line.dropFirst(4)) }
      guard line.hasPrefix("| `") else { continue }
      var cells = line.utf8.dropFirst(2).dropLast(2).split(separator: UInt8(ascii: "|"))
        .map { String(decoding: $0, as: UTF8.self).trimmed }
      let verdict = cells.removeLast()
      let type = cells.count > 1 ? quoted(cells.removeFirst()).first : heading
      guard let type, let members = cells.first.map(quoted) else { continue }
      rows.append(Row(type: type, members: members, verdict: verdict))
    }
    return rows
  }

  private static func quoted(_ cell: String) -> [String] {
    cell.utf8.split(separator: UInt8(ascii: "`"), omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }
      .map { String(decoding: $0.element, as: UTF8.self) }
  }
}

/// What is public in the Swift files of a folder: the names of members, by their type.
struct PublicMembers {
  private(set) var names: [String: Set<String>] = [:]

  init(under folder: String) {
    for path in Repository.files(under: folder) where path.hasSuffix(".swift") {
      var type = ""
      var isProtocol = false
      for line in Repository.lines(path) {
        let words = line.utf8.split { " (:<{=?".utf8.contains($0) }
          .map { String(decoding: $0, as: UTF8.self) }
        if !line.hasPrefix(" "), let name = Self.declaredType(words) {
          type = name
          isProtocol = words.contains("protocol")
        }
        // Members of the type itself, and of no body within it.
        guard line.hasPrefix("  "), !line.hasPrefix("   "), let name = Self.member(words) else {
          continue
        }
        guard isProtocol || words.contains("public") || words.first == "case" else { continue }
        names[type, default: []].insert(line.literal ?? name)
      }
    }
  }

  private static func declaredType(_ words: [String]) -> String? {
    let kinds = ["struct", "class", "enum", "actor", "protocol", "extension"]
    guard let place = words.firstIndex(where: kinds.contains), place + 1 < words.count else {
      return nil
    }
    return words[place + 1]
  }

  private static func member(_ words: [String]) -> String? {
    guard let place = words.firstIndex(where: ["var", "let", "func", "case"].contains),
      place + 1 < words.count
    else { return nil }
    return words[place + 1].utf8.first == UInt8(ascii: "`")
      ? String(words[place + 1].dropFirst().dropLast()) : words[place + 1]
  }
}

extension String {
  fileprivate var trimmed: String {
    let bytes = utf8.drop { $0 == 32 }
    return String(decoding: Array(bytes.reversed().drop { $0 == 32 }.reversed()), as: UTF8.self)
  }

  /// The raw value that a case gives itself.
  fileprivate var literal: String? {
    let parts = utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    guard hasPrefix("  case "), parts.count == 3 else { return nil }
    return String(decoding: parts[1], as: UTF8.self)
  }
}
