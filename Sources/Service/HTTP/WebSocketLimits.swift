// SPDX-License-Identifier: Apache-2.0

/// How much of a peer's time and bytes one WebSocket takes.
public struct WebSocketLimits: Hashable, Sendable {
  /// Bytes of a received message, all its fragments together; more: 1009.
  ///
  /// A session description has to fit in, written as JSON.
  public var message = 163_840
  /// Bytes that wait to be sent; a message that does not fit is not taken.
  public var queue = 131_072
  /// From a client's request to the whole of the server's answer; longer ends the attempt.
  public var openTime = Duration.seconds(10)
  /// Without a whole frame received; longer brings forth a Ping.
  public var pingInterval = Duration.seconds(20)
  /// From a Ping to the next whole frame; longer ends the connection (1006).
  public var pongTime = Duration.seconds(10)
  /// From the first byte of a message to its last; longer: 1008.
  public var messageTime = Duration.seconds(30)
  /// From our Close to the end of the connection; longer ends it without the peer.
  public var closeTime = Duration.seconds(2)

  /// Creates the default limits.
  public init() {}
}
