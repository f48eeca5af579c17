// SPDX-License-Identifier: Apache-2.0
public import Wire

extension ICEAgent {
  /// Adds an address of this host and answers the candidate to signal.
  ///
  /// `nil` for an address that is taken, unspecified, multicast, or over the limit, and for a loopback
  /// one where the configuration forbids it. The caller leaves out interfaces that are not to be used.
  public mutating func addLocalCandidate(host address: SocketAddress) -> ICECandidate? {
    let base = Self.plain(address)
    guard state != .closed, isUsable(base), !locals.contains(where: { $0.base == base }) else {
      return nil
    }
    guard locals.count < configuration.maximumLocalCandidates else {
      statistics.overLimit += 1
      return nil
    }
    let candidate = ICECandidate(
      foundation: foundation(host: base.ip),
      priority: ICECandidate.priority(.host, localPreference: localPreference(of: base.ip)),
      address: .ip(base.ip),
      port: base.port,
      kind: .host
    )
    let local = ICELocalCandidate(candidate: candidate, base: base)
    locals.append(local)
    for remote in remotes { pair(local, remote) }
    return candidate
  }

  /// Takes in the credentials that the peer has signalled; checks can start.
  ///
  /// Other ones than before mean that the peer has restarted ICE: its candidates and all pairs are
  /// forgotten, and the old path carries data until a new pair is valid or its consent ends.
  /// Credentials that the standard forbids are ignored. To a lite peer we are always controlling.
  public mutating func setRemoteCredentials(_ remote: ICECredentials, isLite: Bool) {
    guard state != .closed, remote.isWellFormed else { return }
    isRemoteLite = isLite
    if isLite { assume(.controlling) }
    guard remote != remoteCredentials else { return }
    if remoteCredentials != nil || state == .failed { beginGeneration() }
    remoteCredentials = remote
    remoteKey = Array(remote.password.utf8)
    outgoingUsername = Array("\(remote.usernameFragment):\(credentials.usernameFragment)".utf8)
    let incoming = "\(credentials.usernameFragment):\(remote.usernameFragment)"
    if let earlyUsername, !earlyUsername.elementsEqual(incoming.utf8) { forgetPeerReflexive() }
    earlyUsername = nil
    incomingUsername = Array(incoming.utf8)
    patienceEnd = clock + configuration.patience
    nextCheck = clock
    refreshState()
  }

  /// Restarts ICE with new credentials of ours; the peer's new ones must follow.
  ///
  /// The old path carries data until a new pair is valid or its consent ends (RFC 8445 section 9).
  public mutating func restart(with credentials: ICECredentials) {
    guard state != .closed else { return }
    self.credentials = credentials
    localKey = Array(credentials.password.utf8)
    beginGeneration()
    refreshState()
  }

  /// Forgets our addresses and what was paired with them, so that they can be gathered anew in a
  /// restart; a path of the generation before stays.
  public mutating func forgetLocalCandidates() {
    locals.removeAll()
    removePairs { _ in true }
    selected = nil
    refreshPath()
    refreshState()
  }

  /// Adds a candidate of the peer.
  ///
  /// Names, TCP, other components, past generations, impossible addresses and what comes after
  /// ``endOfRemoteCandidates()`` are counted and otherwise ignored.
  public mutating func addRemoteCandidate(_ candidate: ICECandidate, at now: Timestamp) {
    clock = max(clock, now)
    guard state != .closed, state != .failed else { return }
    guard let signalled = candidate.socketAddress else {
      statistics.namedCandidates += 1
      return
    }
    let address = Self.plain(signalled)
    let isOfGeneration =
      candidate.usernameFragment == nil || remoteCredentials == nil
      || candidate.usernameFragment == remoteCredentials?.usernameFragment
    guard !hasAllRemoteCandidates, candidate.transport == .udp, candidate.component == 1,
      isOfGeneration, isUsable(address)
    else {
      statistics.ignoredCandidates += 1
      return
    }
    var candidate = candidate
    candidate.address = .ip(address.ip)
    if let index = remotes.firstIndex(where: { $0.isAt(address) }) {
      identify(remoteAt: index, as: candidate)
    } else if remotes.count < configuration.maximumRemoteCandidates {
      remotes.append(candidate)
      for local in locals { pair(local, candidate) }
    } else {
      statistics.overLimit += 1
    }
    advance(to: clock)
  }

  /// Takes in that the peer will signal no more candidates of this generation (RFC 8838).
  public mutating func endOfRemoteCandidates() {
    hasAllRemoteCandidates = true
    refreshState()
  }

  /// Learns a remote candidate from an authentic request (RFC 8445 section 7.3.1.3).
  ///
  /// Answers the candidate, or `nil` when the limit is reached and every one is in use. Learned ones
  /// make room first, then the last signalled.
  mutating func learn(_ source: SocketAddress, priority: UInt32) -> ICECandidate? {
    if let known = remotes.first(where: { $0.isAt(source) }) { return known }
    if remotes.count >= configuration.maximumRemoteCandidates {
      statistics.overLimit += 1
      let index = remotes.firstIndex { $0.kind == .peerReflexive && isExpendable($0) }
      guard let index = index ?? remotes.lastIndex(where: isExpendable) else { return nil }
      let expendable = remotes.remove(at: index)
      removePairs { expendable.isAt($0.remote) }
    }
    learned &+= 1
    let candidate = ICECandidate(
      foundation: "learned\(learned)",
      priority: priority,
      address: .ip(source.ip),
      port: source.port,
      kind: .peerReflexive
    )
    remotes.append(candidate)
    return candidate
  }

  /// Removes pairs and their checks.
  mutating func removePairs(where condition: (ICECandidatePair) -> Bool) {
    checklist.remove(where: condition)
    let left = checklist.pairs
    transactions.remove { transaction in !left.contains { $0.id == transaction.pair } }
  }

  /// Pairs one of ours with one of the peer's, if datagrams can go between them.
  private mutating func pair(_ local: ICELocalCandidate, _ candidate: ICECandidate) {
    guard let address = candidate.socketAddress else { return }
    let remote = address.zoned(like: local.base)
    let (ours, theirs) = (local.base.ip, remote.ip)
    guard ours.isV6 == theirs.isV6, ours.isLoopback == theirs.isLoopback,
      !ours.isV6 || ours.isLinkLocal == theirs.isLinkLocal,
      checklist.pair(from: local.base, to: remote) == nil
    else { return }
    insert(local, remote, of: candidate, isTriggered: false)
  }

  /// Adds a pair to the checklist, forgetting what had to make room.
  @discardableResult
  mutating func insert(
    _ local: ICELocalCandidate,
    _ remote: SocketAddress,
    of candidate: ICECandidate,
    isTriggered: Bool
  ) -> Int? {
    let (id, removed) = checklist.insert(
      local: local,
      remote: remote,
      of: candidate,
      role: role,
      isTriggered: isTriggered
    )
    if let removed { transactions.remove { $0.pair == removed } }
    if id == nil || removed != nil { statistics.overLimit += 1 }
    return id
  }

  /// Gives a peer-reflexive candidate the properties that signalling has told.
  private mutating func identify(remoteAt index: Int, as candidate: ICECandidate) {
    guard remotes[index].kind == .peerReflexive else { return }
    remotes[index] = candidate
    let role = role
    checklist.updateAll { pair in
      guard candidate.isAt(pair.remote) else { return }
      pair.remoteFoundation = candidate.foundation
      pair.remotePriority = candidate.priority
      pair.prioritize(as: role)
    }
  }

  /// Whether a candidate may make room for one that the peer is known to have: no pair of it is valid.
  private func isExpendable(_ candidate: ICECandidate) -> Bool {
    !checklist.pairs.contains { candidate.isAt($0.remote) && $0.lastResponse != nil }
  }

  private mutating func forgetPeerReflexive() {
    let learned = remotes.filter { $0.kind == .peerReflexive }
    remotes.removeAll { $0.kind == .peerReflexive }
    removePairs { pair in learned.contains { $0.isAt(pair.remote) } }
    lastHeard = nil
  }

  /// Forgets the generation, but keeps its path for data while there is consent.
  private mutating func beginGeneration() {
    if let path, let current, let response = checklist[current]?.lastResponse {
      retained = (path, response + configuration.consentTimeout)
    }
    forgetGeneration()
    if state == .failed { state = .new }
  }

  /// Forgets the peer: credentials, candidates, pairs and checks.
  mutating func forgetGeneration() {
    remoteCredentials = nil
    earlyUsername = nil
    incomingUsername = []
    hasAllRemoteCandidates = false
    remotes.removeAll()
    checklist.removeAll()
    transactions = ICETransactionTable()
    outbox.removeAll()
    selected = nil
    current = nil
    firstValid = nil
    nextConsent = nil
    unansweredSince = nil
    revival = nil
    patienceEnd = nil
  }

  private func isUsable(_ address: SocketAddress) -> Bool {
    let ip = address.ip
    return address.port != 0 && !ip.isUnspecified && !ip.isMulticast && ip != .v4(.max)
      && (configuration.allowsLoopback || !ip.isLoopback)
  }

  /// The number of the first of our candidates with this address, which is what tells foundations apart.
  private func foundation(host ip: IPAddress) -> String {
    let same = locals.first { $0.candidate.kind == .host && $0.base.ip == ip }
    guard let same else { return String(locals.count + 1) }
    return same.candidate.foundation
  }

  /// IPv6 and IPv4 take turns (RFC 8421 section 4); loopback and link-local addresses come last.
  private func localPreference(of ip: IPAddress) -> UInt16 {
    let isNear = ip.isLoopback || ip.isLinkLocal
    let before = locals.filter { local in
      let other = local.base.ip
      return other.isV6 == ip.isV6 && (other.isLoopback || other.isLinkLocal) == isNear
    }
    let top: UInt16 = isNear ? 32_767 : 65_535
    return top - UInt16(min(before.count, 16_000)) * 2 - (ip.isV6 ? 0 : 1)
  }
}

extension ICECandidate {
  /// Whether this is the candidate at `other`, where no zone fits any zone.
  func isAt(_ other: SocketAddress) -> Bool {
    socketAddress?.zoned(like: other) == other
  }
}

extension SocketAddress {
  /// This address; a link-local one without a zone gets that of `other`.
  func zoned(like other: SocketAddress) -> SocketAddress {
    guard case .v6(let high, let low, scope: 0) = ip, ip.isLinkLocal,
      case .v6(_, _, let scope) = other.ip
    else { return self }
    return SocketAddress(.v6(high: high, low: low, scope: scope), port: port)
  }
}
