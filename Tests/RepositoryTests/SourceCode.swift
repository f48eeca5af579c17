// SPDX-License-Identifier: Apache-2.0

/// A Swift or C source without its comments, and without what stands in its string literals.
struct SourceCode {
  /// The code; each comment and each literal's content is left out, line ends are kept.
  let code: String

  init(_ path: String) {
    var lexer = Lexer(bytes: Repository.bytes(path))
    code = String(decoding: lexer.code(), as: UTF8.self)
  }

  /// Identifiers, keywords and numbers, in order.
  var words: [String] {
    code.utf8.split { byte in
      let isLetter = (65...90).contains(byte) || (97...122).contains(byte) || byte >= 128
      return !isLetter && !(48...57).contains(byte) && byte != UInt8(ascii: "_")
    }
    .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The words of each line that imports a module.
  var imports: [[String]] {
    code.utf8.split(separator: 10)
      .map { $0.split(separator: 32).map { String(decoding: $0, as: UTF8.self) } }
      .filter { $0.contains("import") && $0[$0.count - 1] != "import" }
  }
}

private struct Lexer {
  let bytes: [UInt8]
  private var index = 0
  private var kept: [UInt8] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func code() -> [UInt8] {
    while index < bytes.count {
      if startsHere("//") {
        skip { $0.startsHere("\n") }
      } else if startsHere("/*") {
        skip { $0.startsHere("*/") }
        index += 2
      } else if startsHere("\"\"\"") {
        index += 3
        skip { $0.startsHere("\"\"\"") }
        index += 3
      } else if startsHere("\"") {
        index += 1
        skip { $0.startsHere("\"") || $0.startsHere("\n") }
        index += 1
      } else if startsHere("`") {
        // A name between backquotes is a test's sentence.
        index += 1
        skip { $0.startsHere("`") }
        index += 1
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
    return kept
  }

  private func startsHere(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  /// Goes on to where `isEnd` holds; a backslash hides the byte behind it.
  private mutating func skip(until isEnd: (borrowing Lexer) -> Bool) {
    while index < bytes.count, !isEnd(self) {
      if bytes[index] == 10 { kept.append(10) }
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index = min(index, bytes.count)
  }
}
