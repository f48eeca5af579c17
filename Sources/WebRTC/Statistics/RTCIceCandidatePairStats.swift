// SPDX-License-Identifier: Apache-2.0

/// A pair of candidates (W3C webrtc-stats section 8.13).
public struct RTCIceCandidatePairStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `candidate-pair`.
  public var type: RTCStatsType { .candidatePair }
  /// The transport.
  public internal(set) var transportId: String
  /// Our candidate.
  public internal(set) var localCandidateId: String
  /// The candidate of the peer.
  public internal(set) var remoteCandidateId: String
  /// How far the checks are.
  public internal(set) var state: RTCStatsIceCandidatePairState
  /// Whether the pair was nominated.
  public internal(set) var nominated: Bool
  /// The sum of all round trips measured, in seconds.
  public internal(set) var totalRoundTripTime: Double
  /// The last round trip measured, in seconds.
  public internal(set) var currentRoundTripTime: Double?
  /// Checks received.
  public internal(set) var requestsReceived: UInt64
  /// Checks sent, retransmissions and consent left out.
  public internal(set) var requestsSent: UInt64
  /// Answers received.
  public internal(set) var responsesReceived: UInt64
  /// Answers sent.
  public internal(set) var responsesSent: UInt64
  /// Consent checks sent.
  public internal(set) var consentRequestsSent: UInt64
}
