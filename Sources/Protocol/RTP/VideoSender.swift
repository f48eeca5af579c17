// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// The sending half of one video m-line for one peer: frames in, RTP and RTCP packets out.
///
/// After each `enqueue`, each `receive` and at each `deadline`, call `nextPacket` and `nextControl`
/// until they answer `false`, and `takeKeyframeRequest` once. Packets are plain: SRTP encrypts
/// them in place. Sending a packet allocates nothing.
///
/// A retransmission without RTX repeats a sequence number with the very same bytes, so the SRTP
/// context must allow an index to be sent again.
public struct VideoSender: Sendable {
  /// What negotiation and policy decide about the stream.
  public struct Configuration: Hashable, Sendable {
    /// The stream.
    public var ssrc: SSRC
    /// The RTX stream (RFC 4588); `nil` sends lost packets again as they were.
    public var retransmissionSSRC: SSRC?
    /// The payload type of H.264, packetization mode 1.
    public var payloadType: PayloadType
    /// The payload type whose `apt` is `payloadType`; `nil` as for `retransmissionSSRC`.
    public var retransmissionPayloadType: PayloadType?
    /// The m-line's identification; at most 16 bytes travel in packets.
    public var mid: String?
    /// The extmap id of `urn:ietf:params:rtp-hdrext:sdes:mid`, 1 to 14.
    public var midExtensionID: UInt8?
    /// The extmap id of the playout-delay extension, 1 to 14.
    public var playoutDelayExtensionID: UInt8?
    /// The name shared by all streams of this peer connection.
    public var cname: String
    /// Bytes of the largest datagram, from the RTP header to the end of the SRTP tag.
    public var maximumPacketSize = 1200
    /// Bytes that SRTP adds to each packet.
    public var overhead = 10
    /// Ticks of the RTP clock in a second.
    public var clockRate = 90_000
    /// Whether generic NACK was negotiated; without it no packet is sent again.
    public var supportsNACK = true
    /// Whether feedback may travel outside a compound packet (RFC 5506).
    public var reducedSizeRTCP = false
    /// How long a packet can be sent again.
    public var retransmissionMemory: Duration = .seconds(1)
    /// How fast packets leave; `nil` gets each frame out within 8 ms, at 100 Mbit/s or more.
    public var pacingRate: Bitrate?

    /// Creates a configuration with what every stream must have; the rest are properties.
    public init(ssrc: SSRC, payloadType: PayloadType, cname: String) {
      self.ssrc = ssrc
      self.payloadType = payloadType
      self.cname = cname
    }
  }

  /// Frames that may wait; far beyond what a paced second of video needs.
  static let maximumFrames = 64
  /// Packets that may wait to be sent again.
  static let maximumRetransmissions = 256
  /// The least room for payload that the packet size leaves, whatever is configured.
  static let minimumPayload = 64

  /// A frame that waits, with its time on the wire.
  struct WaitingFrame: Sendable {
    var frame: EncodedFrame
    var timestamp: RTPTime
  }

  /// The frame whose packets are leaving.
  struct OpenFrame: Sendable {
    var packetizer: H264Packetizer
    var timestamp: RTPTime
    /// Decided once for all packets of the frame, so that their sizes come out alike.
    var hasExtensions: Bool
    var playoutDelay: PlayoutDelay
  }

  /// How the stream stands towards keyframes.
  struct KeyframeDemand: Sendable {
    /// Whether frames are refused until the next keyframe.
    var isWaiting = true
    /// Whether `takeKeyframeRequest` is to answer `true`.
    var isRequested = true
    /// When the request was made that no keyframe has answered yet.
    var requested: Timestamp?
    /// When the last packet of the last keyframe left.
    var sent: Timestamp?
    /// Whether a keyframe waits or is leaving.
    var isOnItsWay = false
  }

  /// The configuration given at the beginning.
  public let configuration: Configuration
  /// What has been sent and reported so far.
  public internal(set) var statistics = VideoSenderStatistics()
  /// The receiver's last estimate of the path (REMB); `nil` before the first.
  public internal(set) var receiverEstimate: Bitrate?
  /// The limit that a TMMBR has set (RFC 5104); `nil` before the first.
  public var requestedLimit: Bitrate? { bitrateLimit?.limit.bitrate }

  /// The RTP timestamp of the newest frame taken, and when it was captured; `nil` before the first.
  public private(set) var newestFrame: (timestamp: RTPTime, captured: Timestamp)?

  var random: RandomSource
  var clock: RTPClock
  var pacer: Pacer
  var history: RetransmissionHistory
  let extensions: OutgoingExtensions
  var sequenceNumber: SequenceNumber
  var retransmissionSequenceNumber: SequenceNumber
  /// The number of the first packet; `nil` before it is sent.
  var firstSequenceNumber: SequenceNumber?
  /// Whether a receiver report has shown that the receiver knows what the header extensions say.
  var isAcknowledged = false
  /// The first packet that says it; `nil` before it is sent.
  var extensionsSince: SequenceNumber?
  /// What the playout-delay extension says.
  var playoutDelay = PlayoutDelay.none
  /// What the receiver's reports tell of the path.
  var path = PathEstimate()
  var waiting: [WaitingFrame] = []
  var open: OpenFrame?
  var lastFrameNumber: UInt64?
  var keyframes = KeyframeDemand()

  var retransmissions: [SequenceNumber] = []
  /// The last packet of a picture, which leaves once more because much is lost.
  var copy: (number: SequenceNumber, due: Timestamp)?
  /// Bytes that may be sent again: a quarter of what was sent, up to a limit.
  var retransmissionCredit = RetransmissionCredit()

  var reports = ReportSchedule()
  /// Who limited the rate, and how; answered by TMMBN.
  var bitrateLimit: (owner: SSRC, limit: RTCPPacket.BitrateLimit)?
  var lastFullIntraRequests: [(sender: SSRC, number: UInt8)] = []
  var roundTripTime: Duration?
  var isClosed = false

  /// Creates a stream that waits for its first keyframe, with random beginnings of its numbers.
  public init(_ configuration: Configuration, random: RandomSource, at now: Timestamp) {
    var random = random
    self.configuration = configuration
    clock = RTPClock(
      ticksPerSecond: configuration.clockRate,
      offset: .random(in: 0...UInt32.max, using: &random)
    )
    pacer = Pacer(rate: configuration.pacingRate)
    let memory = configuration.supportsNACK ? configuration.retransmissionMemory : .zero
    history = RetransmissionHistory(memory: memory)
    extensions = OutgoingExtensions(
      mid: configuration.mid,
      midExtensionID: configuration.midExtensionID,
      playoutDelayExtensionID: configuration.playoutDelayExtensionID
    )
    // In the lower half, so that packets lost before the first wrap cannot make the receiver
    // guess the wrong SRTP rollover counter (RFC 3711 section 3.3.1).
    sequenceNumber = SequenceNumber(rawValue: .random(in: 0..<0x8000, using: &random))
    retransmissionSequenceNumber = SequenceNumber(
      rawValue: .random(in: 0..<0x8000, using: &random)
    )
    keyframes.requested = now
    self.random = random
    waiting.reserveCapacity(Self.maximumFrames)
    retransmissions.reserveCapacity(Self.maximumRetransmissions)
  }

  /// Takes a frame to be sent.
  ///
  /// Refused, and counted in `framesDropped`, are empty frames, frames before the first keyframe and those after
  /// a gap in `number`, until the next keyframe: the receiver could not decode them. A keyframe
  /// drops the frames that still wait; the one whose packets are leaving is finished.
  public mutating func enqueue(_ frame: EncodedFrame, at now: Timestamp) {
    guard !isClosed else { return }
    guard frame.nalUnits.contains(where: { !$0.isEmpty }) else {
      drop(1)
      return
    }
    let isNext = lastFrameNumber.map { $0 &+ 1 == frame.number } ?? false
    lastFrameNumber = frame.number
    if frame.isKeyframe {
      drop(waiting.count)
      waiting.removeAll(keepingCapacity: true)
      keyframes.isWaiting = false
      keyframes.isRequested = false
      keyframes.requested = nil
      keyframes.isOnItsWay = true
    } else if keyframes.isWaiting || !isNext || waiting.count >= Self.maximumFrames {
      if !keyframes.isWaiting {
        drop(waiting.count)
        waiting.removeAll(keepingCapacity: true)
        keyframes.isWaiting = true
        keyframes.isOnItsWay = false
      }
      drop(1)
      requestKeyframe(at: now)
      return
    }
    let timestamp = clock.time(ofFrameCapturedAt: frame.captured, at: now)
    newestFrame = (timestamp, frame.captured)
    waiting.append(WaitingFrame(frame: frame, timestamp: timestamp))
  }

  /// Begins again with a keyframe: the frames that follow are of another encoder.
  public mutating func changeSource() {
    lastFrameNumber = nil
  }

  /// Whether the receiver needs a keyframe; asking clears the answer.
  ///
  /// True at the beginning, after PLI and FIR, and when frames have to be dropped. The encoder
  /// brings the requests of all viewers together.
  public mutating func takeKeyframeRequest() -> Bool {
    defer { keyframes.isRequested = false }
    return keyframes.isRequested && !isClosed
  }

  /// Ends the stream: what waits is dropped, and `nextControl` says BYE once.
  public mutating func close() {
    guard !isClosed else { return }
    isClosed = true
    drop(waiting.count + (open == nil ? 0 : 1))
    waiting.removeAll()
    open = nil
    retransmissions.removeAll()
    copy = nil
    history.removeAll()
    reports.due = firstSequenceNumber == nil ? nil : .distantPast
  }

  /// Uses a round-trip time known from elsewhere, such as ICE, until a report tells it.
  public mutating func assume(roundTripTime: Duration) {
    if self.roundTripTime == nil { self.roundTripTime = max(.zero, roundTripTime) }
  }

  /// Whether a packet waits to be sent, at once or when the pacer lets it go.
  public var hasPackets: Bool {
    open != nil || !waiting.isEmpty || !retransmissions.isEmpty
  }

  /// When to call `nextPacket` and `nextControl` again once both have answered `false`.
  public var deadline: Timestamp? {
    let waits = hasPackets ? pacer.release : nil
    return waits.earlier(copy.map { max($0.due, pacer.release) }).earlier(reports.due)
  }

  /// Asks for a keyframe, unless one has been asked for a moment ago and is still to come.
  mutating func requestKeyframe(at now: Timestamp) {
    // Nobody has taken the request yet: the wait for its keyframe has not begun.
    if keyframes.isRequested {
      keyframes.requested = now
      return
    }
    if let requested = keyframes.requested, now - requested < .milliseconds(300) { return }
    keyframes.isRequested = true
    keyframes.requested = now
  }

  private mutating func drop(_ frames: Int) {
    statistics.framesDropped &+= UInt64(frames)
  }
}
