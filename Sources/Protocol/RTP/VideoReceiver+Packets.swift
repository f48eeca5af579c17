// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
public import Wire

extension VideoReceiver {
  /// How long a missing packet that cannot be asked for is waited for.
  private static let reorderPatience: Duration = .milliseconds(40)
  /// How long one is waited for that can be asked for, unless two round trips take longer.
  private static let repairPatience: Duration = .milliseconds(250)

  /// Takes one RTP packet of this m-line, decrypted, that arrived at `now`.
  ///
  /// What is malformed, of another payload type or of a stream just left is counted and dropped.
  public mutating func receive(_ packet: Span<UInt8>, at now: Timestamp) {
    guard !isClosed else { return }
    guard packet.count <= configuration.maximumPacketSize,
      let (header, range) = RTPHeader.parse(packet)
    else {
      stream.statistics.malformed &+= 1
      return
    }
    let payload = packet.extracting(range)
    if configuration.payloadTypes.contains(header.payloadType) {
      receive(payload, header, size: packet.count, at: now)
    } else if let original = configuration.retransmissions[header.payloadType],
      configuration.payloadTypes.contains(original)
    {
      receiveRepeated(payload, header, original, size: packet.count, at: now)
    } else {
      stream.statistics.packetsIgnored &+= 1
    }
    advance(to: now)
  }

  /// Gives up what has been missing for too long; harmless if nothing has.
  ///
  /// `receive` and `nextControl` do so too.
  public mutating func advance(to now: Timestamp) {
    guard !isClosed else { return }
    drain(at: now)
    while stream.window.giveUp(missingSince: now - patience) {
      lose(at: now)
      drain(at: now)
    }
  }

  /// How long a missing packet is waited for.
  var patience: Duration {
    guard configuration.supportsNACK else { return Self.reorderPatience }
    let roundTrips = (roundTripTime ?? Self.assumedRoundTripTime) * 2 + Self.reorderPatience
    return max(Self.repairPatience, roundTrips)
  }

  // MARK: Packets

  private mutating func receive(
    _ payload: Span<UInt8>,
    _ header: RTPHeader,
    size: Int,
    at now: Timestamp
  ) {
    let count = payload.count
    let before = stream.ssrc
    switch stream.admit(header, size: size, payload: count, at: now, using: &random) {
    case .refused: return
    case .same: break
    case .restarted: restart()
    }
    if before != stream.ssrc, stream.statistics.restarts > 0 {
      // What its RTX stream still repeats has numbers that now mean other packets.
      formerRetransmission = retransmissionSSRC.map { ($0, now + IncomingStream.remembrance) }
      retransmissionSSRC = nil
    }
    place(payload, header, stream.window.place(header.sequenceNumber, at: now), at: now)
  }

  /// Takes a packet of the RTX stream: the original sequence number stands before the payload
  /// (RFC 4588 section 4).
  private mutating func receiveRepeated(
    _ payload: Span<UInt8>,
    _ header: RTPHeader,
    _ original: PayloadType,
    size: Int,
    at now: Timestamp
  ) {
    guard let ssrc = stream.ssrc, stream.reception != nil, !hasEnded, header.ssrc != ssrc,
      formerRetransmission.map({ $0.ssrc != header.ssrc || $0.until <= now }) ?? true
    else {
      stream.statistics.packetsIgnored &+= 1
      return
    }
    retransmissionSSRC = header.ssrc
    stream.count(size: size, payload: payload.count)
    // Without anything in it the packet only probes the path.
    guard !payload.isEmpty else { return }
    var reader = ByteReader(payload)
    guard let number = reader.readUInt16(), let rest = reader.readSpan(reader.remaining) else {
      stream.statistics.malformed &+= 1
      return
    }
    stream.statistics.retransmittedPacketsReceived &+= 1
    stream.statistics.retransmittedBytesReceived &+= UInt64(rest.count)
    var restored = header
    restored.ssrc = ssrc
    restored.payloadType = original
    restored.sequenceNumber = SequenceNumber(rawValue: number)
    let place = stream.window.place(repeated: restored.sequenceNumber)
    self.place(rest, restored, place, at: now)
  }

  private mutating func place(
    _ payload: Span<UInt8>,
    _ header: RTPHeader,
    _ place: ReorderWindow.Place,
    at now: Timestamp
  ) {
    switch place {
    case .next: depacketize(payload, header, at: now)
    case .ahead(let index):
      stream.window.store(.init(header: header, payload: [UInt8](payload)), at: index)
    case .beyond:
      lose(at: now)
      depacketize(payload, header, at: now)
    case .duplicate: stream.statistics.packetsDuplicated &+= 1
    case .late: stream.statistics.packetsDiscarded &+= 1
    }
  }

  private mutating func drain(at now: Timestamp) {
    while let packet = stream.window.takeNext() {
      depacketize(packet.payload.span, packet.header, at: now)
    }
  }

  // MARK: Pictures

  private mutating func depacketize(
    _ payload: Span<UInt8>,
    _ header: RTPHeader,
    at now: Timestamp
  ) {
    let damaged = depacketizer.statistics.damagedAccessUnits
    depacketizer.receive(payload, header: header)
    // Not only when a whole picture follows: until then a request can be on its way.
    if depacketizer.statistics.damagedAccessUnits != damaged { keyframes.want(at: now) }
    while let unit = depacketizer.nextAccessUnit() {
      if unit.isAfterLoss { lose(at: now) }
      finish(unit, at: now)
    }
  }

  private mutating func finish(_ unit: H264Depacketizer.AccessUnit, at now: Timestamp) {
    parameterSets.remember(unit)
    let hasSlice = unit.nalUnits.contains {
      H264NALUnitType(rawValue: unit.bytes[$0.lowerBound]).isSlice
    }
    // Parameter sets may come on their own, before their picture.
    guard hasSlice else { return }
    counts.framesReceived &+= 1
    var whole = unit
    if unit.isKeyframe {
      counts.keyFramesReceived &+= 1
      guard let complete = parameterSets.complete(unit) else {
        drop(at: now)
        return
      }
      whole = complete
    } else if isWaiting {
      drop(at: now)
      return
    }
    guard ready.count < Self.maximumReady,
      readyBytes + whole.bytes.count <= Self.maximumReadyBytes
    else {
      drop(at: now)
      return
    }
    if unit.isKeyframe {
      isWaiting = false
      keyframes.cancel()
    }
    hand(whole, at: now)
  }

  private mutating func hand(_ unit: H264Depacketizer.AccessUnit, at now: Timestamp) {
    let captured = min(stream.clock.captured(unit.timestamp) ?? now, now)
    let least = lastCaptured + .microseconds(1)
    lastCaptured = lastCaptured == .distantPast ? captured : max(captured, least)
    if hasGap, nextNumber > 0 { nextNumber &+= 1 }
    hasGap = false
    ready.append(
      EncodedFrame(
        bytes: unit.bytes,
        nalUnits: unit.nalUnits,
        captured: lastCaptured,
        isKeyframe: unit.isKeyframe,
        number: nextNumber
      )
    )
    readyBytes += unit.bytes.count
    nextNumber &+= 1
  }

  private mutating func drop(at now: Timestamp) {
    counts.framesDropped &+= 1
    lose(at: now)
  }

  /// Leaves frames out until the next keyframe, which is asked for.
  private mutating func lose(at now: Timestamp) {
    isWaiting = true
    hasGap = true
    keyframes.want(at: now)
  }

  /// Begins with a stream whose sequence has nothing to do with the one before.
  private mutating func restart() {
    earlier.damagedAccessUnits &+= depacketizer.statistics.damagedAccessUnits
    earlier.malformed &+= depacketizer.statistics.malformed
    depacketizer = H264Depacketizer(maximumBytes: Self.maximumPicture)
    parameterSets = ParameterSets()
    isWaiting = true
    hasGap = true
  }
}
