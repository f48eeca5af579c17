// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// What an `HTTPServer` has turned away, for whoever reports it.
///
/// Lives on the server's loop.
public final class HTTPCounters: @unchecked Sendable {
  /// Connections that are open.
  public internal(set) var connections = 0
  /// Those of them that have not brought an authorised request yet.
  public internal(set) var connectionsUnauthorized = 0
  /// Connections that were closed unauthorised, so that a newer one could have the place (S23).
  public internal(set) var connectionsEvicted: UInt64 = 0
  /// Requests that were answered, refusals included.
  public internal(set) var requests: UInt64 = 0
  /// How often a request was refused, by the status of the answer: 400 and above.
  public internal(set) var refusals: [Int: UInt64] = [:]
  /// WebSockets that were ended because the client broke a rule or fell silent.
  public internal(set) var webSocketsFailed: UInt64 = 0
  /// Connections that have agreed on the keys of TLS.
  public internal(set) var handshakes: UInt64 = 0
  /// Connections whose TLS has failed, before or after that.
  public internal(set) var handshakesFailed: UInt64 = 0
  /// Callers that were turned away because all places were taken.
  public var connectionsRefused: Int { listener?.refusedConnections ?? 0 }

  weak var listener: TCPListener?

  /// Creates counters at zero.
  public init() {}

  func count(status: Int) {
    requests &+= 1
    if status >= 400 { refusals[status, default: 0] &+= 1 }
  }
}
