// SPDX-License-Identifier: Apache-2.0

/// The sizes and times of a session.
public struct DTLSConfiguration: Hashable, Sendable {
  /// The longest datagram to send, in bytes; 256 to 1,500.
  public var maximumTransmissionUnit = 1200
  /// The wait before the first retransmission, doubled each time; a little above the round trip.
  public var minimumRetransmissionTimeout: Duration = .milliseconds(100)
  /// The longest wait between two retransmissions.
  public var maximumRetransmissionTimeout: Duration = .seconds(1)
  /// How often a broken handshake begins afresh before the session fails.
  ///
  /// Each time costs public-key work, but from the sixth on only once a second. Who answered a damaged
  /// ClientHello needs some ten: the peer shows the true one only after it has waited in vain.
  public var restartLimit = 20
  /// How long the whole handshake may take before the session fails.
  public var handshakeTimeout: Duration = .seconds(30)

  /// Creates the default configuration.
  public init() {}

  /// The wait before the `count`th restart: none at first, then 50 ms, doubled up to a second.
  static func backoff(restart count: Int) -> Duration {
    count <= 1 ? .zero : .milliseconds(min(1000, 50 << min(count - 2, 5)))
  }
}
