// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
public import Wire

/// The receiving half of one video m-line of one peer: RTP and RTCP packets in, frames out.
///
/// After each `receive` and at each `deadline`, call `nextControl` until it answers `false`, then
/// `nextFrame` until it answers `nil`. Packets are plain: SRTP has authenticated and decrypted them.
///
/// Every frame handed out can be decoded after those before it. What cannot be repaired in time is
/// left out up to the next keyframe, which the sender is asked for.
public struct VideoReceiver: Sendable {
  /// What negotiation and policy decide about the stream.
  public struct Configuration: Hashable, Sendable {
    /// The m-line's identification, for SDES.
    public var mid: String?
    /// Who we are in the RTCP that we send.
    public var ssrc: SSRC
    /// The name shared by all streams of this peer connection.
    public var cname: String
    /// The payload types of H.264, packetization mode 1.
    public var payloadTypes: Set<PayloadType>
    /// The payload types of RTX (RFC 4588), each with its `apt`.
    public var retransmissions: [PayloadType: PayloadType] = [:]
    /// The sender's stream, if the description told it; else the first that comes is followed.
    public var remoteSSRC: SSRC?
    /// The sender's RTX stream, if the description told it.
    public var remoteRetransmissionSSRC: SSRC?
    /// Ticks of the RTP clock in a second.
    public var clockRate = 90_000
    /// Whether generic NACK was negotiated; without it a missing packet is only waited for.
    public var supportsNACK = true
    /// Whether PLI was negotiated.
    public var supportsPLI = true
    /// Whether FIR was negotiated; used where PLI was not.
    public var supportsFIR = false
    /// Whether feedback may travel outside a compound packet (RFC 5506).
    public var reducedSizeRTCP = false
    /// Bytes of the largest packet that is taken.
    public var maximumPacketSize = 1500
    /// What REMB tells the sender to keep to, with each report; `nil` sends none.
    public var estimate: Bitrate?

    /// Creates a configuration with what every stream must have; the rest are properties.
    public init(ssrc: SSRC, payloadTypes: Set<PayloadType>, cname: String) {
      self.ssrc = ssrc
      self.payloadTypes = payloadTypes
      self.cname = cname
    }
  }

  /// While no round-trip time is known: that of a usual path between homes.
  static let assumedRoundTripTime: Duration = .milliseconds(50)
  /// Packets that may wait for a missing one: 250 ms of 35 Mbit/s.
  static let windowLimit = 1024
  /// Frames that may wait to be fetched, and their bytes.
  static let maximumReady = 16
  static let maximumReadyBytes = 8 << 20
  /// Bytes of the largest picture.
  static let maximumPicture = 4 << 20

  /// The configuration given at the beginning.
  public let configuration: Configuration

  var random: RandomSource
  var stream: IncomingStream
  var depacketizer: H264Depacketizer
  var parameterSets = ParameterSets()
  var keyframes = KeyframeRequests()
  /// The RTX stream now, and the one of the stream left last while its packets may still come.
  var retransmissionSSRC: SSRC?
  var formerRetransmission: (ssrc: SSRC, until: Timestamp)?
  /// What the depacketizers of streams left have counted.
  var earlier = H264Depacketizer.Statistics()
  /// Whether frames are left out until the next keyframe.
  var isWaiting = true
  /// Whether the next frame handed out does not follow the last one.
  var hasGap = false
  var ready: [EncodedFrame] = []
  var readyBytes = 0
  var nextNumber: UInt64 = 0
  var lastCaptured = Timestamp.distantPast
  var counts = RTPReceiverStatistics()
  var roundTripTime: Duration?
  var isClosed = false

  /// Creates a receiver that waits for its first packet.
  public init(_ configuration: Configuration, random: RandomSource, at now: Timestamp) {
    self.configuration = configuration
    self.random = random
    stream = IncomingStream(
      ssrc: configuration.remoteSSRC,
      clockRate: configuration.clockRate,
      limit: Self.windowLimit
    )
    retransmissionSSRC = configuration.remoteRetransmissionSSRC
    depacketizer = H264Depacketizer(maximumBytes: Self.maximumPicture)
  }

  /// The next frame that can be decoded after those handed out before; `nil` when there is none.
  ///
  /// Its `number` goes up by one, and by two where frames were left out in between: then it is a
  /// keyframe. A keyframe has its parameter sets before the IDR picture. `captured` never goes
  /// back and never lies ahead of the packets' arrival.
  public mutating func nextFrame() -> EncodedFrame? {
    guard !ready.isEmpty else { return nil }
    let frame = ready.removeFirst()
    readyBytes -= frame.bytes.count
    return frame
  }

  /// Asks for a keyframe, such as for a viewer who has joined.
  ///
  /// Requests join one that waits for its keyframe, and are never closer than 300 ms.
  public mutating func requestKeyframe(at now: Timestamp) {
    guard !isClosed, !hasEnded, stream.reception != nil else { return }
    keyframes.want(at: now)
  }

  /// Ends the reception: what waits is dropped, and `nextControl` says BYE if reports have left.
  public mutating func close() {
    guard !isClosed else { return }
    isClosed = true
    stream.close()
    keyframes.cancel()
    ready = []
    readyBytes = 0
  }

  /// Uses a round-trip time measured elsewhere, such as by ICE.
  public mutating func assume(roundTripTime: Duration) {
    self.roundTripTime = min(max(.zero, roundTripTime), .seconds(2))
  }

  /// Whether the sender has said BYE and has not begun again.
  public var hasEnded: Bool { stream.hasEnded }

  /// The stream that is received; `nil` before the first packet unless SDP told it.
  public var remoteSSRC: SSRC? { stream.ssrc }

  /// What has been received so far.
  public var statistics: RTPReceiverStatistics {
    var statistics = stream.statistics
    let pictures = depacketizer.statistics
    let damaged = earlier.damagedAccessUnits &+ pictures.damagedAccessUnits
    statistics.malformed &+= earlier.malformed &+ pictures.malformed
    statistics.framesReceived = counts.framesReceived
    statistics.keyFramesReceived = counts.keyFramesReceived
    statistics.framesDropped = counts.framesDropped &+ damaged
    statistics.nackCount = counts.nackCount
    statistics.pliCount = counts.pliCount
    statistics.firCount = counts.firCount
    return statistics
  }

  /// The sender's time of day, in NTP's form, of what was captured at `instant`; `nil` before a
  /// sender report.
  ///
  /// Two streams of one sender that answer the same belong together (RFC 3550 section 6.4.1).
  public func senderTime(at instant: Timestamp) -> UInt64? {
    stream.clock.senderTime(at: instant)
  }
}
