// SPDX-License-Identifier: Apache-2.0

/// How much of a client's time and bytes one connection takes; a client holds the head of an answer to
/// the same numbers.
public struct HTTPLimits: Hashable, Sendable {
  /// Bytes of the request line; longer: 414.
  public var requestLine = 4_096
  /// Bytes of request line and header fields together, and of a chunked body's trailer; more: 431.
  public var head = 8_192
  /// Header fields; more: 431.
  public var fields = 64
  /// Bytes of a body; more: 413.
  public var body = 131_072
  /// Bytes held of what is sent ahead of an answer; with more, no further bytes are wanted.
  public var pipelined = 16_384
  /// From the first byte waited for to the end of the head; longer: 408.
  public var headTime = Duration.seconds(5)
  /// From the end of the head to the end of the body; longer: 408.
  public var bodyTime = Duration.seconds(10)
  /// Between requests; longer ends the connection in silence.
  public var idleTime = Duration.seconds(15)
  /// Without the client taking any of an answer; longer ends the connection.
  public var sendTime = Duration.seconds(10)
  /// For which what a refused client still sends is thrown away, so that it can read the refusal.
  public var lingerTime = Duration.seconds(2)

  /// Creates the default limits.
  public init() {}
}
