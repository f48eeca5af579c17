// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The pairs of one generation, and the queue of triggered checks (RFC 8445 sections 6.1.2, 6.1.4).
///
/// At most `limit` pairs: to make room, the least preferred one that has never been authenticated goes.
struct ICEChecklist: Sendable {
  private(set) var pairs: [ICECandidatePair] = []
  private(set) var triggered: [Int] = []
  private var nextID = 0
  private let limit: Int

  init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// The pair with this identifier, while it exists.
  subscript(id: Int) -> ICECandidatePair? {
    pairs.first { $0.id == id }
  }

  /// The pair between these two addresses.
  func pair(from local: SocketAddress, to remote: SocketAddress) -> ICECandidatePair? {
    pairs.first { $0.remote == remote && $0.local == local }
  }

  /// Changes the pair with this identifier, while it exists.
  mutating func update(_ id: Int, _ change: (inout ICECandidatePair) -> Void) {
    guard let index = pairs.firstIndex(where: { $0.id == id }) else { return }
    change(&pairs[index])
  }

  /// Changes every pair.
  mutating func updateAll(_ change: (inout ICECandidatePair) -> Void) {
    for index in pairs.indices { change(&pairs[index]) }
  }

  /// Adds a pair and answers its identifier; `nil` over the limit.
  ///
  /// A new pair waits for another of its foundation that is still to be checked. One that the peer
  /// has shown to work (`isTriggered`) takes the place of one that nothing is known of.
  mutating func insert(
    local: ICELocalCandidate,
    remote: SocketAddress,
    of candidate: ICECandidate,
    role: ICERole,
    isTriggered: Bool
  ) -> (id: Int?, removed: Int?) {
    var pair = ICECandidatePair(
      id: nextID,
      local: local.base,
      localFoundation: local.candidate.foundation,
      localPriority: local.candidate.priority,
      remote: remote,
      remoteFoundation: candidate.foundation,
      remotePriority: candidate.priority,
      state: .waiting
    )
    pair.prioritize(as: role)
    var removed: Int?
    if pairs.count >= limit {
      let worst = pairs.filter { !$0.isAuthenticated }.min { $0.priority < $1.priority }
      guard let worst, isTriggered || worst.priority < pair.priority || worst.state == .failed
      else {
        return (nil, nil)
      }
      remove { $0.id == worst.id }
      removed = worst.id
    }
    if pairs.contains(where: { $0.isUnderWay && $0.hasFoundation(of: pair) }) {
      pair.state = .frozen
    }
    nextID &+= 1
    pairs.append(pair)
    return (pair.id, removed)
  }

  /// Removes the pairs that `condition` holds for, from the queue also.
  mutating func remove(where condition: (ICECandidatePair) -> Bool) {
    pairs.removeAll(where: condition)
    triggered.removeAll { id in !pairs.contains { $0.id == id } }
  }

  /// Puts a pair into the queue of triggered checks.
  mutating func trigger(_ id: Int) {
    guard !triggered.contains(id) else { return }
    update(id) { if $0.state != .succeeded { $0.state = .waiting } }
    triggered.append(id)
  }

  /// Takes the next pair out of the queue.
  mutating func nextTriggered() -> ICECandidatePair? {
    while !triggered.isEmpty {
      if let pair = self[triggered.removeFirst()] { return pair }
    }
    return nil
  }

  /// The next pair for an ordinary check: the most preferred that waits, else one that may thaw.
  func nextOrdinary() -> ICECandidatePair? {
    if let waiting = best(where: { $0.state == .waiting }) { return waiting }
    return best { pair in
      pair.state == .frozen && !pairs.contains { $0.isUnderWay && $0.hasFoundation(of: pair) }
    }
  }

  /// Lets the frozen pairs of this pair's foundation be checked (RFC 8445 section 7.2.5.3.3).
  mutating func thaw(like pair: ICECandidatePair) {
    updateAll { if $0.state == .frozen, $0.hasFoundation(of: pair) { $0.state = .waiting } }
  }

  /// The most preferred pair that `condition` holds for.
  func best(where condition: (ICECandidatePair) -> Bool) -> ICECandidatePair? {
    pairs.lazy.filter(condition).max { $0.priority < $1.priority }
  }

  /// Forgets everything.
  mutating func removeAll() {
    pairs.removeAll()
    triggered.removeAll()
  }
}

extension ICECandidatePair {
  /// Whether a check is to be sent or has been sent and not decided.
  fileprivate var isUnderWay: Bool { state == .waiting || state == .inProgress }
}

/// One of our candidates, with the address that its datagrams really leave from.
struct ICELocalCandidate: Sendable {
  /// The candidate as signalled.
  let candidate: ICECandidate
  /// The host address behind it; for a relayed candidate it will be the relayed address itself.
  let base: SocketAddress
}
