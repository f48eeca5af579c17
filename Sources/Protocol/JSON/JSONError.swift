// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON: where, and a sentence for a person.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The byte at fault, from 0.
  public let offset: Int
  /// What is wrong, as a sentence without its full stop.
  public let reason: String

  /// Creates the error at `offset` with `reason`.
  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  /// The reason and its place.
  public var description: String { "JSON, byte \(offset): \(reason)" }
}

/// How much JSON is read before it is refused.
public struct JSONLimits: Hashable, Sendable {
  /// Bytes of the whole text.
  public var bytes: Int
  /// Arrays and objects inside one another.
  public var depth: Int

  /// Creates limits; the defaults suit signalling messages.
  public init(bytes: Int = 262_144, depth: Int = 32) {
    self.bytes = bytes
    self.depth = depth
  }

  /// Throws when a text of `count` bytes is too long.
  func check(_ count: Int) throws(JSONError) {
    guard count <= bytes else {
      throw JSONError(offset: bytes, reason: "the text is longer than \(bytes) bytes")
    }
  }
}
