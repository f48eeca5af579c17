// SPDX-License-Identifier: Apache-2.0

/// The targets that `Package.swift` declares, read from its text.
struct Manifest {
  struct Target {
    /// The word that declares it, such as `core` or `tests`.
    var kind: String
    var name: String
    var folder: String
    var needs: [String]
  }

  let targets: [Target]

  init() {
    // What stands before the list of targets defines the words that declare them.
    let tokens = Self.tokens(of: Repository.bytes("Package.swift"))
    var found: [Target] = []
    var index = tokens.lastIndex(of: .word("targets:")) ?? tokens.count
    while let start = tokens[index...].firstIndex(where: { Self.kinds.contains($0.text) }) {
      var depth = 0
      var end = start + 1
      repeat {
        if tokens[end] == .word("(") { depth += 1 }
        if tokens[end] == .word(")") { depth -= 1 }
        end += 1
      } while depth > 0 && end < tokens.count
      found.append(Self.target(kind: tokens[start].text, tokens[start..<end]))
      index = end
    }
    targets = found
  }

  private static let kinds = [
    ".vocabulary", ".core", ".assembly", ".library", ".libsrtp", ".tests", ".target",
    ".executableTarget",
  ]

  private static func target(kind: String, _ tokens: ArraySlice<Token>) -> Target {
    var labelled: [String: [String]] = [:]
    var label = "name:"
    for token in tokens {
      switch token {
      case .word(let word):
        guard word.utf8.last == UInt8(ascii: ":") else { continue }
        label = word
        labelled[label, default: []] += []
      case .literal(let text): labelled[label, default: []].append(text)
      }
    }
    let name = labelled["name:"]?.first ?? ""
    let ends = kind == ".tests" ? name + "Tests" : name
    let home = [
      "tests": "Tests", "core": "Sources", "assembly": "Sources", "vocabulary": "Sources",
    ]
    let kind = String(kind.dropFirst())
    let folder: String
    if let path = labelled["path:"]?.first {
      folder = path
    } else if let top = home[kind] {
      let inside = labelled["in:"]?.first ?? "Protocol"
      folder = inside == "." ? "\(top)/\(ends)" : "\(top)/\(inside)/\(ends)"
    } else {
      folder = "Sources/System/\(name)"
    }
    var needs = (labelled["c:"] ?? []) + (labelled["dependencies:"] ?? [])
    needs += labelled["needs:"] ?? (kind == "core" ? ["Wire"] : [])
    return Target(kind: kind, name: ends, folder: folder, needs: needs)
  }

  enum Token: Equatable {
    case word(String)
    case literal(String)

    var text: String {
      switch self {
      case .word(let text), .literal(let text): text
      }
    }
  }

  private static func tokens(of bytes: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var index = 0
    func end(from start: Int, while isPart: (UInt8) -> Bool) -> Int {
      var end = start
      while end < bytes.count, isPart(bytes[end]) { end += 1 }
      return end
    }
    while index < bytes.count {
      let start = index
      switch bytes[index] {
      case UInt8(ascii: "/"):
        index = end(from: index) { $0 != 10 }
      case UInt8(ascii: "\""):
        index = end(from: index + 1) { $0 != UInt8(ascii: "\"") }
        tokens.append(.literal(String(decoding: bytes[(start + 1)..<index], as: UTF8.self)))
        index += 1
      case UInt8(ascii: "("), UInt8(ascii: ")"):
        tokens.append(.word(bytes[index] == UInt8(ascii: "(") ? "(" : ")"))
        index += 1
      case let byte where byte > 32:
        index = end(from: index) { $0 > 32 && !"()\"[],".utf8.contains($0) }
        if index == start {
          index += 1
        } else {
          tokens.append(.word(String(decoding: bytes[start..<index], as: UTF8.self)))
        }
      default: index += 1
      }
    }
    return tokens
  }
}
