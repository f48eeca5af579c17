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
    if wantsRestart { restart = draft.credentials }
    for (index, line) in draft.description.media.enumerated() {
      guard let mid = line.mid,
        let known = transceivers.firstIndex(where: {
          ($0.mid ?? draftMids[$0.id]) == mid && !$0.isStopped
        })
      else { continue }
      transceivers[known].mid = mid
      transceivers[known].line = index
    }
    draftMids = [:]
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
    if isFinal {
      finish(wasOfferer: false)
    } else {
      state = .haveLocalProvisionalAnswer
    }
    return (decision, draft.credentials)
  }

  // MARK: The peer's

  /// Reads the peer's offer and finds a transceiver for each m-line; an offer of ours is taken back.
  mutating func takeOffer(_ text: String) throws(NegotiationError) {
    guard [.stable, .haveLocalOffer, .haveRemoteOffer].contains(state) else {
      throw .invalidState("A provisional answer is to be followed by the final one first.")
    }
    var offer = try Self.parse(text)
    guard let main = Self.guessedMain(of: offer) else {
      throw .unusable("The offer has no m-line that is not rejected.")
    }
    try checkContinuity(RemoteTransport(of: offer.effectiveMedia[main], in: offer, .offer))
    if let current = currentRemote ?? currentLocal, offer.media.count < current.media.count {
      throw .unusable("The offer has fewer m-lines than the last description.")
    }
    try checkPlaces(of: offer)
    if state != .stable { rollBack() }
    remember()
    unnamed = Set(offer.media.indices.filter { offer.media[$0].mid == nil })
    for index in unnamed.sorted() { offer.media[index].mid = mid(of: index) }
    pendingRemote = offer
    draftAnswer = nil
    state = .haveRemoteOffer
    for (index, line) in offer.effectiveMedia.enumerated() { associate(line, at: index) }
  }

  /// Reads the peer's answer to our offer.
  mutating func takeAnswer(
    _ text: String,
    isFinal: Bool
  ) throws(NegotiationError) -> Decision {
    guard state == .haveLocalOffer || state == .haveRemoteProvisionalAnswer,
      let offer = pendingLocal
    else { throw .invalidState("There is no offer of ours that this could answer.") }
    var answer = try Self.parse(text)
    guard answer.media.count == offer.media.count,
      zip(answer.media, offer.media).allSatisfy({ $0.kind == $1.kind })
    else { throw .unusable("The answer's m-lines are not those of the offer.") }
    for (index, line) in offer.media.enumerated() {
      let mid = answer.media[index].mid
      guard mid == nil || mid == line.mid else {
        throw .unusable(
          "The answer names an m-line \(mid ?? "") where the offer has \(line.mid ?? "")."
        )
      }
      answer.media[index].mid = line.mid
    }
    let lines = answer.effectiveMedia
    let accepted = lines.indices.filter { !lines[$0].isRejected }
    var transport: RemoteTransport?
    if let first = accepted.first {
      let mids = accepted.compactMap { lines[$0].mid }
      let group = answer.bundleGroups.first { $0.contains(mids[0]) } ?? [mids[0]]
      guard mids.allSatisfy(group.contains) else {
        throw .unusable("The answer does not bundle its m-lines, and there is one transport only.")
      }
      guard accepted.allSatisfy({ lines[$0].hasRTCPMux || lines[$0].mediaKind == nil }) else {
        throw .unusable("The answer has an m-line without a=rtcp-mux.")
      }
      let tagged = lines.first { $0.mid == group.first } ?? lines[first]
      transport = try RemoteTransport(of: tagged, in: answer, .answer)
      try transport.map { found throws(NegotiationError) in try checkContinuity(found) }
    }
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
    let decision = Decision(media: media, transport: transport)
    followRemote(answer)
    settle(decision)
    if isFinal {
      wantsRestart = false
      finish(wasOfferer: true)
    } else {
      state = .haveRemoteProvisionalAnswer
    }
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
        if transceivers[index].isOfPeer, transceivers[index].outgoing == nil {
          transceivers[index].isStopped = true
        }
      }
    }
    transceivers.removeAll(where: \.isStopped)
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
      let known = transceivers.first { transceiver in
        let line = state == .stable ? transceiver.line : placements[transceiver.id]?.line
        return line == index && !transceiver.isStopped
      }
      guard let known else { continue }
      guard known.kind == line.mediaKind, line.mid == nil || line.mid == known.mid else {
        throw .unusable("The offer puts another m-line in the place of \(known.mid ?? "").")
      }
    }
  }

  /// The name of an offered m-line that has none.
  private mutating func mid(of index: Int) -> String {
    if let known = currentRemote, known.media.indices.contains(index),
      let mid = known.media[index].mid
    {
      return mid
    }
    return makeMid()
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

  /// Makes the pending descriptions the current ones.
  private mutating func finish(wasOfferer: Bool) {
    currentLocal = pendingLocal
    currentRemote = pendingRemote
    self.wasOfferer = wasOfferer
    let answer = wasOfferer ? currentRemote : currentLocal
    for index in transceivers.indices {
      guard let line = transceivers[index].line, let answered = answer?.media,
        answered.indices.contains(line)
      else { continue }
      if answered[line].isRejected {
        transceivers[index].isStopped = true
        transceivers[index].currentDirection = nil
        transceivers[index].isRemoteSending = false
        continue
      }
      let direction = answer.map { $0.effective(answered[line]).direction } ?? .inactive
      let own = wasOfferer ? direction.reversed : direction
      transceivers[index].currentDirection = own
      if !own.receives { transceivers[index].isRemoteSending = false }
    }
    transceivers.removeAll(where: \.isStopped)
    forgetPending()
  }

  private mutating func forgetPending() {
    pendingLocal = nil
    pendingRemote = nil
    draftOffer = nil
    draftAnswer = nil
    draftMids = [:]
    placements = [:]
    restart = nil
    state = .stable
  }

  private mutating func remember() {
    placements = [:]
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
