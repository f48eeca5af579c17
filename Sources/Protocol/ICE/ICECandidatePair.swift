// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// A local and a remote candidate, and what the checks between them have shown (RFC 8445 section 6.1.2).
struct ICECandidatePair: Sendable {
  /// How far the checks have come (RFC 8445 section 6.1.2.6).
  enum State: String, Sendable {
    /// Waits for the outcome of a pair of the same foundation.
    case frozen
    /// To be checked.
    case waiting
    /// A check is under way.
    case inProgress = "in-progress"
    /// A check was answered: the pair is valid.
    case succeeded
    /// No check was answered.
    case failed
  }

  /// Tells the pair from all others of this agent, ever.
  let id: Int
  /// The base: the address that datagrams leave from.
  let local: SocketAddress
  /// The local candidate's foundation.
  let localFoundation: String
  /// The local candidate's priority; that of a peer-reflexive one once a check has revealed it.
  var localPriority: UInt32
  /// The remote candidate's address, with the zone of `local` where it is link-local.
  let remote: SocketAddress
  /// The remote candidate's foundation.
  var remoteFoundation: String
  /// The remote candidate's priority.
  var remotePriority: UInt32
  /// The order of checks and of choice.
  var priority: UInt64 = 0
  /// How far the checks have come.
  var state: State
  /// The controlling peer wants the pair as soon as it is valid.
  var isNominatedByPeer = false
  /// The next check is to say USE-CANDIDATE.
  var nominates = false
  /// When the peer's last authentic request came by this pair.
  var lastRequest: Timestamp?
  /// When the last USE-CANDIDATE came by this pair.
  var lastNomination: Timestamp?
  /// When the last valid response came by this pair.
  var lastResponse: Timestamp?
  /// The smoothed round-trip time.
  var roundTripTime: Duration?
  /// What has gone over the pair, for whoever asks.
  var statistics = ICEPairStatistics()

  /// Whether an authenticated check of either direction went through.
  var isAuthenticated: Bool { lastRequest != nil || lastResponse != nil }

  /// The way out by this pair.
  var path: Transmit { Transmit(from: local, to: remote) }

  /// When anything authentic was last heard by this pair.
  var lastHeard: Timestamp? {
    guard let lastRequest, let lastResponse else { return lastRequest ?? lastResponse }
    return max(lastRequest, lastResponse)
  }

  /// Whether `other` has the same foundation.
  func hasFoundation(of other: ICECandidatePair) -> Bool {
    localFoundation == other.localFoundation && remoteFoundation == other.remoteFoundation
  }

  /// Computes the priority anew (RFC 8445 section 6.1.2.3).
  ///
  /// Candidate priorities from the wire may exceed the allowed 2³¹-1; both are capped, without
  /// which the formula does not fit 64 bits.
  mutating func prioritize(as role: ICERole) {
    let local = UInt64(min(localPriority, 0x7FFF_FFFF))
    let remote = UInt64(min(remotePriority, 0x7FFF_FFFF))
    let (controlling, controlled) = role == .controlling ? (local, remote) : (remote, local)
    priority =
      min(local, remote) << 32 &+ 2 &* max(local, remote) &+ (controlling > controlled ? 1 : 0)
  }

  /// Takes in a new measurement of the round-trip time.
  mutating func measure(_ sample: Duration) {
    statistics.currentRoundTripTime = sample
    statistics.totalRoundTripTime += sample
    guard let smoothed = roundTripTime else {
      roundTripTime = sample
      return
    }
    roundTripTime = smoothed + (sample - smoothed) / 8
  }
}
