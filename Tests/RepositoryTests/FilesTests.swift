// SPDX-License-Identifier: Apache-2.0
import Testing

/// Rules that hold for every file of the project.
struct FilesTests {
  /// The only files with the word, each wrapping one C object or one kernel interface.
  static let wrappers = [
    "Sources/PortholeChecks/Files.swift",
    "Sources/Protocol/Wire/Hash.swift",
    "Tests/Fuzz/Harness.swift",
    "Tests/RepositoryTests/Repository.swift",
  ]

  /// Every file that people write: no licence text, no inputs of the fuzzer.
  static let written = Repository.files().filter { path in
    path != "LICENSE" && !path.hasPrefix("Tests/Fuzz/Corpus/")
      && !path.hasPrefix("Tests/Fuzz/FailCases/")
  }

  @Test func `the word unsafe stands only in the listed files`() {
    let word = "unsafe"
    let found = Self.written.filter { path in
      path.hasSuffix(".swift") && path != "Package.swift"
        && SourceCode(path).words.contains { $0.lowercased().holds(word) }
    }
    #expect(found == Self.wrappers)
  }

  @Test func `no file has more than 500 lines`() {
    let long = Self.written.map { ($0, Repository.lines($0).count) }.filter { $0.1 > 500 }
    #expect(long.map { "\($0.0): \($0.1)" } == [])
  }

  @Test func `each source begins with its licence`() {
    let kinds = [
      ".swift", ".c", ".h", ".py", ".js", ".html", ".css", ".modulemap", "/run", "/build",
    ]
    let sources = Self.written.filter { path in
      kinds.contains { path.hasSuffix($0) } || path.hasPrefix("tools/") || path == "Makefile"
    }
    #expect(sources.count > 50)
    let bare = sources.filter { path in
      var lines = Repository.lines(path)[...]
      if lines.first?.hasPrefix("#!") == true || path == "Package.swift" { lines.removeFirst() }
      return lines.first?.holds("SPDX-License-Identifier: Apache-2.0") != true
    }
    #expect(bare == [])
  }

  @Test func `no file speaks of work left over or of one machine`() {
    let words = [
      "TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/",
    ]
    var offences: [String] = []
    for path in Self.written {
      for (number, line) in Repository.lines(path).enumerated() {
        for word in words where line.holds(word) {
          offences.append("\(path):\(number + 1): \(word)")
        }
      }
    }
    #expect(offences == [])
  }
}
