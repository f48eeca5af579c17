// SPDX-License-Identifier: Apache-2.0
public import JSON

/// What a message of a peer consists of (JSON-RPC 2.0 sections 4 and 6).
public struct JSONRPCMessage: Equatable, Sendable {
  /// One part of a message.
  public enum Part: Equatable, Sendable {
    /// A call.
    case request(JSONRPCRequest)
    /// Something that is no call; this is its answer.
    case refused(JSONValue)
  }

  /// Most bytes of a message.
  public static let maximumBytes = 16_384
  /// Most calls of a batch.
  public static let maximumBatch = 16

  /// The calls, in order; empty when the message is an answer, which nobody waits for.
  public let parts: [Part]
  /// Whether the answers belong into an array.
  public let isBatch: Bool

  /// Reads a message; everything that is wrong with it becomes an answer.
  public init(parsing bytes: [UInt8]) {
    guard bytes.count <= Self.maximumBytes else {
      self.init(refusing: .invalidRequest("A message has at most \(Self.maximumBytes) bytes."))
      return
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: Self.maximumBytes, depth: 16))
    } catch {
      self.init(refusing: .parseError("\(error.description)."))
      return
    }
    guard case .array(let elements) = value else {
      self.init(Self.part(value).map { [$0] } ?? [], isBatch: false)
      return
    }
    guard (1...Self.maximumBatch).contains(elements.count) else {
      self.init(refusing: .invalidRequest("A batch has 1 to \(Self.maximumBatch) requests."))
      return
    }
    self.init(elements.compactMap(Self.part), isBatch: true)
  }

  private init(_ parts: [Part], isBatch: Bool) {
    self.parts = parts
    self.isBatch = isBatch
  }

  private init(refusing error: JSONRPCError) {
    self.init([.refused(JSONRPCAnswer.failure(error, to: .null))], isBatch: false)
  }

  /// `nil` for an answer: to answer it could go on for ever.
  private static func part(_ value: JSONValue) -> Part? {
    if value["method"] == nil, value["result"] != nil || value["error"] != nil { return nil }
    do throws(JSONRPCRefusal) {
      return .request(try JSONRPCRequest(value))
    } catch {
      return .refused(JSONRPCAnswer.failure(error.error, to: error.id))
    }
  }
}

/// What is written to a peer.
public enum JSONRPCAnswer {
  /// The answer to the call `id` (section 5).
  public static func result(_ value: JSONValue, to id: JSONValue) -> JSONValue {
    ["jsonrpc": "2.0", "result": value, "id": id]
  }

  /// The answer to the call `id` that failed (section 5.1).
  public static func failure(_ error: JSONRPCError, to id: JSONValue) -> JSONValue {
    [
      "jsonrpc": "2.0",
      "error": ["code": .integer(Int64(error.code)), "message": .string(error.message)], "id": id,
    ]
  }

  /// A notification (section 4.1).
  public static func notification(_ method: String, _ parameters: JSONValue) -> JSONValue {
    ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
  }

  /// The answers of a message as one; `nil` when nothing is to be said.
  public static func joined(_ answers: [JSONValue], isBatch: Bool) -> JSONValue? {
    guard let first = answers.first else { return nil }
    return isBatch ? .array(answers) : first
  }
}
