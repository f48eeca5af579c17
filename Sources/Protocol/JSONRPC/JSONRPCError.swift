// SPDX-License-Identifier: Apache-2.0

/// Why a call failed (JSON-RPC 2.0 section 5.1).
public struct JSONRPCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of the kind of error.
  public let code: Int
  /// A sentence.
  public let message: String

  /// Creates the error `code` with a sentence.
  public init(_ code: Int, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message is not JSON.
  public static func parseError(_ message: String) -> JSONRPCError { .init(-32700, message) }
  /// The message is JSON, but no request.
  public static func invalidRequest(_ message: String) -> JSONRPCError { .init(-32600, message) }
  /// There is no such method.
  public static func methodNotFound(_ message: String) -> JSONRPCError { .init(-32601, message) }
  /// The method takes other parameters.
  public static func invalidParameters(_ message: String) -> JSONRPCError {
    .init(-32602, message)
  }

  /// Code and sentence.
  public var description: String { "\(message) (\(code))" }
}
