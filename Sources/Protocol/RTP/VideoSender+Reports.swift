// SPDX-License-Identifier: Apache-2.0
public import Wire

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
    reports.scheduleNext(after: now, using: &random)
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
    var sources = [configuration.ssrc]
    if let stream = retransmissionStream { sources.append(stream.ssrc) }
    let isWritten = reports.writeReport(
      into: &slot,
      at: now,
      wallClock,
      timestamp: clock.time(at: now),
      about: sources,
      canonicalName: configuration.cname,
      mid: configuration.mid
    )
    guard isWritten else { return false }
    let answers = reports.takeAnswers(at: now)
    if !answers.isEmpty {
      RTCPPacket.extendedReport(.init(sender: configuration.ssrc, answers: answers))
        .write(into: &slot)
    }
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
