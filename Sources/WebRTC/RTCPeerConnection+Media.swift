// SPDX-License-Identifier: Apache-2.0
internal import PeerSession
internal import SDP

extension RTCPeerConnection {
  /// What is being sent, in the order of the transceivers.
  public func getSenders() -> [RTCRtpSender] { transceivers.map(\.sender) }

  /// What is being received, in the order of the transceivers.
  public func getReceivers() -> [RTCRtpReceiver] { transceivers.map(\.receiver) }

  /// Every transceiver that is not over, in the order in which they came.
  public func getTransceivers() -> [RTCRtpTransceiver] { transceivers }

  /// What this connection has counted; `nil` before the first description and once it is closed.
  public var counters: PeerCounters? { transport.map(PeerCounters.init) }

  /// Sends `track` to the peer as part of `streams` (W3C webrtc-pc section 5.1, addTrack).
  ///
  /// - Throws: `InvalidStateError` when the connection is closed, `InvalidAccessError` when the track
  ///   is being sent already.
  @discardableResult
  public func addTrack(
    _ track: MediaStreamTrack,
    _ streams: MediaStream...
  ) async throws(RTCError) -> RTCRtpSender {
    let transport = try open()
    guard !transceivers.contains(where: { $0.sender.track === track }) else {
      throw RTCError(.invalidAccess, "The track is being sent already.")
    }
    let free = transceivers.first { transceiver in
      transceiver.sender.track == nil && !transceiver.hasSent && transceiver.direction != .stopped
        && transceiver.receiver.track.kind == track.kind
    }
    if let free {
      free.sender.streamIDs = streams.map(\.id)
      free.sender.set(track)
      let receives = free.direction.described.receives
      transport.session.setDirection(MediaDirection(sends: true, receives: receives), of: free.id)
      free.sender.bind()
      noteNeed()
      return free.sender
    }
    return try add(track.kind, track, .sendrecv, streams, isForAnyLine: true, to: transport).sender
  }

  /// Sends the sender's track no more (W3C webrtc-pc section 5.1, removeTrack).
  ///
  /// - Throws: `InvalidAccessError` for a sender of another connection.
  public func removeTrack(_ sender: RTCRtpSender) throws(RTCError) {
    let transport = try open()
    guard let transceiver = transceivers.first(where: { $0.sender === sender }) else {
      throw RTCError(.invalidAccess, "The sender is not of this connection.")
    }
    guard sender.track != nil else { return }
    sender.set(nil)
    let receives = transceiver.direction.described.receives
    transport.session.setDirection(
      MediaDirection(sends: false, receives: receives),
      of: transceiver.id
    )
    noteNeed()
  }

  /// Adds an m-line for `track` (W3C webrtc-pc section 5.1, addTransceiver).
  @discardableResult
  public func addTransceiver(
    _ track: MediaStreamTrack,
    _ beginning: RTCRtpTransceiverInit = RTCRtpTransceiverInit()
  ) async throws(RTCError) -> RTCRtpTransceiver {
    try add(track.kind, track, beginning.direction, beginning.streams, to: try open())
  }

  /// Adds an m-line for media of a kind, sent later or only received (section 5.1, addTransceiver).
  @discardableResult
  public func addTransceiver(
    _ kind: MediaStreamTrack.Kind,
    _ beginning: RTCRtpTransceiverInit = RTCRtpTransceiverInit()
  ) async throws(RTCError) -> RTCRtpTransceiver {
    try add(kind, nil, beginning.direction, beginning.streams, to: try open())
  }

  private func add(
    _ kind: MediaStreamTrack.Kind,
    _ track: MediaStreamTrack?,
    _ direction: RTCRtpTransceiverDirection,
    _ streams: [MediaStream],
    isForAnyLine: Bool = false,
    to transport: PeerTransport
  ) throws(RTCError) -> RTCRtpTransceiver {
    guard direction != .stopped else {
      throw RTCError(.type, "A transceiver cannot begin as stopped.")
    }
    let id = transport.session.addTransceiver(
      kind == .audio ? .audio : .video,
      direction: direction.described,
      isForAnyLine: isForAnyLine
    )
    guard let id else {
      throw RTCError(.operation, "A description holds no more m-lines.")
    }
    let made = makeTransceiver(id, kind, transport)
    made.sender.streamIDs = streams.map(\.id)
    transport.session.setStreams(streams.map(\.id), of: id)
    if let track { made.sender.set(track) }
    noteNeed()
    return made
  }

  private func makeTransceiver(
    _ id: Transceiver.ID,
    _ kind: MediaStreamTrack.Kind,
    _ transport: PeerTransport,
    trackID: String = ""
  ) -> RTCRtpTransceiver {
    let source: any EncodedSource
    switch kind {
    case .video:
      let video = RemoteVideoSource(on: network.loop)
      video.onKeyframeNeeded = { [weak transport] in transport?.requestKeyframe(of: id) }
      source = video
    case .audio:
      let audio = RemoteAudioSource(on: network.loop)
      audio.onHasteNeeded = { [weak transport] in transport?.session.setHaste($0, of: id) }
      source = audio
    }
    let name = trackID.isEmpty ? nil : trackID
    let transceiver = RTCRtpTransceiver(
      id,
      of: transport,
      sender: RTCRtpSender(id, of: transport, track: nil, streamIDs: []),
      receiver: RTCRtpReceiver(
        track: MediaStreamTrack(kind: kind, source: source, id: name, muted: true)
      ),
      onChange: { [weak self] in self?.assumeIsolated { $0.noteNeed() } }
    )
    transceivers.append(transceiver)
    return transceiver
  }

  /// Follows what the session knows of its transceivers: new ones, tracks that came or went, ends.
  func followTransceivers(_ transport: PeerTransport) {
    let states = transport.session.transceivers
    for state in states {
      let known = transceivers.first { $0.id == state.id }
      let transceiver =
        known
        ?? makeTransceiver(
          state.id,
          state.kind == .audio ? .audio : .video,
          transport,
          trackID: state.incoming.trackID
        )
      if state.isRemoteSending { setStreams(state.incoming.streamIDs, of: transceiver) }
      if state.isRemoteSending, !transceiver.hasTold {
        transceiver.hasTold = true
        continuation.yield(
          .track(
            RTCTrackEvent(
              receiver: transceiver.receiver,
              track: transceiver.receiver.track,
              streams: transceiver.streams,
              transceiver: transceiver
            )
          )
        )
      } else if !state.isRemoteSending, transceiver.hasTold {
        transceiver.hasTold = false
        setStreams([], of: transceiver)
        transceiver.receiver.track.setMuted(true)
      }
      if state.currentDirection?.sends == true { transceiver.hasSent = true }
      transceiver.sender.bind()
    }
    let live = Set(states.map(\.id))
    for gone in transceivers where !live.contains(gone.id) {
      gone.sender.unbind()
      setStreams([], of: gone)
      gone.receiver.end()
    }
    transceivers.removeAll { !live.contains($0.id) }
  }

  /// Puts the transceiver's track into the peer's streams of these names, and into no others.
  private func setStreams(_ names: [String], of transceiver: RTCRtpTransceiver) {
    let track = transceiver.receiver.track
    for stream in transceiver.streams where !names.contains(stream.id) { stream.removeTrack(track) }
    transceiver.streams = names.map { name in
      let stream = remoteStreams[name] ?? MediaStream(id: name)
      remoteStreams[name] = stream
      stream.addTrack(track)
      return stream
    }
    remoteStreams = remoteStreams.filter { !$0.value.getTracks().isEmpty }
  }
}
