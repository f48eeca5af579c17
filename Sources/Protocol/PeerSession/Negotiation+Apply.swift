// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import RTP
internal import SDP

extension Negotiation {
  // MARK: Ours

  /// Puts the offer that `makeOffer` made in force, if `text` is that.
  mutating func applyOffer(_ text: String) throws(NegotiationError) {
    guard state == .stable || state == .haveLocalOffer else {
      throw .invalidState("The peer's offer is to be answered first.")
    }
    guard let draft = draftOffer, draft.description.description == text else { throw .modified }
    if state == .stable { remember() }
    draftOffer = nil
    pendingLocal = draft.description
    restart = draft.restartsICE ? draft.credentials : nil
    for (index, line) in draft.description.media.enumerated() {
      if line.kind == .application, !line.isRejected {
        data.mid = line.mid
        data.line = index
      }
      guard let mid = line.mid,
        let known = transceivers.firstIndex(where: {
          ($0.mid ?? draftMids[$0.id]) == mid && !$0.isStopped
        })
      else { continue }
      transceivers[known].mid = mid
      transceivers[known].line = index
    }
    draftMids = [:]
    draftDataMid = nil
    state = .haveLocalOffer
  }

  /// Puts the answer that `makeAnswer` made in force, if `text` is that.
  mutating func applyAnswer(
    _ text: String,
    isFinal: Bool
  ) throws(NegotiationError) -> (decision: Decision, credentials: ICECredentials) {
    guard state == .haveRemoteOffer || state == .haveLocalProvisionalAnswer else {
      throw .invalidState("There is no remote offer that this could answer.")
    }
    guard let draft = draftAnswer, let decision = draft.decision,
      draft.description.description == text
    else { throw .modified }
    pendingLocal = draft.description
    // The peer has restarted ICE, and so have we.
    if let transport, transport.credentials != decision.transport?.credentials {
      wantsRestart = false
    }
    settle(decision)
    conclude(wasOfferer: false, isFinal)
    return (decision, draft.credentials)
  }

  // MARK: The peer's

  /// Reads the peer's offer and finds a transceiver for each m-line; an offer of ours is taken back.
  mutating func takeOffer(_ text: String) throws(NegotiationError) {
    guard [.stable, .haveLocalOffer, .haveRemoteOffer].contains(state) else {
      throw .invalidState("A provisional answer is to be followed by the final one first.")
    }
    var offer = try Self.parse(text)
    if let main = Self.guessedMain(of: offer) {
      try checkContinuity(RemoteTransport(of: offer.effectiveMedia[main], in: offer, .offer))
    } else if currentRemote == nil, !offer.media.isEmpty {
      throw .unusable("The offer has no m-line that is not rejected.")
    }
    if let current = currentRemote ?? currentLocal, offer.media.count < current.media.count {
      throw .unusable("The offer has fewer m-lines than the last description.")
    }
    try checkPlaces(of: offer)
    try checkDataPlace(of: offer)
    if state != .stable { rollBack() }
    remember()
    unnamed = Set(offer.media.indices.filter { offer.media[$0].mid == nil })
    for index in unnamed.sorted() { offer.media[index].mid = mid(of: index, in: offer) }
    pendingRemote = offer
    draftAnswer = nil
    state = .haveRemoteOffer
    for (index, line) in offer.effectiveMedia.enumerated()
    where !associateData(line, at: index) {
      associate(line, at: index)
    }
  }

  /// Reads the peer's answer to our offer.
  mutating func takeAnswer(
    _ text: String,
    isFinal: Bool
  ) throws(NegotiationError) -> Decision {
    guard state == .haveLocalOffer || state == .haveRemoteProvisionalAnswer,
      let offer = pendingLocal
    else { throw .invalidState("There is no offer of ours that this could answer.") }
    let answer = try Self.parse(text).checked(against: offer)
    let lines = answer.effectiveMedia
    let transport = try transport(of: answer)
    pendingRemote = answer
    let media = lines.indices.compactMap { index in
      transceiver(on: index).flatMap { known in
        AgreedMedia(
          transceivers[known],
          local: offer.media[index],
          remote: lines[index],
          answer: lines[index]
        )
      }
    }
    let decision = Decision(
      media: media,
      data: agreedData(local: offer, remote: answer),
      transport: transport
    )
    followRemote(answer)
    settle(decision)
    // One that was asked for after our offer waits for the next.
    if isFinal, restart != nil { wantsRestart = false }
    conclude(wasOfferer: true, isFinal)
    return decision
  }

  /// Goes back to the stable state, as if the pending offer had never been (RFC 9429 section 4.1.10.2).
  mutating func rollBack() {
    for index in transceivers.indices {
      if let place = placements[transceivers[index].id] {
        transceivers[index].mid = place.mid
        transceivers[index].line = place.line
        transceivers[index].incoming = place.incoming
        transceivers[index].isRemoteSending = place.isRemoteSending
      } else {
        transceivers[index].mid = nil
        transceivers[index].line = nil
        transceivers[index].incoming = .init()
        transceivers[index].isRemoteSending = false
        if transceivers[index].isOfPeer {
          // One that has got a track in the meantime stays, as if `addTrack` had made it.
          transceivers[index].isStopped = transceivers[index].outgoing == nil
          transceivers[index].isOfPeer = false
          transceivers[index].isForAnyLine = true
        }
      }
    }
    transceivers.removeAll(where: \.isStopped)
    let isWanted = data.isWanted
    data = dataPlacement
    data.isWanted = isWanted
    forgetPending()
  }

  // MARK: Parts

  private static func parse(_ text: String) throws(NegotiationError) -> SessionDescription {
    do {
      return try SessionDescription(parsing: text)
    } catch {
      throw .malformed(error)
    }
  }

  /// The m-line whose transport will most likely carry all, before any transceiver is known.
  private static func guessedMain(of offer: SessionDescription) -> Int? {
    let lines = offer.effectiveMedia
    let live = lines.indices.filter { !lines[$0].isRejected }
    let videos = live.filter { lines[$0].kind == .video && lines[$0].direction.receives }
    return videos.first { index in
      lines[index].hasRTCPMux && lines[index].codecs.contains { $0.isMedia(of: .video) }
    } ?? videos.first ?? live.first
  }

  /// A running DTLS association can neither change its roles nor its certificate (RFC 8842 section 4).
  func checkContinuity(_ next: RemoteTransport) throws(NegotiationError) {
    guard let transport else { return }
    guard Set(next.fingerprints) == Set(transport.fingerprints) else {
      throw .unusable(
        "The \(next.source.rawValue) names another certificate than before: open a new connection."
      )
    }
    guard next.stated == .actpass || next.role == transport.role else {
      throw .unusable(
        "The \(next.source.rawValue) changes the DTLS roles (a=setup): open a new connection."
      )
    }
  }

  /// An m-line keeps its kind and its name while it lives, and no two have the same (RFC 9429 section 5.8).
  private func checkPlaces(of offer: SessionDescription) throws(NegotiationError) {
    var seen: Set<String> = []
    for (index, line) in offer.media.enumerated() {
      if let mid = line.mid, !seen.insert(mid).inserted {
        throw .unusable("The offer has two m-lines called \(mid).")
      }
      for transceiver in transceivers where !transceiver.isStopped {
        let place = stablePlace(of: transceiver)
        guard let mid = place.mid, place.line == index || mid == line.mid else { continue }
        guard place.line == index, line.mid == nil || line.mid == mid,
          transceiver.kind == line.mediaKind
        else { throw .unusable("The offer puts another m-line in the place of \(mid).") }
      }
    }
  }

  /// Where a transceiver stands by the descriptions that were agreed last.
  private func stablePlace(of transceiver: Transceiver) -> (line: Int?, mid: String?) {
    guard state != .stable else { return (transceiver.line, transceiver.mid) }
    let place = placements[transceiver.id]
    return (place?.line, place?.mid)
  }

  /// The name of an offered m-line that has none.
  private mutating func mid(of index: Int, in offer: SessionDescription) -> String {
    if let known = currentRemote, known.media.indices.contains(index),
      let mid = known.media[index].mid, !offer.media.contains(where: { $0.mid == mid })
    {
      return mid
    }
    return makeMid(besides: offer)
  }

  /// The transceiver of an offered m-line (RFC 9429 section 5.10): the one it has, else the first
  /// added track that may go there, else a new one that receives.
  private mutating func associate(_ line: MediaDescription, at index: Int) {
    guard let kind = line.mediaKind, let mid = line.mid, !line.isRejected else {
      if let known = transceiver(on: index), line.isRejected {
        transceivers[known].isRemoteSending = false
      }
      return
    }
    var found = transceivers.firstIndex { $0.mid == mid && $0.kind == kind && !$0.isStopped }
    if found == nil, line.direction.receives {
      found = transceivers.firstIndex {
        $0.kind == kind && $0.isForAnyLine && $0.line == nil && $0.isLive
      }
    }
    if found == nil, add(kind, direction: .recvonly, isOfPeer: true) != nil {
      found = transceivers.index(before: transceivers.endIndex)
    }
    guard let found else { return }
    transceivers[found].mid = mid
    transceivers[found].line = index
    transceivers[found].isRemoteSending = line.direction.sends
    transceivers[found].incoming = line.streamIdentifiers
  }

  /// Takes over from an answer which tracks the peer sends.
  private mutating func followRemote(_ answer: SessionDescription) {
    for (index, line) in answer.effectiveMedia.enumerated() {
      guard let known = transceiver(on: index) else { continue }
      transceivers[known].isRemoteSending = line.direction.sends && !line.isRejected
      transceivers[known].incoming = line.streamIdentifiers
    }
  }

  /// What an answer of either side means for the streams.
  private mutating func settle(_ decision: Decision) {
    let before = agreed
    agreed = decision.media
    agreedData = decision.data
    transport = decision.transport ?? transport
    for index in agreed.indices where hasChanged(agreed[index], since: before) {
      renewSources(of: agreed[index].transceiver)
      guard let known = transceivers.first(where: { $0.id == agreed[index].transceiver }) else {
        continue
      }
      agreed[index].ssrc = known.ssrc
      agreed[index].sending?.ssrc = known.ssrc
      agreed[index].sending?.retransmissionSSRC = known.retransmissionSSRC
    }
    // What goes on being received is reported on by the name that began it.
    for index in agreed.indices {
      let old = before.first { $0.transceiver == agreed[index].transceiver }
      guard let old, old.receiving != nil, old.receiving == agreed[index].receiving else {
        continue
      }
      agreed[index].ssrc = old.ssrc
    }
    // Who sends again later begins new streams: the numbers of old ones are used up.
    for old in before where old.sending != nil {
      let goesOn = agreed.contains { $0.transceiver == old.transceiver && $0.sending != nil }
      if !goesOn { renewSources(of: old.transceiver) }
    }
  }

  /// Whether a stream would go on under its old name with another payload type or extension, and so
  /// begin its numbers anew under the same keys.
  func hasChanged(_ media: AgreedMedia, since before: [AgreedMedia]) -> Bool {
    guard let made = media.sending,
      let old = before.first(where: { $0.transceiver == media.transceiver })?.sending
    else { return false }
    return old.ssrc == made.ssrc && made.continuing(old) == nil
  }

  mutating func renewSources(of id: Transceiver.ID) {
    guard let known = transceivers.firstIndex(where: { $0.id == id }) else { return }
    transceivers[known].ssrc = .random(using: &random)
    transceivers[known].retransmissionSSRC = .random(using: &random)
  }

  /// What an answer means for the transceivers; a final one makes the pending descriptions current.
  private mutating func conclude(wasOfferer: Bool, _ isFinal: Bool) {
    let answer = wasOfferer ? pendingRemote : pendingLocal
    let offer = wasOfferer ? pendingLocal : pendingRemote
    for index in transceivers.indices {
      guard let line = transceivers[index].line, let answer, let offer,
        answer.media.indices.contains(line), offer.media.indices.contains(line)
      else { continue }
      if answer.media[line].isRejected {
        transceivers[index].isStopped = isFinal
        transceivers[index].isRemoteSending = false
        continue
      }
      // Nobody can answer more than was offered (RFC 3264 section 6.1).
      let answered = answer.effective(answer.media[line]).direction
      let offered = offer.effective(offer.media[line]).direction
      let direction = MediaDirection(
        sends: answered.sends && offered.receives,
        receives: answered.receives && offered.sends
      )
      let own = wasOfferer ? direction.reversed : direction
      transceivers[index].currentDirection = own
      if !own.receives { transceivers[index].isRemoteSending = false }
    }
    concludeData(answer, isFinal: isFinal)
    guard isFinal else {
      state = wasOfferer ? .haveRemoteProvisionalAnswer : .haveLocalProvisionalAnswer
      return
    }
    currentLocal = pendingLocal
    currentRemote = pendingRemote
    self.wasOfferer = wasOfferer
    transceivers.removeAll(where: \.isStopped)
    forgetPending()
  }

  private mutating func forgetPending() {
    pendingLocal = nil
    pendingRemote = nil
    draftOffer = nil
    draftAnswer = nil
    draftMids = [:]
    draftDataMid = nil
    placements = [:]
    dataPlacement = DataSection()
    restart = nil
    state = .stable
  }

  private mutating func remember() {
    placements = [:]
    dataPlacement = data
    for transceiver in transceivers {
      placements[transceiver.id] = Placement(
        mid: transceiver.mid,
        line: transceiver.line,
        incoming: transceiver.incoming,
        isRemoteSending: transceiver.isRemoteSending
      )
    }
  }
}
