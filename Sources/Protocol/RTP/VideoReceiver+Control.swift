// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
public import Wire

extension VideoReceiver {
  /// What came in another order is not asked for at once.
  private static let reorderDelay: Duration = .milliseconds(5)
  /// Beyond a round trip, for the sender's pace and its notion of the round trip.
  private static let answerMargin: Duration = .milliseconds(10)
  /// How often a packet is asked for.
  private static let maximumAttempts = 10
  /// Bytes of the largest report with its feedback: RR, two names of 255 bytes, PLI, REMB.
  private static let controlSize = 640

  /// Takes one packet of an authenticated RTCP datagram that arrived at `now`.
  ///
  /// SR and BYE of the sender's stream have an effect; all else, and other streams', has none.
  public mutating func receive(_ report: RTCPPacket, at now: Timestamp) {
    guard !isClosed else { return }
    if stream.receive(report, at: now) {
      keyframes.cancel()
      isWaiting = true
      hasGap = true
    }
  }

  /// Writes the next RTCP datagram into `slot`; `false` when none is due at `now`.
  ///
  /// RR and SDES soon after the first packet and about every second from then on; generic NACK,
  /// PLI or FIR as soon as they are needed; BYE after `close`. `slot` should have room for 1,200
  /// bytes, with less than 640 nothing is written; what it holds stays in front.
  @_lifetime(slot: copy slot)
  public mutating func nextControl(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    guard slot.freeCapacity >= Self.controlSize else { return false }
    if isClosed {
      return stream.reports.due != nil && stream.writeBye(into: &slot, from: identity, at: now)
    }
    advance(to: now)
    guard stream.reception != nil, !hasEnded else { return false }
    let isRegular = stream.reports.regular.map { $0 <= now } ?? false
    let needsKeyframe = asksForKeyframes && keyframes.due.map { $0 <= now } ?? false
    let needsPackets = nextRequest.map { $0 <= now } ?? false
    guard isRegular || needsKeyframe || needsPackets else { return false }
    if isRegular || !configuration.reducedSizeRTCP {
      guard stream.writeReport(into: &slot, from: identity, at: now) else { return false }
    }
    if isRegular {
      stream.reports.scheduleNext(after: now, using: &random)
      writeEstimate(into: &slot)
    }
    if needsKeyframe { writeKeyframeRequest(into: &slot, at: now) }
    if needsPackets { writeMissing(into: &slot, at: now) }
    return true
  }

  /// When to call `nextControl` and `nextFrame` again once both have nothing more.
  public var deadline: Timestamp? {
    if isClosed { return stream.reports.due }
    guard stream.reception != nil, !hasEnded else { return nil }
    let patience = stream.window.missing.first.map { $0.since + self.patience }
    return stream.reports.regular
      .earlier(asksForKeyframes ? keyframes.due : nil)
      .earlier(nextRequest)
      .earlier(patience)
  }

  private var identity: IncomingStream.Identity {
    .init(
      ssrc: configuration.ssrc,
      canonicalName: configuration.cname,
      mid: configuration.mid
    )
  }

  private var asksForKeyframes: Bool { configuration.supportsPLI || configuration.supportsFIR }

  // MARK: Missing packets

  /// When the next missing packet is to be asked for.
  private var nextRequest: Timestamp? {
    guard configuration.supportsNACK else { return nil }
    var next: Timestamp?
    for missing in stream.window.missing { next = next.earlier(request(of: missing)) }
    return next
  }

  /// When `missing` is to be asked for: once in a round trip; `nil` when no longer.
  private func request(of missing: ReorderWindow.Missing) -> Timestamp? {
    guard missing.attempts < Self.maximumAttempts else { return nil }
    guard let asked = missing.asked else { return missing.since + Self.reorderDelay }
    return asked + (roundTripTime ?? Self.assumedRoundTripTime) + Self.answerMargin
  }

  @_lifetime(slot: copy slot)
  private mutating func writeMissing(into slot: inout OutputSpan<UInt8>, at now: Timestamp) {
    guard let media = stream.ssrc else { return }
    let room = min((slot.freeCapacity - 12) / 4, RTCPReader.maximumEntries)
    var entries: [RTCPPacket.MissingPackets] = []
    for position in stream.window.missing.indices {
      let missing = stream.window.missing[position]
      guard let due = request(of: missing), due <= now else { continue }
      if let last = entries.last, (1...16).contains(missing.number.distance(after: last.first)) {
        let bit = missing.number.distance(after: last.first) - 1
        entries[entries.count - 1].following |= 1 << bit
      } else {
        guard entries.count < room else { break }
        entries.append(.init(first: missing.number))
      }
      stream.window.setAsked(position, at: now)
    }
    guard !entries.isEmpty else { return }
    counts.nackCount &+= 1
    RTCPPacket.genericNACK(sender: configuration.ssrc, media: media, entries).write(into: &slot)
  }

  // MARK: Keyframes and rate

  @_lifetime(slot: copy slot)
  private mutating func writeKeyframeRequest(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) {
    guard let media = stream.ssrc else { return }
    let request: RTCPPacket
    if configuration.supportsPLI {
      counts.pliCount &+= 1
      request = .pictureLossIndication(sender: configuration.ssrc, media: media)
    } else {
      counts.firCount &+= 1
      let entry = RTCPPacket.FullIntraRequest(ssrc: media, number: keyframes.number)
      request = .fullIntraRequest(sender: configuration.ssrc, [entry])
    }
    request.write(into: &slot)
    keyframes.send(at: now, roundTripTime: roundTripTime ?? Self.assumedRoundTripTime)
  }

  @_lifetime(slot: copy slot)
  private func writeEstimate(into slot: inout OutputSpan<UInt8>) {
    guard let estimate = configuration.estimate, let media = stream.ssrc else { return }
    RTCPPacket.receiverEstimatedMaximumBitrate(
      sender: configuration.ssrc,
      estimate,
      media: [media]
    )
    .write(into: &slot)
  }
}
