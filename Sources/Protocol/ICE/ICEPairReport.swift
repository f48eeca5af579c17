// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What the checks of one pair have counted; the names are those of W3C's `candidate-pair` statistics.
public struct ICEPairStatistics: Hashable, Sendable {
  /// Checks sent, retransmissions and consent left out.
  public var requestsSent: UInt64 = 0
  /// Authentic requests received, retransmissions included.
  public var requestsReceived: UInt64 = 0
  /// Answers sent with success.
  public var responsesSent: UInt64 = 0
  /// Authentic answers received.
  public var responsesReceived: UInt64 = 0
  /// Consent checks sent (RFC 7675).
  public var consentRequestsSent: UInt64 = 0
  /// The last round trip measured.
  public var currentRoundTripTime: Duration?
  /// The sum of all of them.
  public var totalRoundTripTime: Duration = .zero

  /// Creates statistics of a pair that has not been checked.
  public init() {}
}

/// One pair of the generation in force, as it is now.
public struct ICEPairReport: Sendable {
  /// Tells the pair from all others of this agent, ever.
  public let id: Int
  /// Our candidate.
  public let local: ICECandidate
  /// The peer's candidate.
  public let remote: ICECandidate
  /// The address of the peer, which a name may stand for in `remote`.
  public let remoteAddress: SocketAddress
  /// `frozen`, `waiting`, `in-progress`, `succeeded` or `failed` (RFC 8445 section 6.1.2.6).
  public let state: String
  /// Whether it was nominated, by either side.
  public let isNominated: Bool
  /// Whether data goes this way now.
  public let isCurrent: Bool
  /// What its checks have counted.
  public let statistics: ICEPairStatistics
}

extension ICEAgent {
  /// The peer's candidates, those that were learned from checks included.
  public var remoteCandidates: [ICECandidate] { remotes }

  /// Every pair of this generation, as it is now.
  public var pairs: [ICEPairReport] {
    checklist.pairs.compactMap { pair in
      guard let local = locals.first(where: { $0.base == pair.local })?.candidate,
        let remote = remotes.first(where: { $0.isAt(pair.remote) })
      else { return nil }
      return ICEPairReport(
        id: pair.id,
        local: local,
        remote: remote,
        remoteAddress: pair.remote,
        state: pair.state.rawValue,
        isNominated: pair.id == selected,
        isCurrent: pair.id == current && path != nil,
        statistics: pair.statistics
      )
    }
  }
}
