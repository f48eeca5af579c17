// SPDX-License-Identifier: Apache-2.0
private import PeerSession
private import SDP
private import Wire

extension FuzzTarget {
  /// One session and what its application and its peer do to it.
  ///
  /// Each step is a byte that says what, a byte that says how, and where it takes a text its length in
  /// two bytes and the text. What is refused must change nothing.
  static let negotiation: [FuzzTarget] = [
    FuzzTarget("negotiation", seeds: negotiationSeeds) { input in
      var probe = NegotiationProbe(input)
      while probe.step() {}
    }
  ]

  private static let negotiationSeeds: [[UInt8]] = {
    let call: [UInt8] = [0, 0x33, 0, 0x32, 4, 0, 9, 0, 0, 0]
    let answered: [UInt8] = [0, 0x37, 10, 0, 0, 0, 5, 0, 1, 3, 10, 0, 0, 0, 5, 0]
    let crossed: [UInt8] = [
      0, 0x33, 4, 0, 10, 0, 0, 0, 5, 1, 5, 0, 7, 0, 4, 0, 6, 0, 4, 0, 9, 1, 0, 0,
    ]
    let edited: [UInt8] = call + [2, 1, 4, 0, 9, 0, 0, 6, 1, 44, 65, 0, 200, 66]
    let browsers = BrowserOffers.all.map { offer in
      [0, 0x37, 8, 0] + text(offer.text) + [5, 0, 0, 0x33, 4, 0, 11, 0]
        + text("candidate:1 1 udp 1 1.2.3.4 5 typ host")
    }
    return [call, answered, crossed, edited, call + answered, answered + crossed] + browsers
  }()

  private static func text(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(0xFFFF))
    return [UInt8(bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes
  }
}

/// Reads steps and does them.
private struct NegotiationProbe: ~Copyable {
  /// All that a refused call must leave alone.
  private struct Face: Equatable {
    var state: SignalingState
    var transceivers: [Transceiver]
    var descriptions: [String?]
  }

  private var rest: ArraySlice<UInt8>
  private var session: PeerSession
  /// Who answers our offers, and offers, before the input edits what it says.
  private var peer: PeerSession
  private var now = Timestamp.zero + .seconds(1)

  init(_ input: [UInt8]) {
    rest = input[...]
    session = Self.session(seed: 1)
    peer = Self.session(seed: 2)
    _ = peer.addTransceiver(
      .video,
      direction: .sendrecv,
      outgoing: CallPeer.track("peer"),
      isForAnyLine: true
    )
  }

  private static func session(seed: UInt64) -> PeerSession {
    PeerSession(
      PeerSession.Configuration(identity: CameraSimulation.cameraIdentity),
      random: .seeded(seed),
      wallClock: WallClock(unixNanoseconds: 0),
      at: .zero
    )
  }

  /// Does the next step; `false` at the end of the input.
  mutating func step() -> Bool {
    guard let what = rest.popFirst(), let how = rest.popFirst() else { return false }
    now += .milliseconds(20)
    let count = session.transceivers.count
    let id = count == 0 ? 0 : session.transceivers[Int(how) % count].id
    switch what % 14 {
    case 0: add(how)
    case 1:
      session.setDirection(MediaDirection(sends: how & 1 != 0, receives: how & 2 != 0), of: id)
    case 2: session.stopTransceiver(id)
    case 3: session.setOutgoing(how & 1 == 0 ? nil : CallPeer.track("other"), of: id)
    case 4: offer(restartsICE: how & 1 != 0)
    case 5: answer(isFinal: how & 1 == 0)
    case 6: attempt { session throws(NegotiationError) in try session.rollBack() }
    case 7: session.restartICE()
    case 8: takeText(how)
    case 9: takeAnswer(isFinal: how & 1 == 0)
    case 10: takeOffer()
    case 11: takeCandidate()
    case 12: session.setStreams(how == 0 ? [] : ["stream-\(how)"], of: id)
    default: session.addLocalCandidate(host: SocketAddress(.v4(0x0A00_0000 + UInt32(how)), port: 9))
    }
    session.advance(to: now)
    while session.nextEvent() != nil {}
    while [UInt8](writing: { session.nextTransmit(into: &$0) != nil }) != nil {}
    check()
    return true
  }

  private mutating func add(_ how: UInt8) {
    let kind: MediaKind = how & 1 == 0 ? .audio : .video
    let direction = MediaDirection(sends: how & 2 != 0, receives: how & 4 == 0)
    let outgoing = direction.sends ? CallPeer.track("track-\(how)", kind) : nil
    _ = session.addTransceiver(
      kind,
      direction: direction,
      outgoing: outgoing,
      isForAnyLine: how & 16 != 0
    )
  }

  private mutating func offer(restartsICE: Bool) {
    let now = now
    attempt { session throws(NegotiationError) in
      let text = try session.createOffer(restartsICE: restartsICE)
      try session.setLocalDescription(.offer, text, at: now)
    }
  }

  private mutating func answer(isFinal: Bool) {
    let now = now
    attempt { session throws(NegotiationError) in
      let text = try session.createAnswer()
      try session.setLocalDescription(isFinal ? .answer : .provisionalAnswer, text, at: now)
    }
    guard session.signalingState == .stable, let text = session.localDescription else { return }
    try? peer.setRemoteDescription(.answer, text, at: now)
  }

  private mutating func takeText(_ how: UInt8) {
    let text = String(decoding: taken(), as: UTF8.self)
    take([.offer, .answer, .provisionalAnswer][Int(how) % 3], text)
  }

  private mutating func takeAnswer(isFinal: Bool) {
    let edits = taken()
    guard let offer = session.pendingLocalDescription else { return }
    var answer: String?
    do {
      try peer.setRemoteDescription(.offer, offer, at: now)
      answer = try peer.createAnswer()
      try peer.setLocalDescription(.answer, answer ?? "", at: now)
    } catch {}
    take(isFinal ? .answer : .provisionalAnswer, Self.edited(answer ?? offer, by: edits))
  }

  private mutating func takeOffer() {
    let edits = taken()
    if peer.signalingState == .haveRemoteOffer { try? peer.rollBack() }
    guard let offer = try? peer.createOffer() else { return }
    try? peer.setLocalDescription(.offer, offer, at: now)
    take(.offer, Self.edited(offer, by: edits))
  }

  private mutating func takeCandidate() {
    let text = String(decoding: taken(), as: UTF8.self)
    let now = now
    attempt { session throws(NegotiationError) in try session.addRemoteCandidate(text, at: now) }
  }

  private mutating func take(_ kind: DescriptionKind, _ text: String) {
    let now = now
    attempt { session throws(NegotiationError) in
      try session.setRemoteDescription(kind, text, at: now)
    }
  }

  /// A text of the input.
  private mutating func taken() -> [UInt8] {
    guard let high = rest.popFirst(), let low = rest.popFirst() else { return [] }
    let text = rest.prefix(Int(high) << 8 | Int(low))
    rest = rest.dropFirst(text.count)
    return Array(text)
  }

  /// `text` with some bytes replaced: each by a place in two bytes, and the byte; 0 takes a line out.
  private static func edited(_ text: String, by edits: [UInt8]) -> String {
    var bytes = Array(text.utf8)
    var edits = edits[...]
    while let high = edits.popFirst(), let low = edits.popFirst(), let new = edits.popFirst() {
      guard !bytes.isEmpty else { break }
      let place = (Int(high) << 8 | Int(low)) % bytes.count
      if new == 0 {
        let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
        let end = bytes[place...].firstIndex(of: 10) ?? bytes.count - 1
        bytes.removeSubrange(start...end)
      } else {
        bytes[place] = new
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Does what may be refused: then all is as it was.
  private mutating func attempt(_ body: (inout PeerSession) throws(NegotiationError) -> Void) {
    let before = face
    do {
      try body(&session)
    } catch {
      precondition(face == before, "a refused call has changed something: \(error)")
      precondition(!error.description.isEmpty, "a refusal without a sentence")
    }
  }

  private var face: Face {
    Face(
      state: session.signalingState,
      transceivers: session.transceivers,
      descriptions: [
        session.currentLocalDescription, session.pendingLocalDescription,
        session.currentRemoteDescription, session.pendingRemoteDescription,
      ]
    )
  }

  private func check() {
    let placed = session.transceivers.filter { $0.line != nil }
    precondition(Set(placed.map(\.line)).count == placed.count, "two transceivers in one place")
    precondition(Set(placed.map(\.mid)).count == placed.count, "two transceivers of one name")
    precondition(placed.allSatisfy { $0.mid != nil }, "a place without a name")
    precondition(
      (session.pendingLocalDescription != nil || session.pendingRemoteDescription != nil)
        == (session.signalingState != .stable),
      "pending in a stable state"
    )
    for text in [session.currentLocalDescription, session.pendingLocalDescription] {
      guard let text else { continue }
      guard let read = try? SessionDescription(parsing: text) else {
        preconditionFailure("a description of ours cannot be read:\n\(text)")
      }
      precondition(read.description == text, "a description of ours reads back otherwise")
      let numbers = read.media.filter { !$0.isRejected }.map { $0.codecs.map(\.payloadType) }
      precondition(numbers.allSatisfy { Set($0).count == $0.count }, "a payload type twice")
    }
  }
}
