// SPDX-License-Identifier: Apache-2.0

/// The limits and times of an association.
public struct SCTPConfiguration: Hashable, Sendable {
  /// Our port, from `a=sctp-port` of our description.
  public var localPort: UInt16 = 5000
  /// The peer's port, from `a=sctp-port` of its description.
  public var remotePort: UInt16 = 5000
  /// Bytes of the longest packet sent: 1,200 less the 37 of a DTLS record; at least 512.
  public var maximumPacket = 1163
  /// Bytes of the longest message taken: our `a=max-message-size`.
  ///
  /// A peer that sends a longer one is told so by an ABORT.
  public var maximumReceivedMessage = 262_144
  /// Bytes of the longest message sent: the peer's `a=max-message-size`.
  public var maximumSentMessage = 262_144
  /// Streams in each direction that are offered.
  public var streams: UInt16 = 1024
  /// Bytes of messages that may wait for `nextEvent` or for their missing parts, and what it costs.
  ///
  /// The peer is told what is left of it.
  public var maximumReceiveBuffer = 1 << 20
  /// Bytes of messages that may wait to be sent, with 64 for each message.
  public var maximumSendBuffer = 2 << 20
  /// Whether I-DATA (RFC 8260) is used if the peer can.
  public var offersInterleaving = true
  /// Whether the peer may leave out checksums (RFC 9653), as DTLS has stronger ones.
  public var acceptsZeroChecksum = true
  /// The retransmission timeout before a round trip was measured.
  public var initialTimeout: Duration = .milliseconds(500)
  /// The least retransmission timeout.
  ///
  /// RFC 9260 recommends one second, for bulk data; what is real time cannot wait so long. It must
  /// be more than the 200 ms that a peer may keep an acknowledgement back.
  public var minimumTimeout: Duration = .milliseconds(400)
  /// The largest retransmission timeout.
  public var maximumTimeout: Duration = .seconds(6)
  /// The longest that an acknowledgement is kept back (RFC 9260 section 6.2).
  public var acknowledgementDelay: Duration = .milliseconds(200)
  /// The quiet after which a HEARTBEAT is sent.
  public var heartbeatInterval: Duration = .seconds(30)
  /// How long our cookie is good.
  public var cookieLifetime: Duration = .seconds(60)
  /// Timeouts in a row after which the peer is taken for gone.
  public var maximumRetransmissions = 10
  /// Repetitions of an INIT or COOKIE ECHO after which the peer is taken for absent.
  public var maximumInitiations = 8

  /// The first number of what is sent; `nil`, as it must be but in simulations: a random one.
  public var initialTSN: UInt32?

  /// Creates the configuration of WebRTC.
  public init() {}
}
