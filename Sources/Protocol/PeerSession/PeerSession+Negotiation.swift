// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
public import MediaTypes
internal import RTP
public import SDP
public import Wire

extension PeerSession {
  /// Where the exchange of descriptions stands.
  public var signalingState: SignalingState { negotiation.state }

  /// Our description that speaks last, with the candidates known so far; `nil` before one is applied.
  public var localDescription: String? { negotiation.localDescription?.description }

  /// The m-line of our description that speaks last which our candidates belong to.
  public var candidateLine: (mid: String?, index: Int)? {
    guard let local = negotiation.localDescription, let index = Negotiation.tagged(local) else {
      return nil
    }
    return (local.media[index].mid, index)
  }

  /// Our description that waits for its answer, with the candidates known so far.
  public var pendingLocalDescription: String? {
    negotiation.withCandidates(negotiation.pendingLocal)?.description
  }

  /// Our description that was agreed last, with the candidates known so far.
  public var currentLocalDescription: String? {
    negotiation.withCandidates(negotiation.currentLocal)?.description
  }

  /// The peer's description that waits for its answer.
  public var pendingRemoteDescription: String? { negotiation.pendingRemote?.description }

  /// The peer's description that was agreed last.
  public var currentRemoteDescription: String? { negotiation.currentRemote?.description }

  /// Whether the exchange that came to the current descriptions began with our offer.
  public var hasOffered: Bool { negotiation.wasOfferer }

  /// Why m-lines of the remote offer were turned down, as sentences for a person.
  public var rejections: [String] { negotiation.rejections }

  /// Whether the peer takes candidates one by one (RFC 8840); `nil` before it has spoken.
  public var peerTrickles: Bool? {
    guard let remote = negotiation.remote else { return nil }
    let words = remote.effectiveMedia.flatMap(\.iceOptions) + remote.iceOptions
    return words.contains("trickle")
  }

  /// Whether something has changed that only another offer can tell the peer.
  public var needsNegotiation: Bool { negotiation.isNeeded }

  // MARK: Transceivers

  /// All transceivers that are not over, in the order in which they came.
  public var transceivers: [Transceiver] { negotiation.transceivers }

  /// Adds a transceiver; `isForAnyLine` lets an m-line that the peer offers take it (`addTrack`).
  ///
  /// `nil` when there are as many as a description can hold.
  public mutating func addTransceiver(
    _ kind: MediaKind,
    direction: MediaDirection,
    outgoing: OutgoingTrack? = nil,
    isForAnyLine: Bool = false
  ) -> Transceiver.ID? {
    negotiation.add(kind, direction: direction, outgoing: outgoing, isForAnyLine: isForAnyLine)
  }

  /// Says what the application would like; the next exchange tells the peer.
  public mutating func setDirection(_ direction: MediaDirection, of id: Transceiver.ID) {
    update(id) { $0.direction = direction }
  }

  /// Says what is sent from now on, or that nothing is; frames of another track begin with a keyframe.
  public mutating func setOutgoing(_ track: OutgoingTrack?, of id: Transceiver.ID) {
    update(id) { transceiver in
      transceiver.outgoing = track
      if let track { transceiver.streamIDs = track.streamIDs }
    }
    for index in lines.indices where lines[index].agreed.transceiver == id {
      lines[index].videoSender?.changeSource()
    }
  }

  /// Says which streams the peer is to find the track in; the next exchange tells it.
  public mutating func setStreams(_ streamIDs: [String], of id: Transceiver.ID) {
    update(id) { transceiver in
      transceiver.streamIDs = streamIDs
      transceiver.outgoing?.streamIDs = streamIDs
    }
  }

  /// Ends the transceiver: says BYE for what it sends; the next exchange rejects its m-line.
  public mutating func stopTransceiver(_ id: Transceiver.ID) {
    update(id) { transceiver in
      transceiver.isStopping = true
      transceiver.direction = .inactive
    }
    for index in lines.indices where lines[index].agreed.transceiver == id { lines[index].close() }
    // What was never told to anybody is over at once.
    negotiation.transceivers.removeAll { $0.id == id && $0.line == nil && $0.mid == nil }
  }

  /// The m-line of a transceiver that sends, as agreed last; `nil` where the peer does not take it.
  public func mid(sending id: Transceiver.ID) -> String? {
    lines.first { $0.agreed.transceiver == id && $0.agreed.sending != nil }?.agreed.mid
  }

  /// What the peer has agreed to decode of a transceiver; `nil` where nothing of H.264 is agreed.
  public func profile(sending id: Transceiver.ID) -> H264Profile? {
    lines.first { $0.agreed.transceiver == id && $0.agreed.sending != nil }?.agreed.profile
  }

  /// The codec in which the peer has agreed to take the sound of a transceiver; `nil` where it takes none.
  public func audioCodec(sending id: Transceiver.ID) -> AudioCodec? {
    lines.first { $0.agreed.transceiver == id }?.agreed.sending?.audioCodec
  }

  /// How the peer likes the Opus of a transceiver.
  public func opusPreferences(sending id: Transceiver.ID) -> OpusPreferences {
    lines.first { $0.agreed.transceiver == id }?.agreed.preferences ?? OpusPreferences()
  }

  /// What share of the sound of a transceiver the peer last reported as lost; `nil` before that.
  public func audioLoss(sending id: Transceiver.ID) -> Double? {
    lines.first { $0.agreed.transceiver == id }?.audioSender?.statistics.remote?.fractionLost
  }

  private mutating func update(_ id: Transceiver.ID, _ change: (inout Transceiver) -> Void) {
    guard let index = negotiation.transceivers.firstIndex(where: { $0.id == id }) else { return }
    change(&negotiation.transceivers[index])
  }

  // MARK: Descriptions

  /// Makes an offer of all transceivers (RFC 9429 section 5.2); without any it has no m-line.
  ///
  /// With `restartsICE` this offer alone has new ICE credentials, where a transport is agreed.
  public mutating func createOffer(
    restartsICE: Bool = false
  ) throws(NegotiationError) -> String {
    try checkOpen()
    return try negotiation.makeOffer(
      credentials: ice.credentials,
      fingerprint: configuration.identity.fingerprint,
      restartsICE: restartsICE
    ).description
  }

  /// Answers the peer's offer (RFC 9429 section 5.3).
  ///
  /// Where the offer restarts ICE, so does the answer (RFC 8839 section 4.4.3.1).
  public mutating func createAnswer() throws(NegotiationError) -> String {
    try checkOpen()
    return try negotiation.makeAnswer(
      credentials: ice.credentials,
      fingerprint: configuration.identity.fingerprint
    ).description
  }

  /// Applies a description that was created here; an answer starts ICE and DTLS, and media.
  public mutating func setLocalDescription(
    _ kind: DescriptionKind,
    _ sdp: String,
    at now: Timestamp
  ) throws(NegotiationError) {
    try checkOpen()
    self.now = now
    switch kind {
    case .offer:
      try negotiation.applyOffer(sdp)
      // The offerer nominates, from the first exchange on (RFC 8445 section 6.1.1).
      if negotiation.transport == nil { ice.setRole(.controlling) }
    case .provisionalAnswer, .answer:
      let (decision, credentials) = try negotiation.applyAnswer(sdp, isFinal: kind == .answer)
      follow(decision, credentials)
    }
  }

  /// Applies a description of the peer; its candidates are checked as soon as both sides have spoken.
  public mutating func setRemoteDescription(
    _ kind: DescriptionKind,
    _ sdp: String,
    at now: Timestamp
  ) throws(NegotiationError) {
    try checkOpen()
    self.now = now
    switch kind {
    case .offer:
      try negotiation.takeOffer(sdp)
      if negotiation.transport == nil { ice.setRole(.controlled) }
    case .provisionalAnswer, .answer:
      let restart = negotiation.restart
      let decision = try negotiation.takeAnswer(sdp, isFinal: kind == .answer)
      follow(decision, restart ?? ice.credentials)
    }
  }

  /// Goes back to the last agreed descriptions (RFC 9429 section 4.1.10.2).
  public mutating func rollBack() throws(NegotiationError) {
    try checkOpen()
    guard [.haveLocalOffer, .haveRemoteOffer].contains(negotiation.state) else {
      throw .invalidState("There is no offer to take back.")
    }
    negotiation.rollBack()
    negotiation.forgetEarlyCandidates()
  }

  private func checkOpen() throws(NegotiationError) {
    guard connectionState != .closed else { throw .invalidState("The session is closed.") }
  }

  /// Asks for new ICE credentials in every offer until one is answered (W3C webrtc-pc section 4.4.2,
  /// restartIce).
  public mutating func restartICE() {
    guard negotiation.transport != nil else { return }
    negotiation.wantsRestart = true
  }

  private mutating func follow(_ decision: Negotiation.Decision, _ credentials: ICECredentials) {
    settleLines()
    settleChannels()
    guard let transport = decision.transport, let remote = negotiation.remote else { return }
    if credentials != ice.credentials { restartICE(with: credentials) }
    ice.setRemoteCredentials(transport.credentials, isLite: remote.isICELite)
    for line in remote.media where !line.isRejected {
      for text in line.candidates {
        if let candidate = ICECandidate(parsing: text) {
          ice.addRemoteCandidate(candidate, at: now)
        }
      }
      if line.isEndOfCandidates { ice.endOfRemoteCandidates() }
    }
    for early in negotiation.takeEarlyCandidates() { take(early) }
    followICE()
    startHandshake()
  }

  /// Gives each agreed m-line its streams.
  private mutating func settleLines() {
    let common = MediaLine.Common(
      canonicalName: negotiation.canonicalName,
      maximumDatagram: configuration.maximumDatagram,
      now: now
    )
    let old = lines
    lines = []
    for agreed in negotiation.agreed {
      let before = old.first { $0.agreed.transceiver == agreed.transceiver }
      lines.append(MediaLine(agreed, continuing: before, common, random: &random))
    }
    demultiplexer.update(lines.map(\.demultiplexing))
  }

  // MARK: Candidates

  /// Offers `address` as a host candidate, in the local description and to ICE.
  ///
  /// Answers the candidate as in `a=candidate`, or `nil` where it cannot be used.
  @discardableResult
  public mutating func addLocalCandidate(host address: SocketAddress) -> String? {
    guard connectionState != .closed, let candidate = ice.addLocalCandidate(host: address) else {
      return nil
    }
    let attribute = candidate.description.utf8.dropFirst("candidate:".utf8.count)
    let text = String(decoding: Array(attribute), as: UTF8.self)
    negotiation.localCandidates.append(text)
    return text
  }

  /// Says in the local description that no more candidates will come.
  public mutating func endOfLocalCandidates() {
    negotiation.hasAllLocalCandidates = true
  }

  /// Takes a candidate of the peer, as in `a=candidate`; an empty text ends them.
  public mutating func addRemoteCandidate(
    _ text: String,
    at now: Timestamp
  ) throws(NegotiationError) {
    try checkOpen()
    self.now = now
    guard negotiation.remote != nil else { throw .noRemoteDescription }
    guard text.isEmpty || ICECandidate(parsing: text) != nil else { throw .malformedCandidate }
    // Those of an offer that is not answered yet wait for it.
    if negotiation.state == .haveRemoteOffer {
      negotiation.keepEarlyCandidate(text)
    } else {
      take(text)
      followICE()
    }
  }

  private mutating func take(_ text: String) {
    if let candidate = ICECandidate(parsing: text) {
      ice.addRemoteCandidate(candidate, at: now)
    } else if text.isEmpty {
      ice.endOfRemoteCandidates()
    }
  }
}
