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
    let received = transceivers.filter { transceiver in
      transceiver.receiver.track.readyState == .live
        && [.recvonly, .sendrecv].contains(transceiver.currentDirection)
    }
    shared.remove { entry in
      entry.owner == id && !received.contains { $0 === entry.transceiver }
    }
    var refusal: String?
    for transceiver in received where shared.entry(transceiver.receiver.track) == nil {
      let content = transceiver.mid.flatMap { contents[$0] } ?? .camera
      let entry = SharedTracks.Entry(owner: id, transceiver: transceiver, content: content)
      guard let reason = shared.add(entry) else { continue }
      refusal = reason
      transceiver.stop()
    }
    await arrangeAll()
    return refusal
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
    guard sessions[id]?.sees == true else { return }
    sessions[id]?.isArranged = false
    guard sessions[id]?.isArranging == false else { return }
    sessions[id]?.isArranging = true
    sessions[id]?.relays.removeAll { $0.direction == .stopped && $0.sender.track == nil }
    while let session = sessions[id], !session.isArranged {
      sessions[id]?.isArranged = true
      let made = await relay(shared.seen(by: id).map(\.track), in: session)
      sessions[id]?.relays += made
    }
    sessions[id]?.isArranging = false
  }

  /// An m-line that has become free is used again: peers may come and go for as long as they like.
  ///
  /// - Returns: The m-lines that were made.
  private func relay(
    _ tracks: [MediaStreamTrack],
    in session: Session
  ) async -> [RTCRtpTransceiver] {
    var added: [RTCRtpTransceiver] = []
    for relay in session.relays {
      guard let sent = relay.sender.track, !tracks.contains(where: { $0 === sent }) else {
        continue
      }
      try? await session.connection.removeTrack(relay.sender)
    }
    for track in tracks where !session.relays.contains(where: { $0.sender.track === track }) {
      let unused = session.relays.filter { relay in
        relay.sender.track == nil && relay.currentDirection == .inactive
          && relay.direction != .stopped
      }
      let free = unused.first { $0.receiver.track.kind == track.kind }
      // One of the other kind gives way, so that there are never more than shared tracks.
      if free == nil { unused.first?.stop() }
      // What fails here fails since the connection has just closed.
      if let free {
        try? free.setDirection(.sendonly)
        try? await free.sender.replaceTrack(track)
      } else if let made = try? await session.connection.addTransceiver(
        track,
        RTCRtpTransceiverInit(direction: .sendonly)
      ) {
        added.append(made)
      }
    }
    return added
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

  /// What the peer of `id` shows to others, for the statistics.
  func shared(by id: String) -> JSONValue {
    let rows = shared.of(id).map { entry -> JSONValue in
      let viewers = sessions.values.count { session in
        session.relays.contains { $0.sender.track === entry.track }
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
