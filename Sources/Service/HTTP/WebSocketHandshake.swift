// SPDX-License-Identifier: Apache-2.0
private import Wire

/// The server's side of the opening handshake (RFC 6455 section 4.2).
///
/// Who may connect (host, origin, token) is the application's question, to be asked before.
public enum WebSocketHandshake {
  /// What a request is answered with.
  public enum Answer: Hashable, Sendable {
    /// For `HTTPConnection.upgrade(_:at:)`; `subprotocol` is what was agreed.
    case accepted(HTTPResponse, subprotocol: String?)
    /// For `HTTPConnection.respond(_:at:)`.
    case refused(HTTPResponse)
  }

  /// The version of the protocol (RFC 6455 section 4.1).
  static let version = "13"

  /// Whether `request` wants to become a WebSocket, rightly or wrongly.
  public static func isAsked(by request: HTTPRequest) -> Bool {
    request.headers.list(of: "Upgrade", has: "websocket")
  }

  /// Answers `request`.
  ///
  /// Of the subprotocols that the client offers, the first of `subprotocols` is chosen; none when
  /// they have none in common. No extension is ever agreed. Refusals: 405 unless it is a GET; 426
  /// when it wants no WebSocket or another version; 400 for anything else.
  public static func answer(to request: HTTPRequest, subprotocols: [String] = []) -> Answer {
    let headers = request.headers
    guard request.method == "GET" else {
      return refused(405, "A WebSocket is opened by GET.", ["Allow": "GET"])
    }
    guard isAsked(by: request) else {
      return refused(426, "This address speaks WebSocket only.", ["Upgrade": "websocket"])
    }
    guard request.minorVersion > 0, headers.list(of: "Connection", has: "upgrade"),
      request.body.isEmpty
    else {
      return refused(400, "A WebSocket needs HTTP/1.1, Connection: Upgrade and no body.")
    }
    guard headers.values(of: "Sec-WebSocket-Version") == [version] else {
      return refused(
        426,
        "The version of WebSocket spoken here is \(version).",
        ["Upgrade": "websocket", "Sec-WebSocket-Version": version]
      )
    }
    let keys = headers.values(of: "Sec-WebSocket-Key")
    guard let key = keys.first, keys.count == 1, Text.bytes(base64: key)?.count == 16 else {
      return refused(400, "Sec-WebSocket-Key is not 16 bytes in Base64.")
    }
    let offered = headers.list(of: "Sec-WebSocket-Protocol")
    guard offered.allSatisfy({ Array($0.utf8)[...].isToken }) else {
      return refused(400, "Sec-WebSocket-Protocol is not a list of tokens.")
    }
    let subprotocol = subprotocols.first { offered.contains($0) }
    var response = HTTPResponse(
      101,
      headers: ["Upgrade": "websocket", "Sec-WebSocket-Accept": accept(key)]
    )
    if let subprotocol { response.headers.append("Sec-WebSocket-Protocol", subprotocol) }
    return .accepted(response, subprotocol: subprotocol)
  }

  /// What proves that a server has understood a request with `key`: nothing but WebSocket answers so.
  static func accept(_ key: String) -> String {
    Text.base64(Hash.sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }

  private static func refused(
    _ status: Int,
    _ sentence: String,
    _ headers: HTTPHeaders = [:]
  ) -> Answer {
    .refused(HTTPResponse(status, text: sentence, headers: headers))
  }
}
