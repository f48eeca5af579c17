// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension ICEAgent {
  // MARK: - Path and state

  /// Lets data go by the selected pair, else by the best valid one.
  mutating func refreshPath() {
    let id = selected ?? checklist.best { $0.state == .succeeded }?.id
    guard id != current else { return }
    current = id
    unansweredSince = nil
    revival = nil
    guard let id, let pair = checklist[id] else {
      nextConsent = nil
      path = retained?.path
      return
    }
    path = pair.path
    retained = nil
    scheduleConsent()
  }

  /// Says where the connection stands, and fails it when patience has run out.
  mutating func refreshState() {
    guard state != .closed, state != .failed else { return }
    if let retained, retained.expiry <= clock {
      self.retained = nil
      if current == nil { path = nil }
    }
    if path != nil {
      state = isSilent ? .disconnected : isComplete ? .completed : .connected
    } else if remoteCredentials == nil {
      state = .new
    } else if let patienceDeadline, patienceDeadline <= clock {
      fail()
    } else {
      state = .checking
    }
  }

  /// When the agent fails unless a pair becomes valid: after its patience and the last check (RFC 8863).
  var patienceDeadline: Timestamp? {
    guard let patienceEnd, !hasCheckToSend, !hasCheckUnderWay else { return nil }
    return patienceEnd
  }

  private var hasCheckUnderWay: Bool {
    checklist.pairs.contains { $0.state == .inProgress }
  }

  private var isComplete: Bool {
    selected != nil && hasAllRemoteCandidates && checklist.triggered.isEmpty && !hasCheckUnderWay
  }

  private mutating func fail() {
    forgetGeneration()
    retained = nil
    path = nil
    state = .failed
  }

  // MARK: - Consent (RFC 7675)

  /// When consent is next asked for, ends, or is long enough in doubt to say so.
  var consentDeadline: Timestamp? {
    guard let current, let response = checklist[current]?.lastResponse else { return nil }
    let silence = isSilent ? nil : silenceDeadline
    let end = response + configuration.consentTimeout
    return nextConsent.earlier(revival).earlier(end).earlier(silence)
  }

  /// Asks for consent, if it is time: a new transaction each time, never sent again.
  ///
  /// With loss, one datagram each five seconds is little to stake a connection on. So when consent is
  /// not answered, an ordinary connectivity check with its retransmissions follows; its answer is
  /// as good.
  mutating func sendConsent() {
    guard let current, let pair = checklist[current] else { return }
    if let revival, revival <= clock {
      self.revival = nil
      if !transactions.isUnderWay(current, .check) { checklist.trigger(current) }
    }
    guard let nextConsent, nextConsent <= clock else { return }
    unansweredSince = unansweredSince ?? clock
    revival = clock + configuration.unansweredTimeout
    statistics.consentRequestsSent += 1
    send(.consent, on: pair)
    scheduleConsent()
  }

  /// Stops sending for good when the peer has not consented for too long.
  mutating func expireConsent() {
    guard let current, let response = checklist[current]?.lastResponse,
      response + configuration.consentTimeout <= clock
    else { return }
    fail()
  }

  private mutating func scheduleConsent() {
    let mean = max(1, configuration.consentInterval.inNanoseconds)
    let low = mean / 5 * 4
    let high = max(low, mean + mean / 5)
    nextConsent = clock + .nanoseconds(Int64.random(in: low...high, using: &random))
  }

  /// When the agent says "disconnected" unless the peer is heard.
  ///
  /// Consent checks are 4 to 6 s apart by the standard, so that silence of 5 s alone is normal: a
  /// check must have been unanswered for a second besides. The peer's own checks are words too.
  private var silenceDeadline: Timestamp? {
    guard let current, let heard = checklist[current]?.lastHeard, let unansweredSince else {
      return nil
    }
    return max(
      heard + configuration.disconnectedTimeout,
      unansweredSince + configuration.unansweredTimeout
    )
  }

  private var isSilent: Bool {
    silenceDeadline.map { $0 <= clock } ?? false
  }
}
