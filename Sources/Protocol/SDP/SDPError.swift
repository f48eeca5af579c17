// SPDX-License-Identifier: Apache-2.0

/// Why a session description cannot be read: which line, and a sentence for a person.
public struct SDPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line at fault, from 1; 0 when the text as a whole is at fault.
  public let line: Int
  /// What is wrong, as a sentence without its full stop.
  public let reason: String

  /// Creates the error of `line` with `reason`.
  public init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }

  /// The reason, with the line before it where there is one.
  public var description: String {
    line == 0 ? "session description: \(reason)" : "session description, line \(line): \(reason)"
  }
}

/// How much of a peer's session description is read before it is refused.
///
/// A browser's m-section with every codec that it knows has up to 180 lines and 6 kB, and a call of
/// many has twenty m-sections: a hundred kilobytes. Whoever sends more is not a browser.
public enum SDPLimits {
  /// Bytes of the whole text.
  public static let bytes = 131_072
  /// Lines of the whole text.
  public static let lines = 4_096
  /// Bytes of one line, without its end.
  public static let lineBytes = 4_096
  /// m-sections.
  public static let mediaSections = 64
}
