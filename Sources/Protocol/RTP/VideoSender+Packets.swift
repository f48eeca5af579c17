// SPDX-License-Identifier: Apache-2.0
private import MediaTypes
public import Wire

/// How many bytes may be sent again: a quarter of what has been sent for the first time.
struct RetransmissionCredit: Sendable {
  /// The most that can be saved up: 64 packets, half a second of a quarter of 5 Mbit/s.
  private static let limit = 64 * 1200
  /// What is kept for packets that are asked for.
  private static let reserve = 16 * 1200

  /// Bytes that may be sent again now.
  ///
  /// At the start a few packets, as the first frames count most.
  private(set) var bytes = 8 * 1200

  /// Counts `sent` bytes that were sent for the first time.
  mutating func earn(_ sent: Int) {
    bytes = min(Self.limit, bytes + sent / 4)
  }

  /// Takes `count` bytes; `false`, and nothing taken, if there are not enough.
  mutating func spend(_ count: Int) -> Bool {
    guard count <= bytes else { return false }
    bytes -= count
    return true
  }

  /// The same for what nobody has asked for: only of what there is plenty.
  mutating func spendUnasked(_ count: Int) -> Bool {
    bytes >= Self.reserve && spend(count)
  }
}

extension VideoSender {
  /// How much later a copy leaves, so that one gust does not take both.
  private static let copyDistance: Duration = .milliseconds(5)

  /// Writes the next RTP packet into `slot`, retransmissions first; `false` when none is due at `now`.
  ///
  /// `slot` must have room for `maximumPacketSize` less `overhead`; what it holds stays in front.
  @_lifetime(slot: copy slot)
  public mutating func nextPacket(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    guard hasPackets || copy != nil, slot.freeCapacity >= packetLimit, pacer.allows(at: now)
    else { return false }
    return nextRetransmission(into: &slot, at: now) || nextCopy(into: &slot, at: now)
      || nextMediaPacket(into: &slot, at: now)
  }

  /// Bytes of the largest packet before encryption.
  private var packetLimit: Int {
    let least = RTPHeader.minimumSize + extensions.size + 2 + Self.minimumPayload
    return max(least, configuration.maximumPacketSize - max(0, configuration.overhead))
  }

  /// The RTX stream's identifiers, if both were negotiated.
  var retransmissionStream: (ssrc: SSRC, payloadType: PayloadType)? {
    guard let ssrc = configuration.retransmissionSSRC,
      let payloadType = configuration.retransmissionPayloadType
    else { return nil }
    return (ssrc, payloadType)
  }

  @_lifetime(slot: copy slot)
  private mutating func nextMediaPacket(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    while openFrame() {
      guard let frame = open?.packetizer.frame, let timestamp = open?.timestamp,
        let hasExtensions = open?.hasExtensions, let playoutDelay = open?.playoutDelay
      else { return false }
      // RTX puts the original sequence number before the payload: room for it is kept here.
      let headerSize = RTPHeader.minimumSize + (hasExtensions ? extensions.size : 0)
      let room = packetLimit - headerSize - (retransmissionStream == nil ? 0 : 2)
      guard let next = open?.packetizer.next(maximumPayload: room) else {
        open = nil
        continue
      }
      let header = RTPHeader(
        marker: next.isLast,
        payloadType: configuration.payloadType,
        sequenceNumber: sequenceNumber,
        timestamp: timestamp,
        ssrc: configuration.ssrc
      )
      let start = slot.count
      header.write(into: &slot, hasExtensions: hasExtensions)
      if hasExtensions { extensions.write(playoutDelay, into: &slot) }
      H264Packetizer.write(next.piece, of: frame, into: &slot)
      history.append(
        .init(
          frame: frame,
          sent: now,
          timestamp: timestamp,
          piece: next.piece,
          marker: next.isLast,
          hasExtensions: hasExtensions,
          playoutDelay: playoutDelay
        ),
        sequenceNumber
      )
      if firstSequenceNumber == nil {
        firstSequenceNumber = sequenceNumber
        reports.due = now
      }
      if hasExtensions, playoutDelay == self.playoutDelay {
        extensionsSince = extensionsSince ?? sequenceNumber
      }
      if next.isLast { planCopy(of: sequenceNumber, at: now) }
      sequenceNumber += 1
      let size = slot.count - start
      count(size, header: headerSize, at: now)
      retransmissionCredit.earn(size)
      reports.countMedia(payload: size - headerSize)
      if next.isLast { finish(isKeyframe: frame.isKeyframe, at: now) }
      return true
    }
    return false
  }

  /// Opens the next frame that waits unless one is open; `false` when there is none.
  private mutating func openFrame() -> Bool {
    guard open == nil else { return true }
    guard !waiting.isEmpty else { return false }
    let next = waiting.removeFirst()
    pacer.begin(frameOf: next.frame.bytes.count)
    open = OpenFrame(
      packetizer: H264Packetizer(next.frame),
      timestamp: next.timestamp,
      // The receiver keeps what MID and playout delay tell it, so the bytes are spent only until
      // a report shows that it has seen them, and on keyframes, where a receiver may begin anew.
      hasExtensions: extensions.size > 0 && (!isAcknowledged || next.frame.isKeyframe),
      playoutDelay: playoutDelay
    )
    return true
  }

  private mutating func finish(isKeyframe: Bool, at now: Timestamp) {
    open = nil
    statistics.framesSent &+= 1
    guard isKeyframe else { return }
    statistics.keyFramesSent &+= 1
    keyframes.isOnItsWay = false
    keyframes.sent = now
  }

  @_lifetime(slot: copy slot)
  private mutating func nextRetransmission(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    while !retransmissions.isEmpty {
      let number = retransmissions.removeFirst()
      guard let entry = history[number] else { continue }
      write(again: entry, number, into: &slot, at: now)
      history.setRepeated(number, at: now)
      return true
    }
    return false
  }

  /// Lets the last packet of a picture leave once more, where that is the remedy.
  ///
  /// By RTX only: to reports, a packet that comes twice under its own number hides one that is lost.
  private mutating func planCopy(of number: SequenceNumber, at now: Timestamp) {
    let helps = path.remedy == .copies || (path.remedy == .delay && !extensions.carryPlayoutDelay)
    guard helps, retransmissionStream != nil else { return }
    copy = (number, now + Self.copyDistance)
  }

  @_lifetime(slot: copy slot)
  private mutating func nextCopy(into slot: inout OutputSpan<UInt8>, at now: Timestamp) -> Bool {
    guard let (number, due) = copy, due <= now else { return false }
    copy = nil
    guard let entry = history[number], entry.repeated == .distantPast, !entry.isRequested,
      retransmissionCredit.spendUnasked(retransmittedSize(of: entry))
    else { return false }
    write(again: entry, number, into: &slot, at: now)
    return true
  }

  /// Bytes of a packet when it is sent again.
  func retransmittedSize(of entry: RetransmissionHistory.Entry) -> Int {
    H264Packetizer.size(of: entry.piece, of: entry.frame)
      + RTPHeader.minimumSize + (entry.hasExtensions ? extensions.size : 0)
      + (retransmissionStream == nil ? 0 : 2)
  }

  /// Writes the packet `number` once more, by RTX where that was negotiated.
  @_lifetime(slot: copy slot)
  private mutating func write(
    again entry: RetransmissionHistory.Entry,
    _ number: SequenceNumber,
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) {
    var header = RTPHeader(
      marker: entry.marker,
      payloadType: configuration.payloadType,
      sequenceNumber: number,
      timestamp: entry.timestamp,
      ssrc: configuration.ssrc
    )
    if let stream = retransmissionStream {
      header.ssrc = stream.ssrc
      header.payloadType = stream.payloadType
      header.sequenceNumber = retransmissionSequenceNumber
      retransmissionSequenceNumber += 1
    }
    let start = slot.count
    header.write(into: &slot, hasExtensions: entry.hasExtensions)
    if entry.hasExtensions { extensions.write(entry.playoutDelay, into: &slot) }
    let headerSize = slot.count - start
    if retransmissionStream != nil { slot.append(bigEndian: number.rawValue) }
    H264Packetizer.write(entry.piece, of: entry.frame, into: &slot)
    let size = slot.count - start
    let payload = size - headerSize
    statistics.retransmittedPacketsSent &+= 1
    statistics.retransmittedBytesSent &+= UInt64(payload)
    count(size, header: headerSize, at: now)
    if retransmissionStream == nil { reports.countMedia(payload: payload) }
  }

  private mutating func count(_ size: Int, header: Int, at now: Timestamp) {
    pacer.sent(size + configuration.overhead, at: now)
    statistics.packetsSent &+= 1
    statistics.bytesSent &+= UInt64(size - header)
    statistics.headerBytesSent &+= UInt64(header)
  }
}
