// SPDX-License-Identifier: Apache-2.0

/// The limits and times of an agent; the defaults are those of the standards where nothing else is said.
public struct ICEConfiguration: Hashable, Sendable {
  /// Whether loopback addresses may be candidates: for tests and for a browser on the same machine.
  public var allowsLoopback = true
  /// Most addresses of ours that take part.
  public var maximumLocalCandidates = 32
  /// Most addresses of the peer that take part, signalled and peer-reflexive together.
  public var maximumRemoteCandidates = 64
  /// Most pairs in the checklist (RFC 8445 section 6.1.2.5).
  public var maximumPairs = 100
  /// Most datagrams waiting for ``ICEAgent/nextTransmit(into:)``; later ones are dropped and counted.
  public var maximumQueuedDatagrams = 128
  /// Ta, the least time between two new checks (RFC 8445 section 14.2); never below 5 ms.
  ///
  /// 20 ms instead of 50: the default protects home routers that make a binding per check, while
  /// our pairs are hosts of a LAN in the main. A check of 100 bytes each 20 ms is 40 kbit/s, less
  /// than the voice call that the standard takes as harmless, and ten pairs start in 0.2 s.
  public var pacing = Duration.milliseconds(20)
  /// The first retransmission timeout while no round trip has been measured.
  public var initialRetransmissionTimeout = Duration.milliseconds(500)
  /// The least retransmission timeout once a round trip has been measured.
  public var minimumRetransmissionTimeout = Duration.milliseconds(100)
  /// Rc, how often a check is sent at most (RFC 8489 section 6.2.1).
  public var maximumTransmissions = 7
  /// Rm, how many first timeouts to wait after the last transmission.
  public var finalWait = 16
  /// How long a controlling agent waits, once a pair is valid, for better pairs still being checked.
  ///
  /// Nothing waits for it: the best valid pair carries data before any is nominated.
  public var nominationDelay = Duration.milliseconds(100)
  /// How long the peer must have been silent about the selected pair before it may select a worse one.
  public var renominationDelay = Duration.seconds(3)
  /// The mean time between two consent checks, each drawn from 0.8…1.2 of it (RFC 7675 section 5.1).
  public var consentInterval = Duration.seconds(5)
  /// Without a valid response for this long nothing is sent any more (RFC 7675 section 5.1).
  public var consentTimeout = Duration.seconds(30)
  /// Without a word from the peer for this long, a check being unanswered, the agent says "disconnected".
  public var disconnectedTimeout = Duration.seconds(5)
  /// How long a check must be unanswered before it says anything about the connection.
  public var unansweredTimeout = Duration.seconds(1)
  /// No failure before this, whatever the checklist says (RFC 8863 section 4).
  public var patience = Duration.milliseconds(39_500)

  /// Creates the default configuration.
  public init() {}
}
