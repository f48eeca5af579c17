// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Packets that go out.
extension SCTPAssociation {
  /// Writes the next packet behind what is in `slot`; `false` when there is none now.
  ///
  /// It has at most `configuration.maximumPacket` bytes. With less room in `slot` less is bundled;
  /// below 512 bytes nothing is written.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    prepare()
    let start = slot.count
    let room = min(configuration.maximumPacket, slot.freeCapacity) & ~3
    guard room >= 512 else { return false }
    if let packet = outbox.nextPacket() {
      slot.append(copying: packet.span)
      CommonHeader.seal(&slot, from: start)
      counts.packetsSent += 1
      return true
    }
    guard let agreement, phase != .ended else { return false }
    let header = CommonHeader(
      sourcePort: configuration.localPort,
      destinationPort: configuration.remotePort,
      tag: agreement.peerTag
    )
    header.write(into: &slot)
    writeControl(&slot, end: start + room)
    if isStanding {
      if acknowledgement.isDue || needsWindowUpdate
        || timers.acknowledgement != nil && hasDataToSend
      {
        writeAcknowledgement(&slot, end: start + room)
      }
      if needsForwardTSN { writeForwardTSN(&slot, end: start + room) }
      writeData(&slot, start: start, end: start + room)
    }
    guard slot.count > start + CommonHeader.length else {
      slot.removeLast(CommonHeader.length)
      return false
    }
    if !agreement.capabilities.contains(.zeroChecksum) { CommonHeader.seal(&slot, from: start) }
    counts.packetsSent += 1
    return true
  }

  /// Does what the state of the queues asks for before a packet is made.
  private mutating func prepare() {
    guard isStanding else { return }
    if has(.partialReliability), outstanding.lostCount > 0 {
      let (given, unfinished) = outstanding.abandonExpired(at: clock)
      giveUp(given, unfinished)
    }
    requestReset()
    continueShutdown()
  }

  /// Tells the queue and the receiver of messages that were given up.
  private mutating func giveUp(_ count: Int, _ unfinished: [OutgoingHeader]) {
    guard count > 0 else { return }
    counts.messagesAbandoned += count
    for header in unfinished where queue.discardRest(of: header) {
      outstanding.appendAbandoned(header)
    }
    tellLowBuffers()
    needsForwardTSN = true
    if timers.retransmission == nil { timers.retransmission = clock + timeout.current }
  }

  // MARK: What may be sent

  private var headerLength: Int { DataChunk.headerLength(isInterleaved: isInterleaved) }

  /// Bytes of payload in a full packet.
  private var fullPayload: Int { configuration.maximumPacket - CommonHeader.length - headerLength }

  /// Whether the peer has less room than a packet takes.
  var isWindowClosed: Bool { advertisedWindow < configuration.maximumPacket }

  private var isSendingPhase: Bool {
    phase == .established || phase == .shutdownPending || phase == .shutdownReceived
  }

  /// Whether the windows let a new chunk go (RFC 9260 section 6.1); one may always be in flight.
  private var hasRoomForNew: Bool {
    guard isSendingPhase, !queue.isEmpty, outstanding.count < OutstandingData.maximumChunks,
      outstanding.lostCount == 0 || outstanding.bytesInFlight < congestion.bytes
    else { return false }
    guard outstanding.bytesInFlight > 0 else { return true }
    return outstanding.bytesInFlight < congestion.bytes && peerWindow >= configuration.maximumPacket
  }

  private var mayRetransmit: Bool {
    isSendingPhase && outstanding.lostCount > 0
      && (outstanding.bytesInFlight < congestion.bytes || congestion.hasFastRetransmission)
  }

  private var hasDataToSend: Bool {
    mayRetransmit || hasRoomForNew && (!congestion.isExhausted || outstanding.bytesInFlight == 0)
  }

  /// Whether only the size of a burst holds data back.
  var isHeldByBurst: Bool {
    congestion.isExhausted && hasRoomForNew && outstanding.bytesInFlight > 0
  }

  // MARK: Chunks

  private mutating func writeControl(_ slot: inout OutputSpan<UInt8>, end: Int) {
    while let chunk = outbox.chunks.first, chunk.count <= end - slot.count {
      slot.append(copying: chunk.span)
      _ = outbox.chunks.popFirst()
    }
  }

  /// What is left of the receive buffer.
  private var window: Int {
    max(0, configuration.maximumReceiveBuffer - events.bytes - reassembly.bytes)
  }

  /// Whether the peer should hear that there is room again (RFC 9260 section 6.2).
  var needsWindowUpdate: Bool {
    let whole = configuration.maximumReceiveBuffer
    return isStanding && acknowledgement.window <= whole / 2
      && window - acknowledgement.window >= whole / 4
  }

  private mutating func writeAcknowledgement(_ slot: inout OutputSpan<UInt8>, end: Int) {
    guard end - slot.count >= 16 else { return }
    acknowledgement.window = window
    let chunk = received.takeAcknowledgement(
      window: UInt32(clamping: window),
      room: end - slot.count - 16
    )
    chunk.write(into: &slot)
    acknowledgement.isDue = false
    acknowledgement.packets = 0
    timers.acknowledgement = nil
  }

  private mutating func writeForwardTSN(_ slot: inout OutputSpan<UInt8>, end: Int) {
    let entry = isInterleaved ? 8 : 4
    let room = (end - slot.count - 8) / entry
    guard room > 0 else { return }
    needsForwardTSN = false
    guard let chunk = outstanding.forwardTSN(maximumSkips: room, isInterleaved: isInterleaved)
    else { return }
    if let forwarded, forwarded.tsn == chunk.cumulativeTSN,
      clock < forwarded.at + (timeout.smoothed ?? timeout.current)
    {
      return
    }
    forwarded = (chunk.cumulativeTSN, clock)
    chunk.write(into: &slot, isInterleaved: isInterleaved)
    if timers.retransmission == nil { timers.retransmission = clock + timeout.current }
  }

  private mutating func writeData(_ slot: inout OutputSpan<UInt8>, start: Int, end: Int) {
    congestion.refill(at: clock)
    let before = slot.count
    while end - slot.count > headerLength {
      let room = ((end - slot.count) & ~3) - headerLength
      if mayRetransmit,
        let tsn = outstanding.takeLost(fitting: room, at: clock), let chunk = outstanding[tsn]
      {
        counts.chunksRetransmitted += 1
        write(chunk, tsn, into: &slot, isImmediate: true)
        if tsn == outstanding.cumulative.next { timers.retransmission = clock + timeout.current }
        continue
      }
      guard hasRoomForNew, !congestion.isExhausted || outstanding.bytesInFlight == 0 else { break }
      let isShared = slot.count > start + CommonHeader.length
      let space = SendQueue.Room(bytes: room, full: fullPayload, isShared: isShared)
      guard writeNew(space, into: &slot) else { break }
    }
    tellLowBuffers()
    guard slot.count > before else { return }
    congestion.hasFastRetransmission = false
    if timers.retransmission == nil { timers.retransmission = clock + timeout.current }
    scheduleHeartbeat()
  }

  /// Writes the next new chunk; `false` when there is none for this packet.
  private mutating func writeNew(
    _ room: SendQueue.Room,
    into slot: inout OutputSpan<UInt8>
  )
    -> Bool
  {
    switch queue.next(room, canGiveUp: has(.partialReliability), at: clock) {
    case .nothing:
      return false
    case .givenUp(let header):
      let unfinished = outstanding.abandon([header.id])
      outstanding.appendAbandoned(unfinished.first ?? header)
      giveUp(1, [])
      return true
    case .chunk(let chunk):
      if outstanding.isEmpty { congestion.rest(until: clock, timeout: timeout.current) }
      let isProbe = peerWindow < configuration.maximumPacket
      let tsn = outstanding.append(chunk, at: clock)
      peerWindow = max(0, peerWindow - chunk.size)
      congestion.spend(chunk.size, at: clock)
      counts.bytesSent += chunk.range.count
      if chunk.isEnd { counts.messagesSent += 1 }
      write(chunk, tsn, into: &slot, isImmediate: isProbe)
      return true
    }
  }

  private func write(
    _ chunk: OutgoingChunk,
    _ tsn: TSN,
    into slot: inout OutputSpan<UInt8>,
    isImmediate: Bool
  ) {
    let payload = chunk.payload
    chunk.chunk(tsn, isInterleaved: isInterleaved, isImmediate: isImmediate)
      .write(payload.span.extracting(chunk.range), into: &slot)
  }

  private mutating func tellLowBuffers() {
    guard !queue.low.isEmpty else { return }
    for stream in queue.low { events.append(.bufferedAmountLow(stream: stream)) }
    queue.low.removeAll(keepingCapacity: true)
  }
}
