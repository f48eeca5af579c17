// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension ICEAgent {
  // MARK: - Sending checks (RFC 8445 sections 6.1.4, 7.2.4, 14)

  /// Whether a new check could be sent now but for the pacing.
  var hasCheckToSend: Bool {
    guard remoteCredentials != nil else { return false }
    return !checklist.triggered.isEmpty || (selected == nil && checklist.nextOrdinary() != nil)
  }

  /// Sends the next check, one each Ta: triggered ones first, ordinary ones until a pair is selected.
  mutating func sendChecks() {
    guard remoteCredentials != nil, nextCheck <= clock else { return }
    var next = checklist.nextTriggered()
    if next == nil, selected == nil { next = checklist.nextOrdinary() }
    guard let pair = next else { return }
    nextCheck = clock + max(configuration.pacing, .milliseconds(5))
    let isNomination = pair.nominates && role == .controlling && selected == nil
    if pair.state != .succeeded { checklist.update(pair.id) { $0.state = .inProgress } }
    send(isNomination ? .nomination : .check, on: pair)
  }

  /// Builds a check, remembers it and queues it.
  mutating func send(_ purpose: ICETransaction.Purpose, on pair: ICECandidatePair) {
    let id = STUNTransactionID.random(using: &random)
    // What the priority would be if the peer saw a peer-reflexive candidate (RFC 8445 section 7.1.1).
    let preference = UInt16(truncatingIfNeeded: pair.localPriority >> 8)
    let priority = ICECandidate.priority(.peerReflexive, localPreference: preference)
    var request = STUNWriter(.request, transaction: id)
    request.append(.username, value: outgoingUsername)
    request.append(.priority, number: priority)
    request.append(role == .controlling ? .iceControlling : .iceControlled, number: tieBreaker)
    if purpose == .nomination { request.append(.useCandidate) }
    request.authenticate(key: remoteKey)
    request.addFingerprint()
    let timeout =
      purpose == .consent ? configuration.consentTimeout : retransmissionTimeout
    transactions.insert(
      ICETransaction(
        id: id,
        pair: pair.id,
        path: pair.path,
        purpose: purpose,
        role: role,
        priority: priority,
        datagram: request.bytes,
        lastSent: clock,
        timeout: timeout,
        due: clock + timeout
      )
    )
    guard enqueue(request.bytes, by: pair.path) else { return }
    statistics.requestsSent += 1
    checklist.update(pair.id) { pair in
      if purpose == .consent {
        pair.statistics.consentRequestsSent &+= 1
      } else {
        pair.statistics.requestsSent &+= 1
      }
    }
  }

  /// Sends again what has not been answered, and gives up what was sent often enough.
  mutating func resendChecks() {
    for var transaction in transactions.takeDue(clock) {
      let isSpent = transaction.transmissions >= configuration.maximumTransmissions
      guard transaction.purpose != .consent, !transaction.isCancelled else { continue }
      guard !isSpent else {
        giveUp(transaction)
        continue
      }
      transaction.transmissions += 1
      transaction.lastSent = clock
      let isLast = transaction.transmissions >= configuration.maximumTransmissions
      let factor = isLast ? configuration.finalWait : 1 << min(transaction.transmissions - 1, 16)
      transaction.due = clock + transaction.timeout * factor
      transactions.insert(transaction)
      if enqueue(transaction.datagram, by: transaction.path) { statistics.retransmissions += 1 }
    }
  }

  /// Decides a pair for the worse after a check that failed; a nomination gives way to the next best.
  ///
  /// Of a pair that was valid, consent decides.
  mutating func giveUp(_ transaction: ICETransaction) {
    guard !transaction.isCancelled, transaction.pair != selected,
      !transactions.isUnderWay(transaction.pair, .check),
      transaction.purpose == .nomination || checklist[transaction.pair]?.state != .succeeded
    else { return }
    checklist.update(transaction.pair) { pair in
      pair.state = .failed
      pair.nominates = false
    }
    refreshPath()
  }

  /// The first timeout of a check: 500 ms, and less once the way to the peer has been measured.
  ///
  /// RFC 8445 section 14.3 wants the time that a round of all pairs takes at least.
  var retransmissionTimeout: Duration {
    let measured = checklist.pairs.lazy.compactMap(\.roundTripTime).min()
    let round = configuration.pacing * checklist.pairs.lazy.filter { $0.state == .inProgress }.count
    guard let measured else { return max(configuration.initialRetransmissionTimeout, round) }
    let seeded = max(configuration.minimumRetransmissionTimeout, measured * 3)
    return max(min(seeded, configuration.initialRetransmissionTimeout), round)
  }

  /// Queues a datagram; `false`, and counted, when the queue is full.
  mutating func enqueue(_ datagram: [UInt8], by way: Transmit) -> Bool {
    guard outbox.append(datagram, path: way) else {
      statistics.unsent += 1
      return false
    }
    return true
  }

  // MARK: - Nomination (RFC 8445 sections 7.3.1.5, 8.1.1)

  /// The most preferred valid pair.
  private var bestValid: ICECandidatePair? {
    checklist.best { $0.state == .succeeded }
  }

  /// Whether we have to nominate and have not begun.
  private var mayNominate: Bool {
    role == .controlling && selected == nil && firstValid != nil && remoteCredentials != nil
      && !checklist.pairs.contains { $0.nominates && $0.state == .succeeded }
  }

  /// When a pair is nominated although better ones are still being checked.
  var nominationDeadline: Timestamp? {
    guard mayNominate, bestValid != nil else { return nil }
    return firstValid.map { $0 + configuration.nominationDelay }
  }

  /// As the controlling agent: nominates the best valid pair when no better one is to be expected.
  mutating func nominate() {
    guard mayNominate, let pair = bestValid, let firstValid else { return }
    let isHopeful = checklist.pairs.contains { other in
      other.priority > pair.priority && other.state != .succeeded && other.state != .failed
    }
    guard !isHopeful || clock >= firstValid + configuration.nominationDelay else { return }
    checklist.update(pair.id) { $0.nominates = true }
    checklist.trigger(pair.id)
  }

  /// As the controlled agent: follows a nomination once the pair is valid.
  ///
  /// A peer that nominates more than one pair, as browsers do, is followed to a better one at once,
  /// and to a worse one when it has not confirmed the selected one for a while.
  mutating func follow(_ id: Int) {
    guard role == .controlled, let pair = checklist[id], pair.state == .succeeded, id != selected
    else { return }
    if let selected, let old = checklist[selected], old.priority > pair.priority {
      let confirmed = old.lastNomination ?? .distantPast
      guard clock - confirmed > configuration.renominationDelay else { return }
    }
    select(id)
    refreshPath()
  }

  /// Makes a pair the one to use and stops all other checks that the peer has not asked for.
  mutating func select(_ id: Int) {
    selected = id
    removePairs { $0.id != id && !$0.isAuthenticated }
    transactions.cancel { $0.pair != id && $0.purpose == .nomination }
    checklist.updateAll { pair in
      pair.nominates = false
      if pair.id != id, pair.state == .frozen || pair.state == .waiting { pair.state = .failed }
    }
    refreshPath()
  }
}
