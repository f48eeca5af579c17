// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import ICE
internal import PeerSession
internal import Wire

extension RTCPeerConnection {
  // MARK: Descriptions in force

  /// The local description that speaks last, with every candidate gathered so far; `nil` before one is
  /// set.
  public var localDescription: RTCSessionDescription? {
    pendingLocalDescription ?? currentLocalDescription
  }

  /// The remote description that speaks last.
  public var remoteDescription: RTCSessionDescription? {
    pendingRemoteDescription ?? currentRemoteDescription
  }

  /// The local description that was agreed last.
  public var currentLocalDescription: RTCSessionDescription? {
    guard let session = transport, let sdp = session.session.currentLocalDescription else {
      return nil
    }
    return RTCSessionDescription(type: session.session.hasOffered ? .offer : .answer, sdp: sdp)
  }

  /// The remote description that was agreed last.
  public var currentRemoteDescription: RTCSessionDescription? {
    guard let session = transport, let sdp = session.session.currentRemoteDescription else {
      return nil
    }
    return RTCSessionDescription(type: session.session.hasOffered ? .answer : .offer, sdp: sdp)
  }

  /// The local description that is not agreed yet.
  public var pendingLocalDescription: RTCSessionDescription? {
    guard let sdp = transport?.session.pendingLocalDescription else { return nil }
    return RTCSessionDescription(
      type: signalingState == .haveLocalPranswer ? .pranswer : .offer,
      sdp: sdp
    )
  }

  /// The remote description that is not agreed yet.
  public var pendingRemoteDescription: RTCSessionDescription? {
    guard let sdp = transport?.session.pendingRemoteDescription else { return nil }
    return RTCSessionDescription(
      type: signalingState == .haveRemotePranswer ? .pranswer : .offer,
      sdp: sdp
    )
  }

  /// Whether the peer takes candidates one by one; `nil` before it has spoken.
  public var canTrickleIceCandidates: Bool? { transport?.session.peerTrickles }

  /// Why m-lines of the remote offer were turned down, as sentences for a person.
  public var rejections: [String] { transport?.session.rejections ?? [] }

  // MARK: Making them

  /// Makes an offer of all transceivers (W3C webrtc-pc section 4.4.2, createOffer).
  ///
  /// Of none it is an offer without an m-line, which agrees on nothing. `iceRestart` holds for this offer
  /// alone; `restartIce()` holds until an offer is answered.
  ///
  /// - Throws: `InvalidStateError` when a remote offer is to be answered first.
  public func createOffer(
    _ options: RTCOfferOptions = RTCOfferOptions()
  ) async throws(RTCError) -> RTCSessionDescription {
    let transport = try open()
    do {
      let sdp = try transport.session.createOffer(restartsICE: options.iceRestart)
      return RTCSessionDescription(type: .offer, sdp: sdp)
    } catch {
      throw RTCError(error)
    }
  }

  /// Makes an answer to the remote offer (W3C webrtc-pc section 4.4.2, createAnswer).
  ///
  /// - Throws: `InvalidStateError` when there is no remote offer to answer.
  public func createAnswer() async throws(RTCError) -> RTCSessionDescription {
    let transport = try open()
    do {
      return RTCSessionDescription(type: .answer, sdp: try transport.session.createAnswer())
    } catch {
      throw RTCError(error)
    }
  }

  // MARK: Applying them

  /// Applies a description that was created here, gathers candidates and, with an answer, starts
  /// connecting (W3C webrtc-pc section 4.4.2, setLocalDescription).
  ///
  /// Without an argument the description that the state asks for is created first: an answer where an
  /// offer waits for one, else an offer. So is one whose text is empty.
  ///
  /// - Throws: `InvalidStateError` when the state does not allow it, `InvalidModificationError` when the
  ///   description is not the one that was created.
  public func setLocalDescription(
    _ description: RTCSessionDescription? = nil
  ) async throws(RTCError) {
    let transport = try open()
    do {
      switch description?.type {
      case .rollback?:
        try transport.session.rollBack()
      case let type?:
        let sdp = description?.sdp ?? ""
        try apply(type, sdp.isEmpty ? try make(type, transport) : sdp, to: transport)
      case nil:
        switch transport.session.signalingState {
        case .haveRemoteOffer, .haveLocalProvisionalAnswer:
          try apply(.answer, try transport.session.createAnswer(), to: transport)
        case .stable, .haveLocalOffer, .haveRemoteProvisionalAnswer:
          try apply(.offer, try transport.session.createOffer(), to: transport)
        }
      }
    } catch {
      throw RTCError(error)
    }
    follow(transport)
  }

  private func make(
    _ type: RTCSdpType,
    _ transport: PeerTransport
  ) throws(NegotiationError) -> String {
    type == .offer ? try transport.session.createOffer() : try transport.session.createAnswer()
  }

  private func apply(
    _ type: RTCSdpType,
    _ sdp: String,
    to transport: PeerTransport
  ) throws(NegotiationError) {
    let before = transport.session.usernameFragment
    try transport.session.setLocalDescription(DescriptionKind(type), sdp, at: network.loop.now)
    setSignalingState(RTCSignalingState(transport.session.signalingState))
    gather(transport, again: network.rename(transport, from: before))
  }

  /// Applies the remote peer's description (W3C webrtc-pc section 4.4.2, setRemoteDescription).
  ///
  /// An offer that comes while ours waits takes ours back first, as perfect negotiation wants it.
  ///
  /// - Throws: `InvalidStateError` when the connection is closed or the state does not allow it,
  ///   `InvalidAccessError` when the SDP cannot be read or applied, with the reason.
  public func setRemoteDescription(
    _ description: RTCSessionDescription
  ) async throws(RTCError) {
    let transport = try open()
    let before = transport.session.usernameFragment
    do {
      if description.type == .rollback {
        try transport.session.rollBack()
      } else {
        try transport.session.setRemoteDescription(
          DescriptionKind(description.type),
          description.sdp,
          at: network.loop.now
        )
      }
    } catch {
      throw RTCError(error)
    }
    let isRenamed = network.rename(transport, from: before)
    follow(transport)
    guard isRenamed else { return }
    gather(transport, again: true)
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
    do {
      try transport.session.addRemoteCandidate(candidate?.candidate ?? "", at: network.loop.now)
    } catch {
      throw RTCError(error)
    }
    transport.settle()
    network.flush()
  }

  /// Asks for new ICE credentials in the next offer, as after a change of networks
  /// (W3C webrtc-pc section 4.4.2, restartIce).
  public func restartIce() {
    transport?.session.restartICE()
    noteNeed()
  }

  // MARK: What follows

  /// After any description: states, tracks and senders as the session has them now.
  private func follow(_ transport: PeerTransport) {
    setSignalingState(RTCSignalingState(transport.session.signalingState))
    followTransceivers(transport)
    followDataTransport()
    transport.settle()
    network.flush()
    if signalingState == .stable {
      hasToldNeed = false
      noteNeed()
    }
  }

  private func gather(_ transport: PeerTransport, again isRestarted: Bool) {
    // Candidates belong to an m-line: without one there is nothing to gather for.
    guard iceGatheringState == .new || isRestarted, let line = transport.session.candidateLine
    else {
      return
    }
    setGatheringState(.gathering)
    // Whoever asks for relays alone does not want this machine's addresses told, nor used.
    let addresses = configuration.iceTransportPolicy == .relay ? [] : network.hostAddresses()
    for address in addresses {
      guard let text = transport.session.addLocalCandidate(host: address) else { continue }
      continuation.yield(
        .iceCandidate(
          RTCIceCandidate(
            candidate: "candidate:" + text,
            sdpMid: line.mid,
            sdpMLineIndex: UInt16(line.index),
            usernameFragment: transport.session.usernameFragment
          )
        )
      )
    }
    transport.session.endOfLocalCandidates()
    setGatheringState(.complete)
    continuation.yield(.iceCandidate(nil))
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

  /// Fires `negotiationneeded` once for what has changed, in a turn of its own (section 4.7.3).
  func noteNeed() {
    guard let session = transport, session.session.signalingState == .stable else { return }
    guard session.session.needsNegotiation else {
      hasToldNeed = false
      return
    }
    guard !hasToldNeed else { return }
    network.loop.post { [weak self] in
      self?.assumeIsolated { $0.tellNeed() }
    }
  }

  private func tellNeed() {
    guard signalingState == .stable, !hasToldNeed, transport?.session.needsNegotiation == true
    else {
      return
    }
    hasToldNeed = true
    continuation.yield(.negotiationNeeded)
  }
}

extension RTCSignalingState {
  fileprivate init(_ state: SignalingState) {
    self =
      switch state {
      case .stable: .stable
      case .haveLocalOffer: .haveLocalOffer
      case .haveRemoteOffer: .haveRemoteOffer
      case .haveLocalProvisionalAnswer: .haveLocalPranswer
      case .haveRemoteProvisionalAnswer: .haveRemotePranswer
      }
  }
}

extension DescriptionKind {
  /// The kind of a description that is none of a rollback.
  fileprivate init(_ type: RTCSdpType) {
    self =
      switch type {
      case .pranswer: .provisionalAnswer
      case .answer: .answer
      case .offer, .rollback: .offer
      }
  }
}

extension RTCError {
  fileprivate init(_ error: NegotiationError) {
    let name: Name =
      switch error {
      case .malformed, .unusable: .invalidAccess
      case .invalidState, .noRemoteDescription: .invalidState
      case .malformedCandidate: .operation
      case .modified: .invalidModification
      }
    self.init(name, error.description)
  }
}
