// SPDX-License-Identifier: Apache-2.0
public import Wire

extension ICEAgent {
  /// Takes in a STUN datagram that came from `source` to our address `local`.
  ///
  /// Nothing has an effect before USERNAME and MESSAGE-INTEGRITY fit, and nothing that does not is
  /// answered; a response must also match a check and come the way that the check went.
  public mutating func receive(
    _ datagram: Span<UInt8>,
    from source: SocketAddress,
    to local: SocketAddress,
    at now: Timestamp
  ) {
    clock = max(clock, now)
    guard state != .closed, state != .failed else { return statistics.ignored += 1 }
    guard let message = STUNMessage(parsing: datagram) else { return statistics.malformed += 1 }
    guard message.fingerprint != .invalid else { return statistics.badFingerprint += 1 }
    guard message.method == STUNMessage.binding else { return statistics.ignored += 1 }
    let way = Transmit(from: Self.plain(local), to: Self.plain(source))
    switch message.messageClass {
    case .request: receiveRequest(message, datagram, by: way)
    case .success, .failure: receiveResponse(message, datagram, by: way)
    case .indication: statistics.ignored += 1
    }
    advance(to: clock)
  }

  // MARK: - Requests (RFC 8445 section 7.3)

  private mutating func receiveRequest(
    _ message: STUNMessage,
    _ datagram: Span<UInt8>,
    by way: Transmit
  ) {
    guard let local = locals.first(where: { $0.base == way.source }) else {
      return statistics.ignored += 1
    }
    guard hasExpectedUsername(message, datagram) else { return statistics.badUsername += 1 }
    guard message.isAuthentic(datagram, key: localKey) else {
      return statistics.badIntegrity += 1
    }
    lastHeard = clock
    guard message.unknownAttributes.isEmpty else {
      statistics.unknownAttributes += 1
      return refuse(message, 420, by: way)
    }
    guard settleRole(message) else { return refuse(message, 487, by: way) }
    if remoteCredentials == nil, earlyUsername == nil, let range = message.username {
      earlyUsername = [UInt8](datagram.extracting(range))
    }
    statistics.requestsReceived += 1
    var answer = STUNWriter(.success, transaction: message.transaction)
    answer.append(mappedAddress: way.destination)
    let isAnswered = respond(answer, by: way)
    takeIn(message, at: local, by: way, isAnswered: isAnswered)
  }

  /// Whether the request is for us, and from the signalled peer as far as it is known.
  private func hasExpectedUsername(_ message: STUNMessage, _ datagram: Span<UInt8>) -> Bool {
    if remoteCredentials != nil { return message.hasUsername(incomingUsername, in: datagram) }
    if let earlyUsername { return message.hasUsername(earlyUsername, in: datagram) }
    guard let fragment = Self.requestedUsernameFragment(datagram) else { return false }
    return fragment == credentials.usernameFragment
  }

  /// Settles who is controlling (RFC 8445 section 7.3.1.1); `false` when the peer has to give way.
  private mutating func settleRole(_ message: STUNMessage) -> Bool {
    switch role {
    case .controlling:
      guard let theirs = message.controlling else { return true }
      statistics.roleConflicts += 1
      guard tieBreaker < theirs, !isRemoteLite else { return false }
      assume(.controlled)
    case .controlled:
      guard let theirs = message.controlled else { return true }
      statistics.roleConflicts += 1
      guard tieBreaker >= theirs else { return false }
      assume(.controlling)
    }
    return true
  }

  /// Takes another role: pairs change their order, and nomination starts anew.
  mutating func assume(_ role: ICERole) {
    guard self.role != role else { return }
    self.role = role
    checklist.updateAll { pair in
      pair.nominates = false
      pair.isNominatedByPeer = false
      pair.prioritize(as: role)
    }
    transactions.cancel { $0.purpose == .nomination }
  }

  private mutating func refuse(_ message: STUNMessage, _ code: UInt16, by way: Transmit) {
    var answer = STUNWriter(.failure, transaction: message.transaction)
    answer.append(errorCode: code)
    if !message.unknownAttributes.isEmpty {
      var types: [UInt8] = []
      for type in message.unknownAttributes { types.append(bigEndian: type) }
      answer.append(.unknownAttributes, value: types)
    }
    respond(answer, by: way)
  }

  @discardableResult
  private mutating func respond(_ answer: STUNWriter, by way: Transmit) -> Bool {
    var answer = answer
    answer.authenticate(key: localKey)
    answer.addFingerprint()
    guard enqueue(answer.bytes, by: way) else { return false }
    statistics.responsesSent += 1
    return true
  }

  /// Learns from an authentic request: the pair, its nomination, and that it should be checked.
  private mutating func takeIn(
    _ message: STUNMessage,
    at local: ICELocalCandidate,
    by way: Transmit,
    isAnswered: Bool
  ) {
    var id = checklist.pair(from: way.source, to: way.destination)?.id
    if id == nil {
      let fallback = ICECandidate.priority(.peerReflexive, localPreference: 0)
      guard let remote = learn(way.destination, priority: message.priority ?? fallback) else {
        return
      }
      id = insert(local, way.destination, of: remote, isTriggered: true)
    }
    guard let id else { return }
    let now = clock
    let isNominated = message.usesCandidate && role == .controlled
    checklist.update(id) { pair in
      pair.lastRequest = now
      pair.statistics.requestsReceived &+= 1
      if isAnswered { pair.statistics.responsesSent &+= 1 }
      if isNominated {
        pair.lastNomination = now
        pair.isNominatedByPeer = true
      }
    }
    triggerCheck(of: id)
    if isNominated { follow(id) }
  }

  /// Checks a pair back, if that can tell something (RFC 8445 section 7.3.1.4).
  ///
  /// A check sent less than one timeout ago is left alone: its answer may be on its way.
  private mutating func triggerCheck(of id: Int) {
    guard let pair = checklist[id] else { return }
    let lastSent = transactions.lastSent(id)
    let isRecent = lastSent.map { clock - $0 < retransmissionTimeout } ?? false
    switch pair.state {
    case .succeeded:
      return
    case .inProgress:
      guard !isRecent else { return }
      transactions.cancel { $0.pair == id && $0.purpose == .check }
      checklist.trigger(id)
    case .frozen, .waiting, .failed:
      checklist.trigger(id)
    }
  }

  // MARK: - Responses (RFC 8445 section 7.2.5)

  private mutating func receiveResponse(
    _ message: STUNMessage,
    _ datagram: Span<UInt8>,
    by way: Transmit
  ) {
    // A response by another way must fail the pair; it is dropped instead, so that whoever can copy
    // datagrams cannot end the pair at once. The check then times out by itself.
    guard let transaction = transactions[message.transaction], transaction.path == way else {
      return statistics.unexpectedResponses += 1
    }
    guard message.isAuthentic(datagram, key: remoteKey) else {
      return statistics.badIntegrity += 1
    }
    guard message.unknownAttributes.isEmpty else { return statistics.unknownAttributes += 1 }
    guard message.messageClass == .failure || message.mappedAddress != nil else {
      return statistics.malformed += 1
    }
    _ = transactions.remove(transaction.id)
    lastHeard = clock
    statistics.responsesReceived += 1
    checklist.update(transaction.pair) { $0.statistics.responsesReceived &+= 1 }
    guard message.messageClass == .success else {
      return takeInFailure(message.errorCode, of: transaction)
    }
    takeInSuccess(mapped: message.mappedAddress, of: transaction)
  }

  private mutating func takeInFailure(_ code: UInt16?, of transaction: ICETransaction) {
    guard code == 487 else {
      if transaction.purpose != .consent { giveUp(transaction) }
      return
    }
    statistics.roleConflicts += 1
    if transaction.role == role, !isRemoteLite {
      assume(role == .controlling ? .controlled : .controlling)
    }
    checklist.trigger(transaction.pair)
  }

  private mutating func takeInSuccess(mapped: SocketAddress?, of transaction: ICETransaction) {
    let now = clock
    let role = role
    checklist.update(transaction.pair) { pair in
      pair.lastResponse = now
      if transaction.transmissions == 1 { pair.measure(now - transaction.lastSent) }
      if let mapped, mapped != transaction.path.source.unzoned,
        pair.localPriority != transaction.priority
      {
        // The peer sees us elsewhere: the valid pair's local candidate is peer-reflexive.
        pair.localPriority = transaction.priority
        pair.prioritize(as: role)
      }
      pair.state = .succeeded
    }
    guard let pair = checklist[transaction.pair] else { return }
    transactions.remove { $0.pair == pair.id && $0.purpose == .check }
    checklist.thaw(like: pair)
    if pair.id == current {
      unansweredSince = nil
      revival = nil
    }
    firstValid = firstValid ?? now
    if transaction.purpose == .nomination, role == .controlling, selected == nil {
      select(pair.id)
    } else if pair.isNominatedByPeer {
      follow(pair.id)
    }
    refreshPath()
  }
}

extension SocketAddress {
  /// This address without its zone, as XOR-MAPPED-ADDRESS says it.
  fileprivate var unzoned: SocketAddress {
    guard case .v6(let high, let low, _) = ip else { return self }
    return SocketAddress(.v6(high: high, low: low, scope: 0), port: port)
  }
}
