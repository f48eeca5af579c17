// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// When reports are due, what they count, and which ones the receiver may echo.
struct ReportSchedule: Sendable {
  /// Sender reports that can still be echoed.
  private static let maximumSent = 8
  /// Receivers whose times are remembered until the next report.
  private static let maximumReferences = 4

  /// When the next compound packet is due; `nil` before the first RTP packet and after BYE.
  var due: Timestamp?
  /// Whether a TMMBR waits for its answer.
  var owesNotification = false
  /// When the next regular report is due, which an early answer does not delay.
  var regular: Timestamp?

  private(set) var packetCount: UInt32 = 0
  private(set) var octetCount: UInt32 = 0
  private var sent: [(ntp: UInt32, at: Timestamp)] = []
  private var references: [(ssrc: SSRC, ntp: UInt32, at: Timestamp)] = []
  private var hasAnswered = false

  /// Plans the next regular report, about a second after `now` (RFC 3550 section 6.3.1).
  mutating func scheduleNext(after now: Timestamp, using random: inout RandomSource) {
    let next = now + .milliseconds(Int64.random(in: 500...1500, using: &random))
    due = next
    regular = next
  }

  /// Counts an RTP packet of the media stream.
  mutating func countMedia(payload: Int) {
    packetCount &+= 1
    octetCount &+= UInt32(truncatingIfNeeded: payload)
  }

  /// Remembers a sender report, so that its echo tells the round-trip time.
  mutating func remember(_ ntp: UInt64, at now: Timestamp) {
    if sent.count >= Self.maximumSent { sent.removeFirst() }
    sent.append((UInt32(truncatingIfNeeded: ntp >> 16), now))
  }

  /// Remembers the time of day that a receiver has told; `true` if it is the first one, whose answer
  /// should not wait.
  mutating func remember(referenceTime ntp: UInt64, of ssrc: SSRC, at now: Timestamp) -> Bool {
    references.removeAll { $0.ssrc == ssrc }
    guard references.count < Self.maximumReferences else { return false }
    references.append((ssrc, UInt32(truncatingIfNeeded: ntp >> 16), now))
    return !hasAnswered
  }

  /// Answers, once each, to the receivers that have told their times (RFC 3611 section 4.5).
  mutating func takeAnswers(at now: Timestamp) -> [RTCPPacket.ExtendedReport.Answer] {
    defer { references.removeAll(keepingCapacity: true) }
    hasAnswered = hasAnswered || !references.isEmpty
    return references.map { reference in
      let waited = max(0, (now - reference.at).inNanoseconds)
      let (seconds, rest) = waited.quotientAndRemainder(dividingBy: 1_000_000_000)
      let delay = min(seconds, 0xFFFF) << 16 + rest << 16 / 1_000_000_000
      return .init(
        ssrc: reference.ssrc,
        lastReference: reference.ntp,
        delay: UInt32(truncatingIfNeeded: delay)
      )
    }
  }

  /// The round-trip time that `block` tells; `nil` if it echoes no report that was sent.
  ///
  /// Counted from when the report was sent, so that a step of the time of day does no harm.
  func roundTripTime(of block: RTCPPacket.ReportBlock, at now: Timestamp) -> Duration? {
    guard block.lastSenderReport != 0,
      let echoed = sent.last(where: { $0.ntp == block.lastSenderReport })
    else { return nil }
    let delay = Int64(block.delaySinceLastSenderReport) * 1_000_000_000 / 65_536
    let time = (now - echoed.at) - .nanoseconds(delay)
    // Rounding to 65,536ths can lead a little below zero; more is a lie.
    guard time > .milliseconds(-1) else { return nil }
    return max(.zero, time)
  }

  /// Writes SR of the first of `sources` and SDES of all (RFC 3550 sections 6.4.1 and 6.5); `false`
  /// without room.
  ///
  /// `timestamp` is the instant `now` on the stream's clock, `wallClock` the same by the day.
  @_lifetime(slot: copy slot)
  mutating func writeReport(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp,
    _ wallClock: WallClock,
    timestamp: RTPTime,
    about sources: [SSRC],
    canonicalName: String,
    mid: String?
  ) -> Bool {
    guard let ssrc = sources.first else { return false }
    let report = RTCPPacket.SenderReport(
      ssrc: ssrc,
      ntp: wallClock.ntp,
      timestamp: timestamp,
      packetCount: packetCount,
      octetCount: octetCount
    )
    let names = sources.map {
      RTCPPacket.SourceDescription(ssrc: $0, canonicalName: canonicalName, mid: mid)
    }
    guard RTCPPacket.senderReport(report).write(into: &slot),
      RTCPPacket.sourceDescription(names).write(into: &slot)
    else { return false }
    remember(wallClock.ntp, at: now)
    return true
  }
}

extension RTCPPacket.ReportBlock {
  /// Whether the highest number that it says has arrived is one that was sent lately, from `first`
  /// up to the one before `next`.
  func isPlausible(first: SequenceNumber, next: SequenceNumber, hasWrapped: Bool) -> Bool {
    let back = next.distance(after: highestSequenceNumber.sequenceNumber)
    return back >= 1 && back < 0x8000 && (back <= next.distance(after: first) || hasWrapped)
  }
}
