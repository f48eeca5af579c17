// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
public import Wire

extension VideoSender {
  /// While no round-trip time is known: that of a local network, generously.
  static let assumedRoundTripTime: Duration = .milliseconds(20)
  /// Senders of FIR whose last number is remembered.
  private static let maximumFullIntraRequesters = 4

  /// Takes one packet of an authenticated RTCP datagram that arrived at `now`.
  ///
  /// What concerns other streams, or is unknown, has no effect.
  public mutating func receive(_ feedback: RTCPPacket, at now: Timestamp) {
    guard !isClosed else { return }
    switch feedback {
    case .receiverReport(let report): receive(report.reports, at: now)
    case .senderReport(let report): receive(report.reports, at: now)
    case .genericNACK(_, configuration.ssrc, let entries): receive(entries, at: now)
    case .pictureLossIndication(_, configuration.ssrc):
      statistics.pliCount &+= 1
      requestMissedKeyframe(at: now)
    case .fullIntraRequest(let sender, let entries):
      for entry in entries where entry.ssrc == configuration.ssrc {
        receive(entry, from: sender, at: now)
      }
    case .receiverEstimatedMaximumBitrate(_, let bitrate, let media):
      if media.contains(configuration.ssrc) { receiverEstimate = bitrate }
    case .temporaryMaximumBitrateRequest(let sender, let limits):
      for limit in limits where limit.ssrc == configuration.ssrc {
        receive(limit, from: sender, at: now)
      }
    case .extendedReport(let report): receive(report, at: now)
    default: break
    }
  }

  // MARK: Reports

  /// Without an answer a receiver that sends nothing does not know the round-trip time, and waits
  /// long before it asks for a packet again.
  private mutating func receive(_ report: RTCPPacket.ExtendedReport, at now: Timestamp) {
    guard let time = report.referenceTime,
      reports.remember(referenceTime: time, of: report.sender, at: now),
      firstSequenceNumber != nil
    else { return }
    reports.due = min(reports.due ?? now, now)
  }

  private mutating func receive(_ blocks: [RTCPPacket.ReportBlock], at now: Timestamp) {
    for block in blocks where block.ssrc == configuration.ssrc {
      guard let firstSequenceNumber else {
        statistics.malformed &+= 1
        continue
      }
      guard
        block.isPlausible(
          first: firstSequenceNumber,
          next: sequenceNumber,
          hasWrapped: statistics.packetsSent > 0xFFFF
        )
      else {
        statistics.malformed &+= 1
        continue
      }
      acknowledge(block.highestSequenceNumber.sequenceNumber)
      let measured = reports.roundTripTime(of: block, at: now)
      roundTripTime = measured ?? roundTripTime
      var remote = statistics.remote ?? .init()
      remote.update(with: block, clockRate: configuration.clockRate, roundTripTime: measured)
      statistics.remote = remote
      path.update(with: block, roundTripTime: measured)
      adaptPlayoutDelay()
    }
  }

  /// Notes that `number` has arrived, and with it what its header extensions say.
  private mutating func acknowledge(_ number: SequenceNumber) {
    // Behind is what lies in the half of the circle before it.
    guard let since = extensionsSince, number.distance(after: since) < 0x8000 else { return }
    isAcknowledged = true
  }

  /// Under loss, lets the receiver wait for packets that are sent again.
  private mutating func adaptPlayoutDelay() {
    guard extensions.carryPlayoutDelay else { return }
    let wanted =
      path.remedy == .delay
      ? PlayoutDelay(coveringRoundTrips: path.roundTripTime ?? Self.assumedRoundTripTime) : .none
    guard !playoutDelay.isNear(wanted) else { return }
    playoutDelay = wanted
    isAcknowledged = false
    extensionsSince = nil
  }

  // MARK: Missing packets

  private mutating func receive(_ entries: [RTCPPacket.MissingPackets], at now: Timestamp) {
    statistics.nackCount &+= 1
    guard configuration.supportsNACK else { return }
    history.expire(at: now)
    for entry in entries {
      retransmit(entry.first, at: now)
      var bits = entry.following
      var number = entry.first
      while bits != 0 {
        number += 1
        if bits & 1 != 0 { retransmit(number, at: now) }
        bits >>= 1
      }
    }
  }

  private mutating func retransmit(_ number: SequenceNumber, at now: Timestamp) {
    guard let entry = history[number], !entry.isRequested else {
      statistics.retransmissionsRefused &+= 1
      return
    }
    // Within a round trip the receiver cannot yet know that the repetition was lost too; it may
    // know of a shorter one than was last reported.
    let wait = (roundTripTime ?? Self.assumedRoundTripTime).inNanoseconds / 4 * 3
    guard now - entry.repeated >= .nanoseconds(wait) else {
      statistics.retransmissionsRefused &+= 1
      return
    }
    let size = retransmittedSize(of: entry)
    guard retransmissions.count < Self.maximumRetransmissions, retransmissionCredit.spend(size)
    else {
      statistics.retransmissionsRefused &+= 1
      return
    }
    history.setRequested(true, number)
    retransmissions.append(number)
  }

  // MARK: Keyframes

  private mutating func receive(
    _ request: RTCPPacket.FullIntraRequest,
    from sender: SSRC,
    at now: Timestamp
  ) {
    if let known = lastFullIntraRequests.firstIndex(where: { $0.sender == sender }) {
      // The same number again is the same request, repeated in case it was lost.
      guard lastFullIntraRequests[known].number != request.number else { return }
      lastFullIntraRequests[known].number = request.number
    } else {
      if lastFullIntraRequests.count >= Self.maximumFullIntraRequesters {
        lastFullIntraRequests.removeFirst()
      }
      lastFullIntraRequests.append((sender, request.number))
    }
    statistics.firCount &+= 1
    requestMissedKeyframe(at: now)
  }

  /// Asks for a keyframe unless one is leaving, or has left so lately that the receiver did not
  /// know of it when it asked.
  private mutating func requestMissedKeyframe(at now: Timestamp) {
    guard !keyframes.isOnItsWay else { return }
    let flight = roundTripTime ?? Self.assumedRoundTripTime
    if let sent = keyframes.sent, now - sent < flight { return }
    requestKeyframe(at: now)
  }

  // MARK: Limits of the rate

  private mutating func receive(
    _ request: RTCPPacket.BitrateLimit,
    from sender: SSRC,
    at now: Timestamp
  ) {
    // With one peer the bounding set of RFC 5104 section 3.5.4 is a single limit: the lowest, or
    // whatever its owner says next.
    if let current = bitrateLimit, current.owner != sender,
      request.bitrate >= current.limit.bitrate
    {
      reports.owesNotification = true
    } else {
      bitrateLimit = (sender, request)
      reports.owesNotification = true
    }
    guard firstSequenceNumber != nil else { return }
    reports.due = min(reports.due ?? now, now)
  }
}
