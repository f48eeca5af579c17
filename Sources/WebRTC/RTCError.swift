// SPDX-License-Identifier: Apache-2.0

/// A failed operation, named as the W3C names the exception (Web IDL section 2.8.1).
public struct RTCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The names of the exceptions that the API uses.
  public enum Name: String, Sendable {
    /// The object is in a state that does not allow the operation, or is closed.
    case invalidState = "InvalidStateError"
    /// An argument is wrong: a description or candidate that cannot be read or applied.
    case invalidAccess = "InvalidAccessError"
    /// The operation failed for a reason in its message.
    case operation = "OperationError"
    /// A text could not be parsed.
    case syntax = "SyntaxError"
    /// The arguments do not fit together.
    case type = "TypeError"
    /// There is no such device.
    case notFound = "NotFoundError"
    /// The device is there but cannot be used.
    case notReadable = "NotReadableError"
    /// The operation is not done by this implementation.
    case notSupported = "NotSupportedError"
  }

  /// The W3C exception.
  public let name: Name
  /// What is wrong, in a sentence.
  public let message: String

  /// Creates the error `name` with its sentence.
  public init(_ name: Name, _ message: String) {
    self.name = name
    self.message = message
  }

  /// `Name: message`.
  public var description: String { "\(name.rawValue): \(message)" }
}
