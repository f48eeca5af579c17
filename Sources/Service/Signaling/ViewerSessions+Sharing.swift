// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import WebRTC

extension ViewerSessions {
  /// M-lines whose content one message may name.
  static let maximumSharing = 16

  /// Shows the peer of `id` from now on what others share; it must take our offers.
  func join(_ id: String) async {
    guard sessions[id]?.sees == false else { return }
    sessions[id]?.sees = true
    await arrange(id)
  }

  /// Follows an exchange of descriptions with the peer of `id`: what it sends now is shown to the others,
  /// as it comes, and what it sends no more is taken from them.
  ///
  /// - Parameters:
  ///   - id: The session.
  ///   - contents: What the peer says that its m-lines show.
  /// - Returns: Why something is not shown, for a person.
  func follow(_ id: String, _ contents: [String: SharedTracks.Content]) async -> String? {
    guard let session = sessions[id], session.receives else { return nil }
    let transceivers = await session.connection.getTransceivers()
    guard sessions[id] != nil else { return nil }
    // The direction wanted tells those that were refused before, and not yet to the peer.
    let received = transceivers.filter { transceiver in
      transceiver.receiver.track.readyState == .live
        && [.recvonly, .sendrecv].contains(transceiver.currentDirection)
        && [.recvonly, .sendrecv].contains(transceiver.direction)
    }
    let gone = shared.of(id).filter { entry in !received.contains { $0 === entry.transceiver } }
    shared.remove { entry in gone.contains { $0.transceiver === entry.transceiver } }
    if let voice = session.voice, !received.contains(where: { $0 === voice }) { silence(id) }
    var hasChanged = !gone.isEmpty
    var refusal: String?
    for transceiver in received where shared.entry(transceiver.receiver.track) == nil {
      guard sessions[id]?.voice !== transceiver else { continue }
      let content = transceiver.mid.flatMap { contents[$0] } ?? .camera
      if content == .talk {
        if !listen(to: transceiver, of: id) { refuse(transceiver) }
        continue
      }
      let entry = SharedTracks.Entry(owner: id, transceiver: transceiver, content: content)
      guard let reason = shared.add(entry) else {
        hasChanged = true
        continue
      }
      refusal = refusal ?? reason
      refuse(transceiver)
    }
    if hasChanged { await arrangeAll() } else { await arrange(id) }
    return refusal
  }

  /// Takes nothing more by an m-line; what we send by it goes on.
  private func refuse(_ transceiver: RTCRtpTransceiver) {
    if transceiver.sender.track == nil {
      transceiver.stop()
    } else {
      try? transceiver.setDirection(.sendonly)
    }
  }

  /// Takes from all others what the peer of `id` has shown them.
  func unshare(_ id: String) async {
    guard !shared.of(id).isEmpty else { return }
    shared.remove { $0.owner == id }
    await arrangeAll()
  }

  private func arrangeAll() async {
    for id in sessions.keys.sorted() { await arrange(id) }
  }

  /// Lets the connection of `id` send what others share, no more and no less.
  private func arrange(_ id: String) async {
    guard let session = sessions[id], session.sees else { return }
    guard session.arrangement == .settled else {
      sessions[id]?.arrangement = .outdated
      return
    }
    repeat {
      sessions[id]?.arrangement = .underWay
      await relay(shared.seen(by: id).map(\.track), to: id)
    } while sessions[id]?.arrangement == .outdated
    sessions[id]?.arrangement = .settled
  }

  /// An m-line that has become free is used again: peers may come and go for as long as they like.
  private func relay(_ tracks: [MediaStreamTrack], to id: String) async {
    guard let session = sessions[id] else { return }
    for relay in session.relays {
      guard let sent = relay.sender.track, !tracks.contains(where: { $0 === sent }) else {
        continue
      }
      // What fails here and below fails because the connection has just closed, or the m-line is over.
      try? await session.connection.removeTrack(relay.sender)
    }
    // One that the peer rejects is remembered with its track, so as not to be offered for ever.
    sessions[id]?.relays.removeAll { relay in
      relay.direction == .stopped && !tracks.contains { $0 === relay.sender.track }
    }
    for track in tracks {
      let relays = sessions[id]?.relays ?? []
      if relays.contains(where: { $0.sender.track === track }) { continue }
      let free = relays.first { relay in
        relay.sender.track == nil && relay.currentDirection == .inactive
          && relay.direction != .stopped && relay.receiver.track.kind == track.kind
      }
      if let free {
        try? free.setDirection(.sendonly)
        try? await free.sender.replaceTrack(track)
      } else if let made = try? await session.connection.addTransceiver(
        track,
        RTCRtpTransceiverInit(direction: .sendonly)
      ) {
        sessions[id]?.relays.append(made)
      }
    }
  }

  /// What the peer of `id` is shown of others, by the m-lines of its descriptions.
  func seen(by id: String) -> JSONValue {
    let rows = (sessions[id]?.relays ?? []).compactMap { relay -> JSONValue? in
      guard let mid = relay.mid, let entry = shared.entry(relay.sender.track),
        let owner = sessions[entry.owner]
      else { return nil }
      return [
        "mid": .string(mid),
        "from": .integer(Int64(clamping: owner.order)),
        "kind": .string(entry.track.kind.rawValue),
        "as": .string(entry.content.rawValue),
      ]
    }
    return .array(rows)
  }

  /// What the peer of `id` shows to others, and how many of them have agreed to take it.
  func shared(by id: String) -> JSONValue {
    let rows = shared.of(id).map { entry -> JSONValue in
      let viewers = sessions.values.count { session in
        session.relays.contains { $0.sender.track === entry.track && $0.sender.mid != nil }
      }
      return [
        "mid": entry.transceiver.mid.map { .string($0) } ?? .null,
        "kind": .string(entry.track.kind.rawValue),
        "as": .string(entry.content.rawValue),
        "viewers": .integer(Int64(viewers)),
      ]
    }
    return .array(rows)
  }
}
