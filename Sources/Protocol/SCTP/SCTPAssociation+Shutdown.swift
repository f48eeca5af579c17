// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The end of an association (RFC 9260 section 9).
extension SCTPAssociation {
  /// Ends once all that was sent has arrived; before the association stands, at once.
  public mutating func shutdown(at now: Timestamp) {
    clock = max(clock, now)
    switch phase {
    case .closed, .cookieWait: end(.shutdown)
    case .cookieEchoed: abort("shutdown", at: now)
    case .established: phase = .shutdownPending
    case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAcknowledged, .ended: break
    }
  }

  /// Ends at once and tells the peer `reason`, of which the first 128 bytes are sent.
  public mutating func abort(_ reason: String, at now: Timestamp) {
    clock = max(clock, now)
    sendAbort(.userInitiatedAbort, reason)
    end(.aborted)
  }

  /// Ends because the peer did what it must not.
  mutating func endForViolation(_ text: String, _ cause: ErrorCause = .protocolViolation) {
    sendAbort(cause, text)
    end(.protocolViolation(text))
  }

  /// Ends because the peer does not answer; an ABORT tells it, should it come back.
  mutating func endForSilence() {
    sendAbort(.protocolViolation, "no answer")
    end(.timedOut)
  }

  private mutating func sendAbort(_ cause: ErrorCause, _ text: String) {
    guard phase != .ended, let agreement else { return }
    let information = Array(text.utf8.prefix(ErrorCause.maximumText))
    sendAlone(.chunk(.abort, cause.bytes(information)), tag: agreement.peerTag)
  }

  /// Goes on with a shutdown once nothing is left to deliver.
  mutating func continueShutdown() {
    guard queue.isEmpty, outstanding.isEmpty else { return }
    if phase == .shutdownPending {
      phase = .shutdownSent
      timers.shutdownEnd = clock + configuration.maximumTimeout * 5
      sendShutdown()
    } else if phase == .shutdownReceived {
      acknowledgeShutdown()
    }
  }

  private mutating func acknowledgeShutdown() {
    phase = .shutdownAcknowledged
    timers.shutdownEnd = timers.shutdownEnd ?? clock + configuration.maximumTimeout * 5
    sendShutdown()
  }

  private mutating func sendShutdown() {
    appendShutdown()
    timers.shutdown = Timers.Repetition(at: clock, interval: timeout.current)
  }

  /// Appends SHUTDOWN or SHUTDOWN ACK, whichever is to be repeated.
  mutating func appendShutdown() {
    guard phase == .shutdownSent else {
      outbox.append(chunk: .chunk(.shutdownAcknowledgement))
      return
    }
    var value: [UInt8] = []
    value.append(bigEndian: received.cumulative.rawValue)
    outbox.append(chunk: .chunk(.shutdown, value))
  }

  /// SHUTDOWN.
  mutating func receiveShutdown(_ value: Span<UInt8>) {
    var reader = ByteReader(value)
    guard let cumulative = reader.readUInt32() else {
      counts.dropped.malformed += 1
      return
    }
    switch phase {
    case .established, .shutdownPending:
      phase = .shutdownReceived
    case .shutdownSent:
      acknowledgeShutdown()
    case .shutdownReceived:
      break
    case .closed, .cookieWait, .cookieEchoed, .shutdownAcknowledged, .ended:
      counts.dropped.unexpected += 1
      return
    }
    receive(
      SelectiveAcknowledgement(
        cumulativeTSN: TSN(rawValue: cumulative),
        window: UInt32(clamping: advertisedWindow)
      )
    )
  }

  /// SHUTDOWN ACK.
  mutating func receiveShutdownAcknowledgement() {
    guard phase == .shutdownSent || phase == .shutdownAcknowledged, let agreement else {
      counts.dropped.unexpected += 1
      return
    }
    sendAlone(.chunk(.shutdownComplete), tag: agreement.peerTag)
    end(.shutdown)
  }

  /// SHUTDOWN COMPLETE.
  mutating func receiveShutdownComplete() {
    guard phase == .shutdownAcknowledged else {
      counts.dropped.unexpected += 1
      return
    }
    end(.shutdown)
  }
}
