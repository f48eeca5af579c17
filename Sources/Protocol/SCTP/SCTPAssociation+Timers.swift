// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What happens because nothing else does.
extension SCTPAssociation {
  /// Fires what is due: repetitions, acknowledgements kept back, heartbeats.
  public mutating func advance(to now: Timestamp) {
    clock = max(clock, now)
    if isDue(timers.handshake?.due) { repeatHandshake() }
    if isDue(timers.retransmission) { retransmit() }
    if isDue(timers.acknowledgement) {
      timers.acknowledgement = nil
      acknowledgement.isDue = true
    }
    if isDue(timers.heartbeatAnswer) {
      timers.heartbeatAnswer = nil
      heartbeat = nil
      timeout.backOff()
      countSilence()
    }
    if isDue(timers.heartbeat) { sendHeartbeat() }
    if isDue(timers.reset) {
      // While data waits as well its timer counts: a silence that both notice is one.
      if outstanding.isEmpty {
        timeout.backOff()
        countSilence()
      }
      repeatResetRequest()
    }
    if isDue(timers.shutdown?.due) {
      timers.shutdown?.again(at: clock, maximum: configuration.maximumTimeout)
      appendShutdown()
      countSilence()
    }
    if isDue(timers.shutdownEnd) { endForSilence() }
    congestion.refill(at: clock)
  }

  private func isDue(_ time: Timestamp?) -> Bool {
    time.map { $0 <= clock } ?? false
  }

  /// Ends the association when the peer was silent for too many timeouts (RFC 9260 section 8.1).
  private mutating func countSilence() {
    silence += 1
    if silence > configuration.maximumRetransmissions { endForSilence() }
  }

  /// T1: INIT or COOKIE ECHO again.
  private mutating func repeatHandshake() {
    timers.handshake?.again(at: clock, maximum: configuration.maximumTimeout)
    guard let handshake = timers.handshake, handshake.count <= configuration.maximumInitiations
    else {
      end(.timedOut)
      return
    }
    switch phase {
    case .cookieWait(let offer):
      sendAlone(offer.bytes(.initiation), tag: .zero)
    case .cookieEchoed(_, let chunks):
      sendAlone(chunks, tag: agreement?.peerTag ?? .zero)
    default:
      timers.handshake = nil
    }
  }

  /// T3: all that is in flight is lost (RFC 9260 section 6.3.3).
  private mutating func retransmit() {
    timers.retransmission = nil
    guard !outstanding.isEmpty else { return }
    counts.retransmissionTimeouts += 1
    timeout.backOff()
    congestion.timeOut()
    outstanding.loseAll()
    needsForwardTSN = true
    forwarded = nil
    timers.retransmission = clock + timeout.current
    countSilence()
  }

  /// Lets the next HEARTBEAT wait.
  mutating func scheduleHeartbeat() {
    timers.heartbeat = clock + configuration.heartbeatInterval + timeout.current
  }

  /// HEARTBEAT (RFC 9260 section 8.3).
  private mutating func sendHeartbeat() {
    scheduleHeartbeat()
    guard phase == .established || phase == .shutdownPending || phase == .shutdownReceived else {
      return
    }
    let nonce = random.next()
    heartbeat = (clock, nonce)
    var information: [UInt8] = []
    information.append(bigEndian: nonce)
    var value: [UInt8] = []
    value.append(parameter: 1, information)
    outbox.append(chunk: .chunk(.heartbeat, value))
    timers.heartbeatAnswer = clock + timeout.current
  }

  /// HEARTBEAT ACK.
  mutating func receiveHeartbeatAcknowledgement(_ value: Span<UInt8>) {
    var reader = ByteReader(value)
    guard reader.readUInt32() == 0x0001_000C, let nonce = reader.readUInt64(),
      let sent = heartbeat, sent.nonce == nonce
    else {
      counts.dropped.unexpected += 1
      return
    }
    heartbeat = nil
    timers.heartbeatAnswer = nil
    silence = 0
    timeout.measure(clock - sent.sent)
  }
}
