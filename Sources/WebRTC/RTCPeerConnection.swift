// SPDX-License-Identifier: Apache-2.0
public import EventLoop
internal import ICE
internal import MediaTypes
internal import PeerSession
internal import Wire

/// A connection to one peer (W3C webrtc-pc section 4.4).
///
/// An actor on its loop: awaiting one of its methods from the loop costs neither a hop nor a thread.
/// All `onX` handlers of the W3C are one ordered sequence, `events`, since the W3C fixes the order
/// between events. A connection that is released without `close()` closes. The file is split:
/// `+Descriptions`, `+Media`, `+Channels`.
public actor RTCPeerConnection: EventLoopActor {
  /// What `events` is made of.
  public typealias Events = AsyncStream<RTCPeerConnectionEvent>

  /// Every event of this connection, in order, for one reader; ends when the connection is closed.
  public nonisolated let events: Events

  /// Where the exchange of descriptions stands.
  public internal(set) var signalingState = RTCSignalingState.stable
  /// Whether local candidates are being gathered.
  public internal(set) var iceGatheringState = RTCIceGatheringState.new
  /// ICE alone.
  public private(set) var iceConnectionState = RTCIceConnectionState.new
  /// ICE and DTLS taken together.
  public private(set) var connectionState = RTCPeerConnectionState.new
  /// Why the connection failed, in words, once `connectionState` is `failed`: what DTLS says, or that there
  /// were no candidates to use.
  public private(set) var failureReason: String?

  let network: PeerNetwork
  let continuation: Events.Continuation
  var configuration: RTCConfiguration
  var transport: PeerTransport?
  var transceivers: [RTCRtpTransceiver] = []
  /// The peer's streams by name, so that tracks of one stream come in one object.
  var remoteStreams: [String: MediaStream] = [:]
  /// The data channels that are not over.
  var channels: [DataChannel.ID: RTCDataChannel] = [:]
  /// What carries them.
  var dataTransport: RTCSctpTransport?
  /// Whether `negotiationneeded` has been fired for what has changed.
  var hasToldNeed = false

  /// The loop that this connection lives on.
  public nonisolated var loop: EventLoop { network.loop }

  /// Creates a connection that uses the port and certificate of `network`.
  public init(_ configuration: RTCConfiguration = RTCConfiguration(), on network: PeerNetwork) {
    self.network = network
    self.configuration = configuration
    (events, continuation) = Events.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  /// Creates a connection on `loop` with a port of its own, as a browser's has.
  ///
  ///     let connection = RTCPeerConnection(.init(), on: try EventLoop.start())
  ///
  /// The port is any free one, on every interface that is up; the certificate is one for all in a process.
  /// Who serves many peers gives them one ``PeerNetwork``, and so one port. What is wrong with the ICE
  /// servers is told by the first call.
  public init(_ configuration: RTCConfiguration = RTCConfiguration(), on loop: EventLoop) {
    self.init(configuration, on: PeerNetwork(onDemandOn: loop))
  }

  deinit {
    continuation.finish()
    guard let transport else { return }
    let transceivers = transceivers
    let channels = channels
    let dataTransport = dataTransport
    network.loop.post {
      for channel in channels.values { channel.assumeIsolated { $0.abandon() } }
      dataTransport?.close()
      for transceiver in transceivers {
        transceiver.sender.unbind()
        transceiver.receiver.end()
      }
      transport.close()
    }
  }

  /// How the connection was set up, as last changed.
  public func getConfiguration() -> RTCConfiguration { configuration }

  /// Changes the ICE servers and the transport policy, for the next gathering (W3C webrtc-pc section 4.4.1.6).
  ///
  /// - Throws: `InvalidModificationError` for another bundle or mux policy, `SyntaxError` for a URL that
  ///   cannot be read.
  public func setConfiguration(_ configuration: RTCConfiguration) throws(RTCError) {
    guard signalingState != .closed else {
      throw RTCError(.invalidState, "The connection is closed.")
    }
    guard configuration.bundlePolicy == self.configuration.bundlePolicy,
      configuration.rtcpMuxPolicy == self.configuration.rtcpMuxPolicy
    else {
      throw RTCError(.invalidModification, "The bundle and mux policies cannot change.")
    }
    for server in configuration.iceServers { try server.validate() }
    self.configuration = configuration
  }

  /// Ends the connection at once and tells the peer (W3C webrtc-pc section 4.4.2, close).
  public func close() {
    guard signalingState != .closed else { return }
    signalingState = .closed
    for transceiver in transceivers {
      transceiver.sender.unbind()
      transceiver.receiver.end()
    }
    abandonChannels()
    transport?.close()
    transport = nil
    iceConnectionState = .closed
    connectionState = .closed
    continuation.finish()
  }

  // MARK: Parts

  private static let withoutRelay = """
    iceTransportPolicy is relay, and there is no relay: TURN servers are not used yet. Set it to all, and \
    this machine's own addresses are used.
    """

  func open() throws(RTCError) -> PeerTransport {
    guard signalingState != .closed else {
      throw RTCError(.invalidState, "The connection is closed.")
    }
    if let transport { return transport }
    for server in configuration.iceServers { try server.validate() }
    let created = PeerTransport(
      PeerSession.Configuration(identity: try network.open(), ice: network.ice),
      on: network
    ) { [weak self] event in
      self?.assumeIsolated { $0.take(event) }
    }
    created.connection = self
    transport = created
    return created
  }

  private func take(_ event: PeerEvent) {
    guard signalingState != .closed else { return }
    switch event {
    case .iceStateChanged(let state):
      iceConnectionState = RTCIceConnectionState(state)
      continuation.yield(.iceConnectionStateChange(iceConnectionState))
    case .connectionStateChanged(let state):
      connectionState = RTCPeerConnectionState(rawValue: state.rawValue) ?? .failed
      if connectionState != .failed, connectionState != .closed { failureReason = nil }
      if connectionState == .failed, configuration.iceTransportPolicy == .relay {
        failureReason = failureReason ?? Self.withoutRelay
      }
      continuation.yield(.connectionStateChange(connectionState))
    case .keyframeNeeded(let id, let hasJoined):
      guard let sender = transceivers.first(where: { $0.id == id })?.sender else { return }
      if hasJoined {
        sender.track?.source.begin(sender)
      } else {
        sender.track?.source.requestKeyframe()
      }
    case .videoReceived(let id, let frame):
      guard let track = receivingTrack(of: id) else { return }
      (track.source as? RemoteVideoSource)?.deliver(frame)
    case .audioReceived(let id, let audio):
      guard let track = receivingTrack(of: id) else { return }
      (track.source as? RemoteAudioSource)?.deliver(audio)
    case .channel(let id, let event): take(event, on: id)
    case .dataTransportChanged: followDataTransport()
    case .closedByPeer:
      close()
    case .handshakeFailed(let failure):
      failureReason = "\(failure)"
    }
  }
}

extension RTCPeerConnection {
  /// The track that media of a transceiver has come for; what is still on its way from one that the
  /// peer has ended does not unmute it again.
  private func receivingTrack(of id: Transceiver.ID) -> MediaStreamTrack? {
    guard let transceiver = transceivers.first(where: { $0.id == id }), transceiver.hasTold else {
      return nil
    }
    transceiver.receiver.track.setMuted(false)
    return transceiver.receiver.track
  }
}

extension RTCIceConnectionState {
  fileprivate init(_ state: ICEConnectionState) {
    switch state {
    case .new: self = .new
    case .checking: self = .checking
    case .connected: self = .connected
    case .completed: self = .completed
    case .disconnected: self = .disconnected
    case .failed: self = .failed
    case .closed: self = .closed
    }
  }
}
