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
/// between events. A connection that is released without `close()` closes.
public actor RTCPeerConnection: EventLoopActor {
  /// What `events` is made of.
  public typealias Events = AsyncStream<RTCPeerConnectionEvent>

  /// Every event of this connection, in order, for one reader; ends when the connection is closed.
  public nonisolated let events: Events

  /// Where the exchange of descriptions stands.
  public private(set) var signalingState = RTCSignalingState.stable
  /// Whether local candidates are being gathered.
  public private(set) var iceGatheringState = RTCIceGatheringState.new
  /// ICE alone.
  public private(set) var iceConnectionState = RTCIceConnectionState.new
  /// ICE and DTLS taken together.
  public private(set) var connectionState = RTCPeerConnectionState.new
  /// Why DTLS failed, in words, once `connectionState` is `failed` because of it.
  public private(set) var failureReason: String?

  private let network: PeerNetwork
  private let continuation: Events.Continuation
  private var transport: PeerTransport?
  private var senders: [RTCRtpSender] = []

  /// The loop that this connection lives on.
  public nonisolated var loop: EventLoop { network.loop }

  /// Creates a connection that uses the port and certificate of `network`.
  public init(on network: PeerNetwork) {
    self.network = network
    (events, continuation) = Events.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  deinit {
    continuation.finish()
    guard let transport else { return }
    let senders = senders
    network.loop.post {
      for sender in senders { sender.track.source.remove(sender) }
      transport.close()
    }
  }

  // MARK: Descriptions

  /// The local description with every candidate gathered so far; `nil` before one is set.
  public var localDescription: RTCSessionDescription? {
    guard let sdp = transport?.session.localDescription else { return nil }
    return RTCSessionDescription(type: .answer, sdp: sdp)
  }

  /// Why m-lines of the remote offer were turned down, as sentences for a person.
  public var rejections: [String] { transport?.session.rejections ?? [] }

  /// Applies the remote peer's description (W3C webrtc-pc section 4.4.2, setRemoteDescription).
  ///
  /// - Throws: `InvalidStateError` when the connection is closed or the state does not allow it,
  ///   `InvalidAccessError` when the SDP cannot be read or applied, with the reason.
  public func setRemoteDescription(
    _ description: RTCSessionDescription
  ) async throws(RTCError) {
    let transport = try open()
    guard description.type == .offer else {
      throw RTCError(.notSupported, "Only a remote offer can be applied.")
    }
    do {
      try transport.session.setRemoteOffer(description.sdp, at: network.loop.now)
    } catch {
      throw RTCError(.invalidAccess, error.description)
    }
    setSignalingState(.haveRemoteOffer)
    transport.settle()
    network.flush()
  }

  /// Makes an answer to the remote offer (W3C webrtc-pc section 4.4.2, createAnswer).
  ///
  /// - Throws: `InvalidStateError` when there is no remote offer to answer.
  public func createAnswer() async throws(RTCError) -> RTCSessionDescription {
    let transport = try open()
    guard signalingState == .haveRemoteOffer else {
      throw RTCError(.invalidState, "There is no remote offer to answer.")
    }
    let tracks = senders.map { sender in
      OutgoingVideo(
        trackID: sender.track.id,
        streamID: sender.streamID,
        profile: sender.track.source.profile
      )
    }
    do {
      return RTCSessionDescription(
        type: .answer,
        sdp: try transport.session.createAnswer(sending: tracks)
      )
    } catch {
      throw RTCError(.invalidAccess, error.description)
    }
  }

  /// Applies the answer that `createAnswer` made, gathers candidates and starts connecting
  /// (W3C webrtc-pc section 4.4.2, setLocalDescription).
  ///
  /// - Throws: `InvalidStateError` when the state does not allow it, `InvalidAccessError` when the
  ///   description is not the one that was created.
  public func setLocalDescription(
    _ description: RTCSessionDescription
  ) async throws(RTCError) {
    let transport = try open()
    guard signalingState == .haveRemoteOffer, description.type == .answer else {
      throw RTCError(.invalidState, "There is no remote offer that this could answer.")
    }
    let name = transport.session.usernameFragment
    do {
      try transport.session.setLocalAnswer(description.sdp, at: network.loop.now)
    } catch {
      throw RTCError(.invalidAccess, error.description)
    }
    setSignalingState(.stable)
    let isRestarted = network.rename(transport, from: name)
    gather(transport, again: isRestarted)
    bindSenders(transport)
    transport.settle()
    network.flush()
  }

  /// Adds a candidate of the remote peer; an empty one, or `nil`, says that there are no more
  /// (W3C webrtc-pc section 4.4.2, addIceCandidate).
  ///
  /// - Throws: `InvalidStateError` without a remote description, `OperationError` when the candidate
  ///   cannot be read.
  public func addIceCandidate(_ candidate: RTCIceCandidate?) async throws(RTCError) {
    let transport = try open()
    let text = candidate?.candidate ?? ""
    do {
      try transport.session.addRemoteCandidate(text, at: network.loop.now)
    } catch {
      throw RTCError(error == .noRemoteDescription ? .invalidState : .operation, error.description)
    }
    transport.settle()
    network.flush()
  }

  // MARK: Media

  /// Sends `track` to the peer as part of `stream` (W3C webrtc-pc section 5.1, addTrack).
  ///
  /// - Throws: `InvalidStateError` when the connection is closed, `InvalidAccessError` when the track
  ///   is being sent already.
  @discardableResult
  public func addTrack(
    _ track: MediaStreamTrack,
    _ stream: MediaStream
  ) async throws(RTCError) -> RTCRtpSender {
    _ = try open()
    guard !senders.contains(where: { $0.track === track }) else {
      throw RTCError(.invalidAccess, "The track is being sent already.")
    }
    let sender = RTCRtpSender(track: track, streamID: stream.id)
    senders.append(sender)
    return sender
  }

  /// What is being sent, in the order of `addTrack`.
  public func getSenders() -> [RTCRtpSender] { senders }

  /// What this connection has counted; `nil` before the first description and once it is closed.
  public var counters: PeerCounters? { transport.map(PeerCounters.init) }

  /// Ends the connection at once and tells the peer (W3C webrtc-pc section 4.4.2, close).
  public func close() {
    guard signalingState != .closed else { return }
    signalingState = .closed
    for sender in senders { sender.track.source.remove(sender) }
    transport?.close()
    transport = nil
    iceConnectionState = .closed
    connectionState = .closed
    continuation.finish()
  }

  // MARK: Parts

  private func open() throws(RTCError) -> PeerTransport {
    guard signalingState != .closed else {
      throw RTCError(.invalidState, "The connection is closed.")
    }
    if let transport { return transport }
    let created = PeerTransport(
      PeerSession.Configuration(identity: network.identity),
      on: network
    ) { [weak self] event in
      self?.assumeIsolated { $0.take(event) }
    }
    transport = created
    return created
  }

  private func gather(_ transport: PeerTransport, again isRestarted: Bool) {
    guard iceGatheringState == .new || isRestarted else { return }
    setGatheringState(.gathering)
    for address in network.hostAddresses() { transport.session.addLocalCandidate(host: address) }
    transport.session.endOfLocalCandidates()
    setGatheringState(.complete)
    continuation.yield(.iceCandidate(nil))
  }

  private func bindSenders(_ transport: PeerTransport) {
    for sender in senders {
      let mid = transport.session.mid(sending: sender.track.id)
      sender.bind(to: transport, mid: mid)
      if mid == nil {
        sender.track.source.remove(sender)
      } else {
        sender.track.source.add(sender)
      }
    }
  }

  private func take(_ event: PeerEvent) {
    guard signalingState != .closed else { return }
    switch event {
    case .iceStateChanged(let state):
      iceConnectionState = RTCIceConnectionState(state)
      continuation.yield(.iceConnectionStateChange(iceConnectionState))
    case .connectionStateChanged(let state):
      connectionState = RTCPeerConnectionState(rawValue: state.rawValue) ?? .failed
      continuation.yield(.connectionStateChange(connectionState))
    case .keyframeNeeded(let mid, let hasJoined):
      for sender in senders where sender.mid == mid {
        if hasJoined {
          sender.track.source.begin(sender)
        } else {
          sender.track.source.requestKeyframe()
        }
      }
    case .closedByPeer:
      close()
    case .handshakeFailed(let failure):
      failureReason = "\(failure)"
    }
  }

  private func setSignalingState(_ state: RTCSignalingState) {
    guard signalingState != state else { return }
    signalingState = state
    continuation.yield(.signalingStateChange(state))
  }

  private func setGatheringState(_ state: RTCIceGatheringState) {
    iceGatheringState = state
    continuation.yield(.iceGatheringStateChange(state))
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
