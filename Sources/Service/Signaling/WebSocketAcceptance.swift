// SPDX-License-Identifier: Apache-2.0
public import HTTP

/// What becomes of a request that asks for a WebSocket.
public enum WebSocketAcceptance: Sendable {
  /// The handshake is answered, and `open` gets the channel on the loop's thread before any message
  /// is read: it sets the channel's closures.
  ///
  /// An actor of the loop is entered there by `assumeIsolated`. A request that is no valid handshake
  /// is refused by itself, and `open` is not called; nor is it when the client has gone meanwhile.
  case accepted(
    subprotocols: [String] = [],
    limits: WebSocketLimits = WebSocketLimits(),
    open: @Sendable (WebSocketChannel) -> Void
  )
  /// The request is answered so.
  case refused(HTTPResponse)
}

extension HTTPResponder {
  /// No WebSocket anywhere: `respond(to:)` answers.
  public func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance? {
    nil
  }
}
