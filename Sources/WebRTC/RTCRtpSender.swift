// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import PeerSession
internal import RTP
internal import SDP
internal import Wire

/// The sending of one track over one connection (W3C webrtc-pc section 5.2).
///
/// For any thread: what is asked for is done on the loop's, before the call returns.
public final class RTCRtpSender: @unchecked Sendable {
  /// What is sent; `nil` for nothing.
  public var track: MediaStreamTrack? { loop.sync { current } }
  /// The streams that the peer finds the track in.
  public internal(set) var streamIDs: [String] {
    get { loop.sync { streams } }
    set { loop.sync { streams = newValue } }
  }
  /// The m-line that carries the track; `nil` while there is none.
  public var mid: String? { loop.sync { transport?.session.mid(sending: transceiver) } }

  let loop: EventLoop
  /// The transceiver in its session.
  let transceiver: Transceiver.ID
  weak var transport: PeerTransport?
  private var current: MediaStreamTrack?
  private var streams: [String]
  private var parameters = RTCRtpSendParameters()
  private var isBound = false

  init(
    _ transceiver: Transceiver.ID,
    of transport: PeerTransport,
    track: MediaStreamTrack?,
    streamIDs: [String]
  ) {
    self.transceiver = transceiver
    self.transport = transport
    loop = transport.network.loop
    current = track
    streams = streamIDs
  }

  /// What is sent and how, as last set (W3C webrtc-pc section 5.2, getParameters).
  public func getParameters() -> RTCRtpSendParameters { loop.sync { parameters } }

  /// Changes how the track is sent, at once and without an exchange (section 5.2, setParameters).
  ///
  /// The encode is one for all peers: it follows the most demanding of them. `active` stops this peer's
  /// frames alone.
  ///
  /// - Throws: `RangeError` for a rate that is not positive.
  public func setParameters(_ parameters: RTCRtpSendParameters) async throws(RTCError) {
    if let limit = parameters.encoding.maxBitrate, limit <= 0 {
      throw RTCError(
        .range,
        "maxBitrate is \(limit); it must be a positive number of bits per second."
      )
    }
    try await LoopVisitor(on: loop).perform { self.follow(parameters) }
  }

  private func follow(_ next: RTCRtpSendParameters) {
    parameters = next
    current?.source.followLimits()
  }

  /// Whether this peer's frames are sent.
  var isActive: Bool { parameters.encoding.active }

  /// The most bits per second that this peer is to get; `nil`: any number.
  var maximumBitrate: Int? { parameters.encoding.maxBitrate }

  /// Sends `track` instead, without an exchange of descriptions (section 5.2, replaceTrack).
  ///
  /// - Throws: `TypeError` for a track of another kind, `InvalidModificationError` for one whose encoding
  ///   the peer has not agreed to.
  public func replaceTrack(_ replacement: MediaStreamTrack?) async throws(RTCError) {
    try await LoopVisitor(on: loop).perform { () throws(RTCError) in try self.replace(replacement) }
  }

  private func replace(_ replacement: MediaStreamTrack?) throws(RTCError) {
    guard let transport, !transport.isClosed else {
      throw RTCError(.invalidState, "The connection is closed.")
    }
    let state = transport.session.transceivers.first { $0.id == transceiver }
    guard let state, !state.isStopping else {
      throw RTCError(.invalidState, "The sender's transceiver is stopped.")
    }
    let kind = state.kind.rawValue
    if let replacement, replacement.kind.rawValue != kind {
      throw RTCError(.type, "The sender is for \(kind), the track is \(replacement.kind.rawValue).")
    }
    if let wanted = replacement?.source.profile,
      let agreed = transport.session.profile(sending: transceiver), !agreed.decodes(wanted)
    {
      throw RTCError(
        .invalidModification,
        "The peer has agreed to \(agreed.name), not \(wanted.name)."
      )
    }
    set(replacement)
    bind()
  }

  /// Takes another track, and tells the session what is announced.
  func set(_ replacement: MediaStreamTrack?) {
    if isBound { current?.disconnect(self) }
    isBound = false
    current = replacement
    transport?.session.setOutgoing(outgoing, of: transceiver)
  }

  /// The track as descriptions announce it.
  var outgoing: OutgoingTrack? {
    current.map { OutgoingTrack(trackID: $0.id, streamIDs: streams, profile: $0.source.profile) }
  }

  /// Sends where the last answer lets us, and nowhere else.
  func bind() {
    guard let track = current, mid != nil else { return unbind() }
    guard !isBound else {
      // The answer may name another codec.
      track.source.followLimits()
      return
    }
    isBound = true
    track.connect(self)
    if settledFrames > 0 { track.source.requestKeyframe() }
  }

  func unbind() {
    guard isBound else { return }
    isBound = false
    current?.disconnect(self)
  }

  func send(_ frame: EncodedFrame, wallClock: WallClock, at now: Timestamp) {
    guard let track = current, track.isFlowing, isActive else { return }
    transport?.send(frame, on: transceiver, wallClock: wallClock, at: now)
  }

  func send(_ audio: EncodedAudio, wallClock: WallClock, at now: Timestamp) {
    guard let track = current, track.isFlowing, isActive else { return }
    transport?.send(audio, on: transceiver, wallClock: wallClock, at: now)
  }

  /// The codec in which the peer takes sound; `nil` while it takes none.
  var audioCodec: AudioCodec? { transport?.session.audioCodec(sending: transceiver) }

  /// How the peer likes its Opus.
  var opusPreferences: OpusPreferences {
    transport?.session.opusPreferences(sending: transceiver) ?? OpusPreferences()
  }

  /// What share of the sound the peer last reported as lost; `nil` before that.
  var audioLoss: Double? { transport?.session.audioLoss(sending: transceiver) }

  /// Frames that were given to `send` and have since left, or were dropped.
  var settledFrames: UInt64 { transport?.session.settledFrames(of: transceiver) ?? 0 }

  /// Sends what all connections of this network have waiting.
  func flush() {
    transport?.flush()
  }

  /// How the stream's RTP timestamps lie against this machine's time of day.
  public struct Clock: Hashable, Sendable {
    /// The RTP timestamp of a frame, at 90,000 a second.
    public var rtpTimestamp: UInt32
    /// When that frame was captured, in milliseconds since 1970.
    public var captureTime: Double
  }

  /// The clock of the newest frame that was sent; `nil` before the first.
  public var clock: Clock? {
    let known = loop.sync { transport?.session.mediaClock(of: transceiver) }
    guard let clock = known else { return nil }
    return Clock(
      rtpTimestamp: clock.rtpTimestamp,
      captureTime: Double(clock.captured.unixNanoseconds) / 1e6
    )
  }
}

/// How a track is sent (W3C webrtc-pc section 5.2.8, RTCRtpSendParameters).
public struct RTCRtpSendParameters: Hashable, Sendable {
  /// One encoding: there is one for each track (section 5.2.9, RTCRtpEncodingParameters).
  public struct Encoding: Hashable, Sendable {
    /// Whether it is sent.
    public var active = true
    /// The most bits per second; `nil`: as many as the source is set to.
    public var maxBitrate: Int?

    /// Creates an encoding that is sent without a limit.
    public init(active: Bool = true, maxBitrate: Int? = nil) {
      self.active = active
      self.maxBitrate = maxBitrate
    }
  }

  /// The only encoding.
  public var encoding = Encoding()

  /// Creates the parameters that a sender begins with.
  public init() {}
}
