// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How many bytes may be in flight (RFC 9260 section 7.2).
struct CongestionWindow: Sendable {
  /// Packets that may leave at once, besides those for which others have arrived.
  static let maximumBurst = 4
  /// After this time the next burst may leave.
  static let burstInterval: Duration = .milliseconds(1)

  /// Bytes that may be in flight.
  private(set) var bytes: Int
  private var threshold = Int.max
  private var acknowledged = 0
  /// Until this TSN is acknowledged a loss is the same loss.
  private(set) var recoveryEnd: TSN?
  /// Whether the first lost packet may leave whatever the window says.
  var hasFastRetransmission = false
  private var allowance: Int
  private var refilled = Timestamp.distantPast
  private var lastSpent = Timestamp.distantPast
  private let packet: Int

  /// Begins in slow start, for packets of so many bytes.
  init(packet: Int) {
    self.packet = packet
    bytes = min(4 * packet, max(2 * packet, 4404))
    allowance = Self.maximumBurst * packet
  }

  var isRecovering: Bool { recoveryEnd != nil }
  /// Whether the burst is over.
  var isExhausted: Bool { allowance <= 0 }
  /// When the next burst may leave.
  var nextBurst: Timestamp { refilled + Self.burstInterval }

  /// Grows with what was acknowledged; `inFlight` is what was before.
  mutating func acknowledge(
    _ progress: OutstandingData.Progress,
    inFlight: Int,
    cumulative: TSN
  ) {
    allowance = max(allowance, min(progress.bytes, 64 * packet) + Self.maximumBurst * packet)
    if let recoveryEnd, !cumulative.precedes(recoveryEnd) { self.recoveryEnd = nil }
    let isUsed = inFlight + packet > bytes
    guard !isRecovering, progress.isCumulative, isUsed else { return }
    if bytes <= threshold {
      bytes += min(progress.bytes, packet)
    } else {
      acknowledged += progress.bytes
      if acknowledged >= bytes {
        acknowledged -= bytes
        bytes += packet
      }
    }
    bytes = min(bytes, OutstandingData.maximumChunks * packet)
  }

  /// Shrinks for a loss that later packets have shown (RFC 9260 section 7.2.4).
  mutating func lose(recoveryEnd end: TSN) {
    guard !isRecovering else { return }
    threshold = max(bytes / 2, 4 * packet)
    bytes = threshold
    acknowledged = 0
    recoveryEnd = end
    hasFastRetransmission = true
  }

  /// Shrinks to one packet when nothing came back (RFC 9260 section 7.2.3).
  mutating func timeOut() {
    threshold = max(bytes / 2, 4 * packet)
    bytes = packet
    acknowledged = 0
    recoveryEnd = nil
    hasFastRetransmission = false
    allowance = max(allowance, packet)
  }

  /// Forgets by halves what nobody has used for some timeouts (RFC 9260 section 7.2.1).
  mutating func rest(until now: Timestamp, timeout: Duration) {
    var idle = now - lastSpent
    while idle > timeout, bytes > 4 * packet {
      bytes = max(bytes / 2, 4 * packet)
      idle -= timeout
    }
  }

  /// Lets the next burst leave if it is time.
  mutating func refill(at now: Timestamp) {
    guard nextBurst <= now else { return }
    refilled = now
    allowance = max(allowance, Self.maximumBurst * packet)
  }

  /// Counts what leaves.
  mutating func spend(_ count: Int, at now: Timestamp) {
    lastSpent = now
    allowance -= count
  }
}
