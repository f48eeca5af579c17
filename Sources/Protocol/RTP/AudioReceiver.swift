// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// The receiving half of one audio m-line of one peer: RTP and RTCP packets in, encoded audio out.
///
/// After each `receive` and at each `deadline`, call `nextControl` until it answers `false`, then
/// `nextAudio` until it answers `nil`. The codec is the caller's business; so is playing what comes
/// at an even pace.
public struct AudioReceiver: Sendable {
  /// What negotiation and policy decide about the stream.
  public struct Configuration: Hashable, Sendable {
    /// The m-line's identification, for SDES.
    public var mid: String?
    /// Who we are in the RTCP that we send.
    public var ssrc: SSRC
    /// The name shared by all streams of this peer connection.
    public var cname: String
    /// The payload types that are taken, and their codecs, which share one clock.
    public var codecs: [PayloadType: AudioCodec]
    /// The payload type of packets with copies of those before (RFC 2198).
    public var redundancyPayloadType: PayloadType?
    /// The sender's stream, if the description told it; else the first that comes is followed.
    public var remoteSSRC: SSRC?
    /// Bytes of the largest packet that is taken.
    public var maximumPacketSize = 1500

    /// Creates a configuration with what every stream must have; the rest are properties.
    public init(ssrc: SSRC, codecs: [PayloadType: AudioCodec], cname: String) {
      self.ssrc = ssrc
      self.codecs = codecs
      self.cname = cname
    }

    /// Ticks of the RTP clock in a second.
    var clockRate: Int { codecs.values.first?.clockRate ?? AudioCodec.opus.clockRate }
  }

  /// How long a missing packet is waited for: reordering, nothing else, can bring it.
  private static let patience: Duration = .milliseconds(30)
  /// Packets that may wait for a missing one.
  private static let windowLimit = 64
  /// Packets that may wait to be fetched: more than a second of the usual 20 ms.
  private static let maximumReady = 64
  /// Bytes of the largest report: RR and two names of 255 bytes.
  private static let controlSize = 640

  /// A packet's number and timestamp as they are told.
  private typealias Place = (number: UInt64, timestamp: Int64)

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// Whether packets are handed on as they come, rather than in order: for whoever orders them by itself.
  public var isHasty = false

  private var random: RandomSource
  private var stream: IncomingStream
  private var ready: [EncodedAudio] = []
  /// The packet before: its index in the sequence, its RTP timestamp, and what was made of them.
  private var last: (index: Int64, time: RTPTime, audio: Place)?
  private var lastCaptured = Timestamp.distantPast
  private var isClosed = false

  /// Creates a receiver that waits for its first packet.
  public init(_ configuration: Configuration, random: RandomSource, at now: Timestamp) {
    self.configuration = configuration
    self.random = random
    stream = IncomingStream(
      ssrc: configuration.remoteSSRC,
      clockRate: configuration.clockRate,
      limit: Self.windowLimit
    )
  }

  /// Takes one RTP packet of this m-line, decrypted, that arrived at `now`.
  ///
  /// What is malformed, of another payload type or of a stream just left is counted and dropped.
  public mutating func receive(_ packet: Span<UInt8>, at now: Timestamp) {
    guard !isClosed else { return }
    guard packet.count <= configuration.maximumPacketSize,
      let (outer, range) = RTPHeader.parse(packet)
    else {
      stream.statistics.malformed &+= 1
      return
    }
    let payload = packet.extracting(range)
    var header = outer
    var newest = payload
    var copies: [RedundantAudio.Block] = []
    if header.payloadType == configuration.redundancyPayloadType, !payload.isEmpty {
      guard let redundant = RedundantAudio(parsing: payload) else {
        stream.statistics.malformed &+= 1
        return
      }
      header.payloadType = redundant.newest.payloadType
      newest = payload.extracting(redundant.newest.range)
      copies = redundant.copies
    }
    guard configuration.codecs[header.payloadType] != nil else {
      stream.statistics.packetsIgnored &+= 1
      return
    }
    let size = packet.count
    switch stream.admit(header, size: size, payload: range.count, at: now, using: &random) {
    case .refused: return
    case .same: break
    case .restarted: restart(header, at: now)
    }
    switch stream.window.place(header.sequenceNumber, at: now) {
    case .duplicate: stream.statistics.packetsDuplicated &+= 1
    case .late: stream.statistics.packetsDiscarded &+= 1
    case let place: put(newest, header, place, at: now)
    }
    for (distance, copy) in zip(1..., copies.reversed()) {
      restore(payload.extracting(copy.range), copy, distance, before: header, at: now)
    }
    advance(to: now)
  }

  /// Takes the copy of a packet that is missing.
  ///
  /// Copies do not tell their numbers: they are those right before the packet that they came in.
  private mutating func restore(
    _ payload: Span<UInt8>,
    _ copy: RedundantAudio.Block,
    _ distance: Int,
    before newest: RTPHeader,
    at now: Timestamp
  ) {
    guard !payload.isEmpty, copy.offset > 0, configuration.codecs[copy.payloadType] != nil else {
      return
    }
    let header = RTPHeader(
      payloadType: copy.payloadType,
      sequenceNumber: newest.sequenceNumber + (0 &- UInt16(truncatingIfNeeded: distance)),
      timestamp: RTPTime(rawValue: newest.timestamp.rawValue &- UInt32(copy.offset)),
      ssrc: newest.ssrc
    )
    switch stream.window.place(repeated: header.sequenceNumber) {
    case .duplicate, .late: break
    case let place:
      stream.statistics.packetsRestored &+= 1
      put(payload, header, place, at: now)
    }
  }

  /// Hands a packet on whose turn has come, and keeps one that is ahead.
  private mutating func put(
    _ payload: Span<UInt8>,
    _ header: RTPHeader,
    _ place: ReorderWindow.Place,
    at now: Timestamp
  ) {
    guard case .ahead(let index) = place else { return append([UInt8](payload), header, at: now) }
    var waiting = ReorderWindow.Packet(header: header, payload: [UInt8](payload))
    if isHasty { handOn(&waiting, index, at: now) }
    stream.window.store(waiting, at: index)
  }

  /// Takes one packet of an authenticated RTCP datagram that arrived at `now`.
  ///
  /// SR and BYE of the sender's stream have an effect; all else, and other streams', has none.
  public mutating func receive(_ report: RTCPPacket, at now: Timestamp) {
    guard !isClosed else { return }
    _ = stream.receive(report, at: now)
  }

  /// Gives up what has been missing for too long; harmless if nothing has.
  ///
  /// `receive` and `nextControl` do so too.
  public mutating func advance(to now: Timestamp) {
    guard !isClosed else { return }
    drain(at: now)
    while stream.window.giveUp(missingSince: now - Self.patience) { drain(at: now) }
  }

  /// The next packet in the order of the sender; `nil` when there is none.
  ///
  /// A packet that is missing leaves a gap in `number`; a sender that begins anew leaves one too. While
  /// `isHasty`, one that comes late comes behind those after it.
  /// `captured` never goes back and never lies ahead of the packet's arrival.
  public mutating func nextAudio() -> EncodedAudio? {
    ready.isEmpty ? nil : ready.removeFirst()
  }

  /// Writes the next RTCP datagram into `slot`; `false` when none is due at `now`.
  ///
  /// RR and SDES soon after the first packet and about every second from then on; BYE after
  /// `close`. `slot` should have room for 1,200 bytes, with less than 640 nothing is written; what
  /// it holds stays in front.
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
    guard let due = stream.reports.due, due <= now else { return false }
    stream.reports.scheduleNext(after: now, using: &random)
    return stream.writeReport(into: &slot, from: identity, at: now)
  }

  /// When to call `nextControl` and `nextAudio` again once both have nothing more.
  public var deadline: Timestamp? {
    stream.reports.due.earlier(stream.window.missing.first.map { $0.since + Self.patience })
  }

  /// Ends the reception: what waits is dropped, and `nextControl` says BYE if reports have left.
  public mutating func close() {
    guard !isClosed else { return }
    isClosed = true
    stream.close()
    ready = []
  }

  /// Whether the sender has said BYE and has not begun again.
  public var hasEnded: Bool { stream.hasEnded }

  /// The stream that is received; `nil` before the first packet unless SDP told it.
  public var remoteSSRC: SSRC? { stream.ssrc }

  /// What has been received so far.
  public var statistics: RTPReceiverStatistics { stream.statistics }

  /// The sender's time of day, in NTP's form, of what was captured at `instant`; `nil` before a
  /// sender report.
  ///
  /// Two streams of one sender that answer the same belong together (RFC 3550 section 6.4.1).
  public func senderTime(at instant: Timestamp) -> UInt64? {
    stream.clock.senderTime(at: instant)
  }

  private var identity: IncomingStream.Identity {
    .init(
      ssrc: configuration.ssrc,
      canonicalName: configuration.cname,
      mid: configuration.mid
    )
  }

  private mutating func drain(at now: Timestamp) {
    while let packet = stream.window.takeNext() {
      if packet.isHandedOn, let next = stream.window.nextIndex,
        let place = place(packet.header, next - 1)
      {
        last = (next - 1, packet.header.timestamp, place)
      } else {
        append(packet.payload, packet.header, at: now)
      }
    }
  }

  /// Goes on behind a gap, as long as the time that has passed.
  private mutating func restart(_ header: RTPHeader, at now: Timestamp) {
    guard let before = last else { return }
    let passed = max(0, min((now - lastCaptured).inNanoseconds, 3_600_000_000_000))
    let ticks = passed / 1000 * Int64(max(1, min(configuration.clockRate, 1_000_000))) / 1_000_000
    // As if a packet that never came had stood right before this one.
    last = (
      Int64(header.sequenceNumber.rawValue) - 1, header.timestamp,
      (before.audio.number &+ 1, before.audio.timestamp &+ ticks)
    )
  }

  /// Hands `packet` on before its turn; its place in the sequence is kept.
  private mutating func handOn(
    _ packet: inout ReorderWindow.Packet,
    _ index: Int64,
    at now: Timestamp
  ) {
    guard !packet.payload.isEmpty, let place = place(packet.header, index) else { return }
    hand(packet.payload, packet.header, place, at: now)
    packet.payload = []
    packet.isHandedOn = true
  }

  /// The number and the timestamp of the packet at `index` of the sequence, by those of the one before.
  private func place(_ header: RTPHeader, _ index: Int64) -> Place? {
    guard let last else { return nil }
    return (
      last.audio.number &+ UInt64(max(1, index - last.index)),
      last.audio.timestamp &+ Int64(header.timestamp - last.time)
    )
  }

  private mutating func append(_ payload: [UInt8], _ header: RTPHeader, at now: Timestamp) {
    guard let next = stream.window.nextIndex else { return }
    let index = next - 1
    guard !payload.isEmpty else {
      // A probe of the path: its place in the sequence is no loss.
      guard let last else { return }
      let lost = UInt64(max(0, index - last.index - 1))
      self.last = (index, last.time, (last.audio.number &+ lost, last.audio.timestamp))
      return
    }
    let place = place(header, index) ?? (0, 0)
    last = (index, header.timestamp, place)
    hand(payload, header, place, at: now)
  }

  private mutating func hand(
    _ payload: [UInt8],
    _ header: RTPHeader,
    _ place: Place,
    at now: Timestamp
  ) {
    // What nobody fetches is as good as lost.
    guard ready.count < Self.maximumReady else { return }
    let captured = min(stream.clock.captured(header.timestamp) ?? now, now)
    lastCaptured = max(captured, lastCaptured)
    ready.append(
      EncodedAudio(
        bytes: payload,
        captured: lastCaptured,
        number: place.number,
        timestamp: place.timestamp,
        payloadType: header.payloadType.rawValue,
        codec: configuration.codecs[header.payloadType] ?? .opus,
        beginsTalkspurt: header.marker
      )
    )
  }
}
