// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// The sending half of one audio m-line for one peer: encoded audio in, RTP and RTCP packets out.
///
/// After each `enqueue`, each `receive` and at each `deadline`, call `nextPacket` and `nextControl`
/// until they answer `false`. Packets are plain: SRTP encrypts them in place. Sending a packet
/// allocates nothing.
public struct AudioSender: Sendable {
  /// What negotiation and policy decide about the stream.
  public struct Configuration: Hashable, Sendable {
    /// The stream.
    public var ssrc: SSRC
    /// The payload type of the codec, whatever it was where the audio came from.
    public var payloadType: PayloadType
    /// The codec that the peer has agreed to.
    public var codec = AudioCodec.opus
    /// The payload type of packets with copies (RFC 2198), where the peer takes them.
    public var redundancyPayloadType: PayloadType?
    /// The m-line's identification; at most 16 bytes travel in packets.
    public var mid: String?
    /// The extmap id of `urn:ietf:params:rtp-hdrext:sdes:mid`, 1 to 14.
    public var midExtensionID: UInt8?
    /// The name shared by all streams of this peer connection.
    public var cname: String
    /// Bytes of the largest datagram, from the RTP header to the end of the SRTP tag.
    public var maximumPacketSize = 1200
    /// Bytes that SRTP adds to each packet.
    public var overhead = 10

    /// Creates a configuration with what every stream must have; the rest are properties.
    public init(ssrc: SSRC, payloadType: PayloadType, cname: String) {
      self.ssrc = ssrc
      self.payloadType = payloadType
      self.cname = cname
    }
  }

  /// Packets that may wait: more than a second of the usual 20 ms.
  private static let maximumWaiting = 64
  /// A gap of more packets is another source rather than a loss.
  private static let longestGap: UInt64 = 64

  /// The share of packets lost from which on packets are sent twice, and below which no more.
  private static let redundancy = (from: 0.03, until: 0.01)

  /// A packet that much older than the next is not sent again: nobody waits for it any more.
  private static let longestDistance = Duration.milliseconds(320)

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// What has been sent and reported so far.
  public private(set) var statistics = AudioSenderStatistics()
  /// The last round-trip time that a report told; `nil` before the first.
  public private(set) var roundTripTime: Duration?

  private struct Waiting: Sendable {
    var audio: EncodedAudio
    var sequenceNumber: SequenceNumber
    var timestamp: RTPTime
  }

  private var random: RandomSource
  private let extensions: OutgoingExtensions
  private var waiting: [Waiting] = []
  /// What was sent last.
  private var previous: Waiting?
  /// What share of the packets is lost, by the last reports.
  private var loss = 0.0
  private var isRedundant = false
  /// What was taken last, and the numbers that it was given.
  private var last: (audio: (number: UInt64, timestamp: Int64, captured: Timestamp), sent: Numbers)?
  private var next: Numbers
  private var firstSequenceNumber: SequenceNumber?
  private var followingSequenceNumber: SequenceNumber
  private var isAcknowledged = false
  private var reports = ReportSchedule()
  private var isClosed = false

  private struct Numbers: Sendable {
    var sequenceNumber: SequenceNumber
    var timestamp: RTPTime
  }

  /// Creates a stream that waits for its first packet, with random beginnings of its numbers.
  public init(_ configuration: Configuration, random: RandomSource, at now: Timestamp) {
    var random = random
    self.configuration = configuration
    extensions = OutgoingExtensions(
      mid: configuration.mid,
      midExtensionID: configuration.midExtensionID,
      playoutDelayExtensionID: nil
    )
    // In the lower half, as RFC 3711 section 3.3.1 advises: see `VideoSender`.
    next = Numbers(
      sequenceNumber: SequenceNumber(rawValue: .random(in: 0..<0x8000, using: &random)),
      timestamp: RTPTime(rawValue: .random(in: 0...UInt32.max, using: &random))
    )
    followingSequenceNumber = next.sequenceNumber
    self.random = random
    waiting.reserveCapacity(Self.maximumWaiting)
  }

  /// Takes a packet to be sent.
  ///
  /// Gaps in `number` become gaps in the sequence, so that the receiver conceals what was lost on
  /// the way here; timestamps keep their distances. Another source goes on where the one before
  /// would be by its `captured`. Dropped, and counted, are packets that are empty or of another codec,
  /// that do not go forward, or that do not fit, and those that wait in front of too many.
  public mutating func enqueue(_ audio: EncodedAudio) {
    guard !isClosed else { return }
    guard audio.codec == configuration.codec, !audio.bytes.isEmpty,
      audio.bytes.count <= payloadLimit
    else {
      statistics.packetsDropped &+= 1
      return
    }
    if let last {
      guard let numbers = numbers(of: audio, after: last.audio, last.sent) else {
        statistics.packetsDropped &+= 1
        return
      }
      next = numbers
    }
    if waiting.count >= Self.maximumWaiting {
      waiting.removeFirst()
      statistics.packetsDropped &+= 1
    }
    last = ((audio.number, audio.timestamp, audio.captured), next)
    waiting.append(
      Waiting(audio: audio, sequenceNumber: next.sequenceNumber, timestamp: next.timestamp)
    )
  }

  /// Writes the next RTP packet into `slot`; `false` when there is none.
  ///
  /// `slot` must have room for `maximumPacketSize` less `overhead`; what it holds stays in front.
  @_lifetime(slot: copy slot)
  public mutating func nextPacket(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp
  ) -> Bool {
    guard !waiting.isEmpty, slot.freeCapacity >= packetLimit else { return false }
    let packet = waiting.removeFirst()
    let repeated = repeated(beside: packet)
    let header = RTPHeader(
      marker: packet.audio.beginsTalkspurt,
      payloadType: repeated?.payloadType ?? configuration.payloadType,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      ssrc: configuration.ssrc
    )
    let start = slot.count
    // The receiver keeps what MID tells it: the bytes are spent until a report shows that it has.
    let hasExtensions = extensions.size > 0 && !isAcknowledged
    header.write(into: &slot, hasExtensions: hasExtensions)
    if hasExtensions { extensions.write(into: &slot) }
    let headerSize = slot.count - start
    write(packet, repeated?.audio, into: &slot)
    let payloadSize = slot.count - start - headerSize
    previous = packet
    if firstSequenceNumber == nil {
      firstSequenceNumber = packet.sequenceNumber
      reports.due = now
    }
    followingSequenceNumber = packet.sequenceNumber.next
    reports.countMedia(payload: payloadSize)
    statistics.packetsSent &+= 1
    statistics.bytesSent &+= UInt64(payloadSize)
    statistics.headerBytesSent &+= UInt64(headerSize)
    return true
  }

  /// What was sent before `packet`, where it is to be sent once more and fits.
  private func repeated(beside packet: Waiting) -> (payloadType: PayloadType, audio: Waiting)? {
    guard isRedundant, let payloadType = configuration.redundancyPayloadType, let previous,
      packet.sequenceNumber == previous.sequenceNumber.next,
      (1...RedundantAudio.maximumOffset).contains(packet.timestamp - previous.timestamp),
      packet.audio.captured - previous.audio.captured <= Self.longestDistance,
      previous.audio.bytes.count <= RedundantAudio.maximumCopySize,
      RedundantAudio.headerSize + previous.audio.bytes.count + packet.audio.bytes.count
        <= payloadLimit
    else { return nil }
    return (payloadType, previous)
  }

  @_lifetime(slot: copy slot)
  private mutating func write(
    _ packet: Waiting,
    _ copy: Waiting?,
    into slot: inout OutputSpan<UInt8>
  ) {
    let bytes = packet.audio.bytes
    guard let copy else {
      slot.append(copying: bytes.span)
      return
    }
    let earlier = copy.audio.bytes
    let isWritten = RedundantAudio.write(
      bytes.span,
      copy: earlier.span,
      offset: packet.timestamp - copy.timestamp,
      configuration.payloadType,
      into: &slot
    )
    statistics.packetsWithCopies &+= isWritten ? 1 : 0
  }

  /// Writes the next RTCP datagram into `slot`; `false` when none is due at `now`.
  ///
  /// Right after the first RTP packet and about every second from then on SR and SDES, with BYE
  /// after `close`. `wallClock` is the time of day at `now`. `slot` should have room for 1,200
  /// bytes; what it holds stays in front.
  @_lifetime(slot: copy slot)
  public mutating func nextControl(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp,
    wallClock: WallClock
  ) -> Bool {
    guard let due = reports.due, due <= now, let last else { return false }
    reports.scheduleNext(after: now, using: &random)
    if isClosed { reports.due = nil }
    let ticks = Self.ticks(now - last.audio.captured, rate: configuration.codec.clockRate)
    let timestamp = RTPTime(
      rawValue: last.sent.timestamp.rawValue &+ UInt32(truncatingIfNeeded: ticks)
    )
    let isWritten = reports.writeReport(
      into: &slot,
      at: now,
      wallClock,
      timestamp: timestamp,
      about: [configuration.ssrc],
      canonicalName: configuration.cname,
      mid: configuration.mid
    )
    return isWritten && (!isClosed || RTCPPacket.bye([configuration.ssrc]).write(into: &slot))
  }

  /// Takes one packet of an authenticated RTCP datagram that arrived at `now`.
  ///
  /// Report blocks about this stream have an effect; all else has none.
  public mutating func receive(_ report: RTCPPacket, at now: Timestamp) {
    guard !isClosed else { return }
    let blocks: [RTCPPacket.ReportBlock]
    switch report {
    case .receiverReport(let report): blocks = report.reports
    case .senderReport(let report): blocks = report.reports
    default: return
    }
    for block in blocks where block.ssrc == configuration.ssrc {
      guard let firstSequenceNumber,
        block.isPlausible(
          first: firstSequenceNumber,
          next: followingSequenceNumber,
          hasWrapped: statistics.packetsSent > 0xFFFF
        )
      else {
        statistics.malformed &+= 1
        continue
      }
      isAcknowledged = true
      let measured = reports.roundTripTime(of: block, at: now)
      roundTripTime = measured ?? roundTripTime
      var remote = statistics.remote ?? .init()
      remote.update(with: block, clockRate: configuration.codec.clockRate, roundTripTime: measured)
      statistics.remote = remote
      followLoss(remote.fractionLost)
    }
  }

  /// Sends packets twice to a peer that loses many, as soon as a report says so, and for a while after.
  private mutating func followLoss(_ reported: Double) {
    loss = max(reported, loss + (reported - loss) * 0.2)
    if loss >= Self.redundancy.from { isRedundant = true }
    if loss < Self.redundancy.until { isRedundant = false }
  }

  /// Ends the stream: what waits is dropped, and `nextControl` says BYE once.
  public mutating func close() {
    guard !isClosed else { return }
    isClosed = true
    statistics.packetsDropped &+= UInt64(waiting.count)
    waiting.removeAll()
    reports.due = firstSequenceNumber == nil ? nil : .distantPast
  }

  /// Whether a packet waits to be sent.
  public var hasPackets: Bool { !waiting.isEmpty }

  /// When to call `nextControl` again once it has answered `false`.
  ///
  /// Packets never wait for a time: they leave with `nextPacket` after `enqueue`.
  public var deadline: Timestamp? { reports.due }

  /// Bytes of the largest packet before encryption.
  private var packetLimit: Int {
    max(RTPHeader.minimumSize + extensions.size + 64, configuration.maximumPacketSize - overhead)
  }

  private var overhead: Int { max(0, configuration.overhead) }

  private var payloadLimit: Int { packetLimit - RTPHeader.minimumSize - extensions.size }

  /// The numbers of `audio` on the wire; `nil` if it repeats or precedes the one before.
  private func numbers(
    of audio: EncodedAudio,
    after before: (number: UInt64, timestamp: Int64, captured: Timestamp),
    _ sent: Numbers
  ) -> Numbers? {
    let step = audio.number &- before.number
    var ticks = audio.timestamp &- before.timestamp
    let passed = Self.ticks(audio.captured - before.captured, rate: configuration.codec.clockRate)
    let isContinuous =
      (1...Self.longestGap).contains(step) && ticks > 0
      && (ticks &- passed).magnitude <= UInt64(max(1, configuration.codec.clockRate))
    if !isContinuous {
      let isRepeated = step == 0 || step > UInt64.max - Self.longestGap
      guard !isRepeated || audio.captured > before.captured + .seconds(1) else { return nil }
      ticks = max(1, passed)
    }
    return Numbers(
      sequenceNumber: sent.sequenceNumber
        + (isContinuous ? UInt16(truncatingIfNeeded: step) : 1),
      timestamp: RTPTime(
        rawValue: sent.timestamp.rawValue &+ UInt32(truncatingIfNeeded: ticks)
      )
    )
  }

  private static func ticks(_ duration: Duration, rate: Int) -> Int64 {
    let second = Int64(1_000_000_000)
    let nanoseconds = duration.inNanoseconds
    let rate = Int64(max(1, min(rate, 1_000_000)))
    let whole = (nanoseconds / second) &* rate
    return whole &+ (nanoseconds % second) * rate / second
  }
}
