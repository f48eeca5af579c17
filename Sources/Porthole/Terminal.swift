// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// What the program says to the person who started it.
enum Terminal {
  /// Writes `text` to the standard output.
  static func print(_ text: String) {
    LocalProcess.print(text)
  }

  /// The beginning of a text that came from elsewhere, without what could act on a terminal.
  static func plain(_ text: String) -> String {
    let kept = text.unicodeScalars.lazy.filter {
      $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
    }
    return String(String.UnicodeScalarView(kept.prefix(500)))
  }

  /// Writes why the program ends to the standard error, and ends it.
  static func fail(_ reason: String, code: Int32) -> Never {
    let isWhole = reason.utf8.last.map { ".?".utf8.contains($0) } ?? false
    let end = isWhole ? "" : "."
    LocalProcess.printError("porthole: \(reason)\(end)\n")
    LocalProcess.exit(code)
  }
}

/// The log: one line an event on the standard error, those below the level left out.
struct Log: Sendable {
  let level: LogLevel

  func callAsFunction(_ level: LogLevel, _ text: @autoclosure () -> String) {
    guard level >= self.level else { return }
    LocalProcess.printError("porthole: \(level.rawValue): \(text())\n")
  }
}
