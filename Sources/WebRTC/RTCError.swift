// SPDX-License-Identifier: Apache-2.0

/// A failed operation, named as the W3C names the exception (Web IDL section 2.8.1).
public struct RTCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The names of the exceptions that the API uses.
  public enum Name: String, Sendable {
    /// The object is in a state that does not allow the operation, or is closed.
    case invalidState = "InvalidStateError"
    /// An argument is wrong: a description or candidate that cannot be read or applied.
    case invalidAccess = "InvalidAccessError"
    /// The description is not the one that was created, or changes what may not change.
    case invalidModification = "InvalidModificationError"
    /// A number is out of its range.
    case range = "RangeError"
    /// No device satisfies a constraint; `constraint` names it.
    case overconstrained = "OverconstrainedError"
    /// The user or the configuration does not allow it.
    case notAllowed = "NotAllowedError"
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
  /// The constraint of an `OverconstrainedError` (mediacapture-main section 7).
  public let constraint: String?

  /// Creates the error `name` with its sentence.
  public init(_ name: Name, _ message: String, constraint: String? = nil) {
    self.name = name
    self.message = message
    self.constraint = constraint
  }

  /// `Name: message`.
  public var description: String { "\(name.rawValue): \(message)" }
}
