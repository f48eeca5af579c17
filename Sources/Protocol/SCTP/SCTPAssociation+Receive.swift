// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Packets that come in.
extension SCTPAssociation {
  /// Chunks of one packet that are read.
  static let maximumChunks = 256
  /// Chunks of one packet that take work: SACK, FORWARD TSN, RE-CONFIG; the usual packet has one.
  static let maximumCostlyChunks = 4
  /// Bytes of a HEARTBEAT that are sent back.
  static let maximumHeartbeat = 512

  /// Takes a packet that DTLS has decrypted.
  public mutating func receive(_ packet: Span<UInt8>, at now: Timestamp) {
    clock = max(clock, now)
    counts.packetsReceived += 1
    var reader = ChunkReader(from: CommonHeader.length, limit: Self.maximumChunks)
    guard let header = CommonHeader.parse(packet), packet.count >= 16 else {
      counts.dropped.malformed += 1
      return
    }
    guard header.sourcePort == configuration.remotePort,
      header.destinationPort == configuration.localPort
    else {
      counts.dropped.port += 1
      return
    }
    guard
      header.checksum == 0 && configuration.acceptsZeroChecksum
        || header.checksum == CommonHeader.checksum(of: packet)
    else {
      counts.dropped.checksum += 1
      return
    }
    guard let first = reader.next(in: packet) else {
      counts.dropped.malformed += 1
      return
    }
    guard isAcceptable(header.tag, first, isAlone: !reader.hasMore(in: packet)) else {
      counts.dropped.tag += 1
      receiveFromElsewhere(first, header.tag)
      return
    }
    var next: RawChunk? = first
    var costly = 0
    while let chunk = next {
      if Self.isCostly(chunk) { costly += 1 }
      guard costly <= Self.maximumCostlyChunks, receive(chunk, of: packet, header.tag) else {
        break
      }
      next = reader.next(in: packet)
    }
    if reader.isMalformed { counts.dropped.malformed += 1 }
    finishArrival()
  }

  private static func isCostly(_ chunk: RawChunk) -> Bool {
    switch ChunkType(rawValue: chunk.type) {
    case .selectiveAcknowledgement, .forwardTSN, .interleavedForwardTSN, .reconfiguration: true
    default: false
    }
  }

  /// Whether the verification tag is the right one for what comes first (RFC 9260 section 8.5).
  private func isAcceptable(_ tag: VerificationTag, _ chunk: RawChunk, isAlone: Bool) -> Bool {
    switch ChunkType(rawValue: chunk.type) {
    case .initiation:
      return tag == .zero && isAlone
    case .cookieEcho:
      // The cookie says which tag is right.
      return phase != .ended
    case .abort, .shutdownComplete:
      // With the T bit the sender did not know our tag and has sent its own back.
      if chunk.flags & 1 != 0 { return agreement != nil && tag == agreement?.peerTag }
      if case .cookieWait(let offer) = phase { return tag == offer.tag }
    case .initiationAcknowledgement:
      if case .cookieWait(let offer) = phase { return tag == offer.tag }
    default:
      break
    }
    guard phase != .ended, let agreement else { return false }
    return tag == agreement.localTag
  }

  /// A packet that belongs to no association, or to one that is over (RFC 9260 section 8.4).
  private mutating func receiveFromElsewhere(_ chunk: RawChunk, _ tag: VerificationTag) {
    switch ChunkType(rawValue: chunk.type) {
    case .shutdownAcknowledgement where phase == .ended || state == .connecting:
      sendAlone(.chunk(.shutdownComplete, flags: 1), tag: tag)
    case .data, .interleavedData, .heartbeat, .selectiveAcknowledgement, .shutdown,
      .reconfiguration, .forwardTSN, .interleavedForwardTSN:
      if phase == .ended || phase == .closed { sendAlone(.chunk(.abort, flags: 1), tag: tag) }
    default:
      break
    }
  }

  /// Takes one chunk; `false` when the rest of the packet is to be left.
  private mutating func receive(
    _ chunk: RawChunk,
    of packet: Span<UInt8>,
    _ tag: VerificationTag
  ) -> Bool {
    let value = packet.extracting(chunk.value)
    switch ChunkType(rawValue: chunk.type) {
    case .data:
      receiveData(value, flags: chunk.flags, isInterleaved: false)
    case .interleavedData where has(.interleaving):
      receiveData(value, flags: chunk.flags, isInterleaved: true)
    case .selectiveAcknowledgement:
      guard let sack = SelectiveAcknowledgement.parse(value) else {
        counts.dropped.malformed += 1
        return false
      }
      receive(sack)
    case .forwardTSN where has(.partialReliability) && !has(.interleaving):
      receiveForwardTSN(value, isInterleaved: false)
    case .interleavedForwardTSN where has(.partialReliability) && has(.interleaving):
      receiveForwardTSN(value, isInterleaved: true)
    case .initiation:
      // Within others it has no business; alone it was accepted by its tag.
      guard tag == .zero else {
        counts.dropped.unexpected += 1
        return false
      }
      receiveInitiation(value)
      return false
    case .initiationAcknowledgement:
      receiveInitiationAcknowledgement(value)
      return false
    case .cookieEcho:
      return receiveCookieEcho(value, tag: tag)
    case .cookieAcknowledgement:
      receiveCookieAcknowledgement()
    case .heartbeat:
      receiveHeartbeat(value)
    case .heartbeatAcknowledgement:
      receiveHeartbeatAcknowledgement(value)
    case .abort:
      end(.abortedByPeer(ErrorCause.describe(value)))
      return false
    case .error:
      receiveError(value)
    case .shutdown:
      receiveShutdown(value)
    case .shutdownAcknowledgement:
      receiveShutdownAcknowledgement()
    case .shutdownComplete:
      receiveShutdownComplete()
      return false
    case .reconfiguration where has(.reconfiguration) && isStanding:
      receiveReconfiguration(value)
    default:
      return receiveUnknown(chunk, of: packet)
    }
    return phase != .ended
  }

  /// Whether data and requests are taken or sent.
  var isStanding: Bool {
    switch phase {
    case .established, .shutdownPending, .shutdownSent, .shutdownReceived: true
    case .closed, .cookieWait, .cookieEchoed, .shutdownAcknowledged, .ended: false
    }
  }

  /// A type that is not known says itself what to do (RFC 9260 section 3.2).
  private mutating func receiveUnknown(_ chunk: RawChunk, of packet: Span<UInt8>) -> Bool {
    counts.dropped.unexpected += 1
    let action = UnknownTypeAction(chunk.type)
    if action.isReported, isStanding, chunk.whole.count <= InitiationChunk.maximumUnrecognized {
      let cause = ErrorCause.unrecognizedChunk.bytes([UInt8](packet.extracting(chunk.whole)))
      outbox.append(chunk: .chunk(.error, cause))
    }
    return action.isSkipped
  }

  private mutating func receiveHeartbeat(_ value: Span<UInt8>) {
    guard agreement != nil, value.count <= Self.maximumHeartbeat else {
      counts.dropped.unexpected += 1
      return
    }
    outbox.append(chunk: .chunk(.heartbeatAcknowledgement, [UInt8](value)))
  }

  private mutating func receiveError(_ value: Span<UInt8>) {
    var causes = ChunkReader(from: 0, limit: 8)
    while let cause = causes.next(in: value) {
      if cause.parameterType == ErrorCause.staleCookie.rawValue { receiveStaleCookie() }
    }
  }

  // MARK: Data

  private mutating func receiveData(_ value: Span<UInt8>, flags: UInt8, isInterleaved: Bool) {
    guard phase == .established || phase == .shutdownPending || phase == .shutdownSent,
      let agreement
    else {
      counts.dropped.unexpected += 1
      return
    }
    guard isInterleaved == has(.interleaving) else {
      endForViolation("DATA where I-DATA was agreed")
      return
    }
    guard
      let (chunk, header) = DataChunk.parse(value, flags: flags, isInterleaved: isInterleaved)
    else {
      counts.dropped.malformed += 1
      return
    }
    let payload = value.extracting(header..<value.count)
    guard !payload.isEmpty else {
      endForViolation("data without bytes", .noUserData)
      return
    }
    acknowledgement.hasData = true
    if chunk.isImmediate { acknowledgement.isUrgent = true }
    guard isAwaited(chunk, payload.count) else { return }
    received.insert(chunk.tsn)
    guard chunk.stream < agreement.incomingStreams else {
      counts.dropped.unexpected += 1
      var information: [UInt8] = []
      information.append(bigEndian: chunk.stream)
      information.append(bigEndian: UInt16(0))
      outbox.append(chunk: .chunk(.error, ErrorCause.invalidStream.bytes(information)))
      return
    }
    switch reassembly.receive(chunk, payload) {
    case nil: deliver()
    case .tooLong: endForViolation("a message longer than max-message-size")
    case .contradiction: endForViolation("fragments that contradict one another")
    case .tooMany: endForTooMany()
    }
  }

  /// Whether a chunk is new and there is room for it.
  private mutating func isAwaited(_ chunk: DataChunk, _ count: Int) -> Bool {
    switch received.verdict(on: chunk.tsn) {
    case .duplicate:
      counts.dropped.duplicate += 1
      received.noteDuplicate(chunk.tsn)
      acknowledgement.isUrgent = true
      return false
    case .refused:
      counts.dropped.overflow += 1
      return false
    case .new:
      break
    }
    guard resets.deferred?.isBehind(chunk) != true else {
      counts.dropped.overflow += 1
      return false
    }
    let limit = configuration.maximumReceiveBuffer
    let isFull = events.bytes + reassembly.bytes + count > limit
    // What closes a hole is taken even then, as it may set free what waits for it; but not while
    // it is the caller who lets messages wait.
    guard !isFull || chunk.tsn == received.cumulative.next && events.bytes < limit else {
      counts.dropped.overflow += 1
      acknowledgement.isUrgent = true
      return false
    }
    guard reassembly.bytes <= limit + configuration.maximumReceivedMessage else {
      endForTooMany()
      return false
    }
    return true
  }

  private mutating func endForTooMany() {
    endForViolation("more parts of messages than there is room for", .outOfResource)
  }

  /// Tells of messages that are whole.
  mutating func deliver() {
    guard !reassembly.complete.isEmpty else { return }
    for message in reassembly.complete {
      counts.messagesReceived += 1
      counts.bytesReceived += message.payload.count
      events.append(.received(message))
    }
    reassembly.complete.removeAll(keepingCapacity: true)
  }

  private mutating func receiveForwardTSN(_ value: Span<UInt8>, isInterleaved: Bool) {
    guard phase == .established || phase == .shutdownPending || phase == .shutdownSent else {
      counts.dropped.unexpected += 1
      return
    }
    guard let chunk = ForwardTSNChunk.parse(value, isInterleaved: isInterleaved) else {
      counts.dropped.malformed += 1
      return
    }
    acknowledgement.hasData = true
    // One that tells nothing new was sent because our SACK is lost.
    acknowledgement.isUrgent = true
    guard received.advance(to: chunk.cumulativeTSN) else { return }
    reassembly.skip(chunk, isInterleaved: isInterleaved)
    deliver()
  }

  /// What follows from a packet as a whole: resets that waited, and the SACK (RFC 9260 section 6.2).
  private mutating func finishArrival() {
    guard acknowledgement.hasData, isStanding else {
      acknowledgement.hasData = false
      return
    }
    performDeferredReset()
    acknowledgement.hasData = false
    acknowledgement.packets += 1
    if acknowledgement.packets >= 2 || acknowledgement.isUrgent || received.hasGaps
      || phase == .shutdownSent
    {
      acknowledgement.isDue = true
    } else if timers.acknowledgement == nil {
      let half = (timeout.smoothed ?? configuration.acknowledgementDelay) / 2
      let delay = min(configuration.acknowledgementDelay, max(half, .milliseconds(10)))
      timers.acknowledgement = clock + delay
    }
    acknowledgement.isUrgent = false
    // Data shows that our SHUTDOWN has not come (RFC 9260 section 9.2).
    if phase == .shutdownSent { appendShutdown() }
  }

  // MARK: SACK

  /// SACK, or the part of it that a SHUTDOWN has.
  mutating func receive(_ sack: SelectiveAcknowledgement) {
    guard isStanding || phase == .shutdownAcknowledged else {
      counts.dropped.unexpected += 1
      return
    }
    let inFlight = outstanding.bytesInFlight
    let wasClosed = isWindowClosed
    guard
      let progress = outstanding.acknowledge(sack, isRecovering: congestion.isRecovering, at: clock)
    else {
      counts.dropped.unexpected += 1
      return
    }
    advertisedWindow = Int(sack.window)
    if let sample = progress.roundTripTime { timeout.measure(sample) }
    if progress.bytes > 0 || progress.isCumulative || isWindowClosed { silence = 0 }
    congestion.acknowledge(progress, inFlight: inFlight, cumulative: outstanding.cumulative)
    if progress.hasLoss { congestion.lose(recoveryEnd: outstanding.nextTSN.previous) }
    peerWindow = max(0, advertisedWindow - outstanding.bytesInFlight)
    if wasClosed, !isWindowClosed, progress.bytes == 0 {
      // The window has opened; what was sent into the closed one was not taken.
      outstanding.loseAll()
      peerWindow = advertisedWindow
    }
    if outstanding.isEmpty {
      timers.retransmission = nil
    } else if progress.isCumulative || timers.retransmission == nil {
      timers.retransmission = clock + timeout.current
    }
    if outstanding.hasAbandonedFirst { needsForwardTSN = true }
  }
}
