// SPDX-License-Identifier: Apache-2.0
public import DTLS
public import ICE
public import RTP
internal import SDP
internal import SRTP
public import Wire

/// One peer: ICE, DTLS, SRTP, SCTP and what they carry joined, without a socket, clock or thread.
///
/// The owner feeds datagrams and time, and drains `nextTransmit` and `nextEvent` after any call;
/// any number of calls may come before draining. What joins two protocols is done here and nowhere
/// below. The file is split by direction: `+Negotiation`, `+Receive`, `+Transmit`, `+Timers`,
/// `+Channels`.
public struct PeerSession: ~Copyable {
  /// What a session is created with.
  public struct Configuration: Sendable {
    /// The certificate that DTLS shows.
    public var identity: DTLSIdentity
    /// Timers and limits of ICE.
    public var ice: ICEConfiguration
    /// The longest UDP payload sent, in bytes.
    public var maximumDatagram = 1200

    /// Creates a configuration with the default limits.
    public init(identity: DTLSIdentity, ice: ICEConfiguration = ICEConfiguration()) {
      self.identity = identity
      self.ice = ice
    }
  }

  /// Where the DTLS session is.
  enum Security: Hashable {
    /// Not begun: no role, or no valid path yet; datagrams wait.
    case idle
    /// In `dtls`.
    case held
    /// With the owner, who works the handshake elsewhere.
    case lent
    /// Over for good.
    case ended
  }

  let configuration: Configuration
  var random: RandomSource
  var ice: ICEAgent
  var security = Security.idle
  var dtls: DTLSSession?
  var inbox = HandshakeInbox()
  var srtpSender: SRTPSender?
  var srtpReceiver: SRTPReceiver?
  var negotiation: Negotiation
  /// The m-lines in force.
  var lines: [MediaLine] = []
  var demultiplexer = RTPDemultiplexer()
  var channels = DataChannels()
  /// Whether the owner has no room for messages of data channels.
  var isHoldingMessages = false
  /// Index into `lines` where the next packet is looked for, so that no m-line starves another.
  var turn = 0
  var events = EventQueue()
  var connectionState = PeerConnectionState.new
  /// The last instant the owner told.
  var now: Timestamp
  /// The time of day at the last instant the owner told it, for sender reports.
  var wallClock: (time: WallClock, at: Timestamp)
  var scratch: [UInt8] = []

  /// Counters of DTLS, as they were when its session was last at hand.
  public internal(set) var handshakeStatistics = DTLSStatistics()
  /// Counters of this session.
  public internal(set) var statistics = PeerStatistics()

  /// Creates a session that has neither a description nor a path.
  public init(
    _ configuration: Configuration,
    random: RandomSource,
    wallClock: WallClock,
    at now: Timestamp
  ) {
    self.configuration = configuration
    self.random = random
    self.now = now
    self.wallClock = (wallClock, now)
    let credentials = ICECredentials.random(using: &self.random)
    ice = ICEAgent(
      role: .controlled,
      credentials: credentials,
      random: self.random.fork(),
      configuration: configuration.ice,
      at: now
    )
    negotiation = Negotiation(random: self.random.fork())
  }

  /// The connection as a whole.
  public var state: PeerConnectionState { connectionState }

  /// The ICE agent's state.
  public var iceState: ICEConnectionState { ice.state }

  /// The local ICE username fragment: what other datagrams name this session by.
  public var usernameFragment: String { ice.credentials.usernameFragment }

  /// The peer's, by the last answer of either side: what it is named by; `nil` before one.
  public var remoteUsernameFragment: String? {
    negotiation.transport?.credentials.usernameFragment
  }

  /// Where media goes now, if anywhere.
  public var path: Transmit? { ice.path }

  /// The smoothed round-trip time of ICE's checks.
  public var roundTripTime: Duration? { ice.roundTripTime }

  /// Whether datagrams other than STUN from `remote` to `local` belong to this session (S1, S3).
  public func accepts(from remote: SocketAddress, to local: SocketAddress) -> Bool {
    ice.accepts(from: remote, to: local)
  }

  /// What each m-line that receives counted, by `mid`.
  public var receiverStatistics: [(mid: String, statistics: RTPReceiverStatistics)] {
    lines.compactMap { line in
      (line.videoReceiver?.statistics ?? line.audioReceiver?.statistics)
        .map { (line.agreed.mid, $0) }
    }
  }

  /// Frames of a transceiver that have left, or were dropped.
  public func settledFrames(of transceiver: Transceiver.ID) -> UInt64 {
    let line = lines.first { $0.agreed.transceiver == transceiver }
    return line?.videoSender.map { $0.statistics.framesSent &+ $0.statistics.framesDropped } ?? 0
  }

  /// What each m-line that sends video counted, by `mid`.
  public var videoStatistics: [(mid: String, statistics: VideoSenderStatistics)] {
    lines.compactMap { line in line.videoSender.map { (line.agreed.mid, $0.statistics) } }
  }

  /// Counters of ICE.
  public var iceStatistics: ICEStatistics { ice.statistics }

  /// The next thing the owner should know, oldest first; `nil` when there is none.
  public mutating func nextEvent() -> PeerEvent? {
    events.next()
  }

  /// Ends the session: says BYE and close_notify (drain `nextTransmit` once more) and falls silent.
  public mutating func close() {
    guard connectionState != .closed else { return }
    for index in lines.indices { lines[index].close() }
    abortChannels()
    dtls?.close()
    security = .ended
    setConnectionState(.closed)
  }

  mutating func setConnectionState(_ state: PeerConnectionState) {
    guard connectionState != state, connectionState != .closed else { return }
    connectionState = state
    events.append(.connectionStateChanged(state))
  }
}

/// A first-in, first-out queue of events whose storage is reused.
struct EventQueue: Sendable {
  private var storage: [PeerEvent] = []
  private var head = 0

  mutating func append(_ event: PeerEvent) {
    storage.append(event)
  }

  mutating func next() -> PeerEvent? {
    guard head < storage.count else {
      storage.removeAll(keepingCapacity: true)
      head = 0
      return nil
    }
    defer { head += 1 }
    return storage[head]
  }
}
