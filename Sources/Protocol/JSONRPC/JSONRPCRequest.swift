// SPDX-License-Identifier: Apache-2.0
public import JSON

/// A call (JSON-RPC 2.0 section 4).
public struct JSONRPCRequest: Equatable, Sendable {
  /// Most bytes of a method's name.
  static let maximumMethod = 64

  /// What the answer is to be named with: a string, a number or null; `nil` for a notification, which
  /// gets none.
  public let id: JSONValue?
  /// The method's name.
  public let method: String
  /// An object or an array; `nil` when there is none.
  public let parameters: JSONValue?

  /// Creates a call.
  public init(id: JSONValue?, method: String, parameters: JSONValue? = nil) {
    self.id = id
    self.method = method
    self.parameters = parameters
  }

  /// The parameter called `name`; `nil` also where parameters come by position.
  public subscript(name: String) -> JSONValue? { parameters?[name] }

  /// Whether an answer is wanted.
  public var wantsAnswer: Bool { id != nil }

  /// Reads one call of a message.
  init(_ value: JSONValue) throws(JSONRPCRefusal) {
    guard case .object(let object) = value else {
      throw JSONRPCRefusal(.null, .invalidRequest("A request is an object."))
    }
    let id = object["id"]
    switch id {
    case nil, .null?, .string?, .integer?, .number?: break
    default:
      throw JSONRPCRefusal(.null, .invalidRequest("An id is a string, a number or null."))
    }
    guard object["jsonrpc"]?.string == "2.0" else {
      throw JSONRPCRefusal(id ?? .null, .invalidRequest("A request says \"jsonrpc\":\"2.0\"."))
    }
    guard let method = object["method"]?.string, method.utf8.count <= Self.maximumMethod else {
      throw JSONRPCRefusal(id ?? .null, .invalidRequest("A request names its method."))
    }
    let parameters = object["params"]
    switch parameters {
    case nil, .object?, .array?: break
    default:
      throw JSONRPCRefusal(id ?? .null, .invalidRequest("params are an object or an array."))
    }
    self.init(id: id, method: method, parameters: parameters)
  }
}

/// Why something is no call, and what its answer is named with.
struct JSONRPCRefusal: Error, Hashable, Sendable {
  let id: JSONValue
  let error: JSONRPCError

  init(_ id: JSONValue, _ error: JSONRPCError) {
    self.id = id
    self.error = error
  }
}
