// SPDX-License-Identifier: Apache-2.0

/// A place in a text, as editors count it.
public struct TOMLPosition: Equatable, Sendable {
  /// The line, from 1.
  public let line: Int
  /// The character in the line, from 1.
  public let column: Int

  /// Creates the place `column` of `line`.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Why a text is not taken: where, what is wrong, and what to do.
public struct TOMLError: Error, Sendable, CustomStringConvertible {
  /// The place at fault.
  public let position: TOMLPosition
  /// What is wrong and what would be right, as a sentence without its full stop.
  public let reason: String

  /// Creates the error at `position` with `reason`.
  public init(_ position: TOMLPosition, _ reason: String) {
    self.position = position
    self.reason = reason
  }

  /// The place and the reason.
  public var description: String {
    "line \(position.line), column \(position.column): \(reason)"
  }
}

/// How much is read before it is refused.
public struct TOMLLimits: Sendable {
  /// Bytes of the whole text.
  public var bytes: Int
  /// Tables and arrays inside one another, and parts of a key.
  public var depth: Int

  /// Creates limits; the defaults suit what a person writes.
  public init(bytes: Int = 65_536, depth: Int = 16) {
    self.bytes = bytes
    self.depth = depth
  }
}
