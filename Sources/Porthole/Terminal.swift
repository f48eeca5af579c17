// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// What the program says to the person who started it.
enum Terminal {
  /// Writes `text` to the standard output.
  static func print(_ text: String) {
    LocalProcess.print(text)
  }

  /// Writes why the program ends to the standard error, and ends it.
  static func fail(_ reason: String, code: Int32) -> Never {
    let end = reason.utf8.last == UInt8(ascii: ".") ? "" : "."
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
