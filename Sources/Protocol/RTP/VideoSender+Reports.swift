// SPDX-License-Identifier: Apache-2.0
public import Wire

/// When reports are due, what they count, and which ones the receiver may echo.
struct ReportSchedule: Sendable {
  /// Sender reports that can still be echoed.
  private static let maximumSent = 8

  /// When the next compound packet is due; `nil` before the first RTP packet and after BYE.
  var due: Timestamp?
  /// Whether a TMMBR waits for its answer.
  var owesNotification = false
  /// When the next regular report is due, which an early answer does not delay.
  var regular: Timestamp?

  private(set) var packetCount: UInt32 = 0
  private(set) var octetCount: UInt32 = 0
  private var sent: [(ntp: UInt32, at: Timestamp)] = []

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
}

extension VideoSender {
  /// Writes the next RTCP datagram into `slot`; `false` when none is due at `now`.
  ///
  /// Right after the first RTP packet and about every second from then on: SR and SDES in one
  /// compound packet, with TMMBN after a TMMBR, with BYE after `close`. `wallClock` is the time of
  /// day at `now`. `slot` should have room for 1,200 bytes; what it holds stays in front.
  @_lifetime(slot: copy slot)
  public mutating func nextControl(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp,
    wallClock: WallClock
  ) -> Bool {
    guard let due = reports.due, due <= now, firstSequenceNumber != nil else { return false }
    if isClosed {
      reports.due = nil
      var sources = [configuration.ssrc]
      if let stream = retransmissionStream { sources.append(stream.ssrc) }
      return writeReport(into: &slot, at: now, wallClock)
        && RTCPPacket.bye(sources).write(into: &slot)
    }
    let isRegular = reports.regular.map { $0 <= now } ?? true
    // Outside a compound packet an answer may travel alone; a full report then keeps its time.
    if reports.owesNotification, !isRegular, configuration.reducedSizeRTCP {
      reports.due = reports.regular
      reports.owesNotification = false
      return writeNotification(into: &slot)
    }
    let next = now + .milliseconds(Int64.random(in: 500...1500, using: &random))
    reports.due = next
    reports.regular = next
    guard writeReport(into: &slot, at: now, wallClock) else { return false }
    if reports.owesNotification {
      reports.owesNotification = false
      writeNotification(into: &slot)
    }
    return true
  }

  @_lifetime(slot: copy slot)
  private mutating func writeReport(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp,
    _ wallClock: WallClock
  ) -> Bool {
    let ntp = wallClock.ntp
    let report = RTCPPacket.SenderReport(
      ssrc: configuration.ssrc,
      ntp: ntp,
      timestamp: clock.time(at: now),
      packetCount: reports.packetCount,
      octetCount: reports.octetCount
    )
    let name = configuration.cname
    var sources = [
      RTCPPacket.SourceDescription(
        ssrc: configuration.ssrc,
        canonicalName: name,
        mid: configuration.mid
      )
    ]
    if let stream = retransmissionStream {
      sources.append(.init(ssrc: stream.ssrc, canonicalName: name, mid: configuration.mid))
    }
    guard RTCPPacket.senderReport(report).write(into: &slot),
      RTCPPacket.sourceDescription(sources).write(into: &slot)
    else { return false }
    reports.remember(ntp, at: now)
    return true
  }

  @_lifetime(slot: copy slot)
  @discardableResult
  private func writeNotification(into slot: inout OutputSpan<UInt8>) -> Bool {
    guard let bitrateLimit else { return false }
    var limit = bitrateLimit.limit
    limit.ssrc = bitrateLimit.owner
    let notification = RTCPPacket.temporaryMaximumBitrateNotification(
      sender: configuration.ssrc,
      [limit]
    )
    return notification.write(into: &slot)
  }
}
