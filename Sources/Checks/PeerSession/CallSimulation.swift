// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import MediaTypes
internal import PeerSession
internal import SDP
internal import Wire

/// Two sessions that call one another on a virtual clock, joined by two links and a signalling channel.
struct CallSimulation: ~Copyable {
  /// Which end.
  enum Side: CaseIterable {
    case caller
    case callee

    var other: Side { self == .caller ? .callee : .caller }
  }

  /// What the signalling channel carries, in order, each some time under way.
  private enum Message {
    case offer(String)
    case answer(String)
    case candidate(String)
  }

  private struct Letter {
    var due: Timestamp
    var receiver: Side
    var message: Message
  }

  private(set) var now = Timestamp(nanoseconds: 1_000_000_000)
  var caller: CallPeer
  var callee: CallPeer
  /// Rewrites each offer under way.
  var rewritesOffer: ((String) -> String)?
  /// Whether either end negotiates by itself, as the W3C's perfect negotiation does.
  var isPerfect = false
  /// Whether candidates travel by themselves, or inside descriptions.
  let trickles: Bool
  /// Whether media is sent.
  var hasMedia = true
  /// The longest way of a signalling message.
  var signalingDelay = Duration.milliseconds(20)
  /// Candidates that an end could not take.
  private(set) var refusedCandidates = 0
  private var random: RandomSource
  private var letters: [Letter] = []
  private var nextMedia: Timestamp

  init(seed: UInt64, weather: Link.Weather = Link.Weather(), trickles: Bool = true) {
    var random = RandomSource.seeded(seed)
    caller = CallPeer(
      CameraSimulation.cameraIdentity,
      at: CameraSimulation.cameraAddress,
      isPolite: false,
      weather: weather,
      random: random.fork(),
      now: now
    )
    callee = CallPeer(
      CameraSimulation.viewerIdentity,
      at: CameraSimulation.viewerAddress,
      isPolite: true,
      weather: weather,
      random: random.fork(),
      now: now
    )
    self.trickles = trickles
    self.random = random
    nextMedia = now
  }

  subscript(side: Side) -> CallPeer {
    _read {
      switch side {
      case .caller: yield caller
      case .callee: yield callee
      }
    }
    _modify {
      switch side {
      case .caller: yield &caller
      case .callee: yield &callee
      }
    }
  }

  // MARK: Negotiation

  /// Adds a transceiver that sends a track of its own, and receives unless it is said otherwise.
  mutating func add(
    _ name: String,
    to side: Side,
    _ kind: MediaKind = .video,
    _ direction: MediaDirection = .sendrecv,
    isForAnyLine: Bool = true
  ) throws -> Transceiver.ID {
    let id = self[side].session.addTransceiver(
      kind,
      direction: direction,
      outgoing: direction.sends ? CallPeer.track(name, kind) : nil,
      isForAnyLine: isForAnyLine
    )
    guard let id else { throw CheckFailure(description: "no transceiver for \(name)") }
    return id
  }

  /// Offers; the other end does not hear of it yet.
  mutating func offer(from side: Side) throws -> String {
    let text = try describe(.offer, at: side)
    gather(side)
    let whole = trickles ? text : self[side].session.localDescription ?? ""
    return rewritesOffer?(whole) ?? whole
  }

  /// Takes an offer and answers it.
  mutating func answer(
    _ offer: String,
    at side: Side,
    _ kind: DescriptionKind = .answer
  ) throws -> String {
    try self[side].session.setRemoteDescription(.offer, offer, at: now)
    return try answerAgain(at: side, kind)
  }

  /// Answers the offer that was taken last.
  mutating func answerAgain(at side: Side, _ kind: DescriptionKind) throws -> String {
    let text = try describe(kind, at: side)
    gather(side)
    return trickles ? text : self[side].session.localDescription ?? ""
  }

  private mutating func describe(_ kind: DescriptionKind, at side: Side) throws -> String {
    let text =
      kind == .offer
      ? try self[side].session.createOffer() : try self[side].session.createAnswer()
    try self[side].session.setLocalDescription(kind, text, at: now)
    return text
  }

  /// Takes an answer; after a restart of ICE candidates are gathered anew.
  mutating func conclude(
    _ answer: String,
    at side: Side,
    _ kind: DescriptionKind = .answer
  ) throws {
    try self[side].session.setRemoteDescription(kind, answer, at: now)
    gather(side)
    drain()
  }

  /// One whole exchange, at once.
  mutating func negotiate(from side: Side) throws {
    let offered = try offer(from: side)
    let answered = try answer(offered, at: side.other)
    try conclude(answered, at: side)
  }

  /// Offers its address as a candidate, once for each generation of ICE.
  private mutating func gather(_ side: Side) {
    let fragment = self[side].session.usernameFragment
    guard self[side].gathered != fragment else { return }
    self[side].gathered = fragment
    let address = self[side].address
    let text = self[side].session.addLocalCandidate(host: address)
    self[side].session.endOfLocalCandidates()
    guard let text, trickles else { return }
    post(.candidate(text), to: side.other)
    post(.candidate(""), to: side.other)
  }

  private mutating func post(_ message: Message, to receiver: Side) {
    let delay = Int64.random(in: 0...signalingDelay.inNanoseconds, using: &random)
    let last = letters.last { $0.receiver == receiver }?.due ?? now
    letters.append(
      Letter(due: max(last, now + .nanoseconds(delay)), receiver: receiver, message: message)
    )
  }

  /// What an end does with a message: the example of W3C webrtc-pc section 10.7, to the letter.
  private mutating func take(_ message: Message, at side: Side) throws {
    guard self[side].session.state != .closed else { return }
    switch message {
    case .offer(let text):
      let collides = self[side].session.signalingState != .stable
      self[side].ignoresOffer = collides && !self[side].isPolite
      if self[side].ignoresOffer { return }
      try self[side].session.setRemoteDescription(.offer, text, at: now)
      post(.answer(try describe(.answer, at: side)), to: side.other)
      gather(side)
    case .answer(let text):
      try conclude(text, at: side)
    case .candidate(let text):
      do {
        try self[side].session.addRemoteCandidate(text, at: now)
      } catch {
        if !self[side].ignoresOffer { refusedCandidates += 1 }
      }
    }
  }

  private mutating func negotiateWhatIsNeeded() throws {
    guard isPerfect else { return }
    for side in Side.allCases
    where self[side].session.signalingState == .stable && self[side].session.needsNegotiation
      && self[side].session.state != .closed
    {
      post(.offer(try describe(.offer, at: side)), to: side.other)
      gather(side)
    }
  }

  // MARK: Running

  /// Runs for a while, or until `stop` says so.
  mutating func run(
    for length: Duration,
    until stop: (borrowing CallSimulation) -> Bool = { _ in false }
  ) throws {
    let end = now + length
    try negotiateWhatIsNeeded()
    drain()
    while now < end, !stop(self) {
      var next = caller.session.deadline.earlier(callee.session.deadline)
        .earlier(caller.link.deadline).earlier(callee.link.deadline)
        .earlier(letters.map(\.due).min())
      if hasMedia { next = next.earlier(nextMedia) }
      if let time = next, time <= now { next = now + .microseconds(100) }
      guard let next, next < end else {
        now = end
        return
      }
      now = next
      try step()
      drain()
    }
  }

  /// Runs until what was sent has come, then compares: each end's media, unchanged and in order.
  ///
  /// Answers how many pieces came, and how many did not.
  mutating func settle() throws -> (arrived: Int, lost: Int) {
    hasMedia = false
    try run(for: .seconds(1))
    hasMedia = true
    nextMedia = now
    var arrived = 0
    var lost = 0
    for side in Side.allCases {
      let heard = self[side].received
      let said = self[side.other].sent
      for (mid, sums) in heard {
        var rest = (said[mid] ?? [])[...]
        for sum in sums {
          guard let index = rest.firstIndex(of: sum) else {
            throw CheckFailure(description: "\(side): \(mid) has what was never sent, or not then")
          }
          rest = rest[(index + 1)...]
        }
        arrived += sums.count
      }
      for (mid, sums) in said { lost += sums.count - (heard[mid]?.count ?? 0) }
    }
    caller.clearLedger()
    callee.clearLedger()
    return (arrived, lost)
  }

  /// Sends what both ends have to send.
  mutating func drain() {
    for side in Side.allCases {
      let instant = now
      self[side].follow(at: instant)
      var transmit: Transmit?
      while true {
        let bytes = [UInt8](writing: {
          transmit = self[side].session.nextTransmit(into: &$0)
          return transmit != nil
        })
        guard let bytes, let transmit else { break }
        self[side].link.send(bytes, tag: transmit, at: instant)
      }
    }
  }

  private mutating func step() throws {
    while let index = letters.firstIndex(where: { $0.due <= now }) {
      let letter = letters.remove(at: index)
      try take(letter.message, at: letter.receiver)
    }
    try negotiateWhatIsNeeded()
    let instant = now
    for side in Side.allCases {
      while let (bytes, tag) = self[side].link.receive(at: instant) {
        self[side.other].session.receive(
          bytes.span,
          from: tag.source,
          to: tag.destination,
          at: instant
        )
      }
      self[side].session.advance(to: instant)
    }
    guard hasMedia, nextMedia <= now else { return }
    nextMedia = now + .milliseconds(40)
    for side in Side.allCases { self[side].sendMedia(at: instant) }
  }

  // MARK: What holds in the end

  /// Whether both ends are connected.
  var isConnected: Bool {
    caller.session.state == .connected && callee.session.state == .connected
  }

  /// Throws unless both ends are stable with the same m-lines, each the mirror of the other.
  func expectAgreement(_ what: String) throws {
    try expectEqual(caller.session.signalingState, .stable, "\(what): caller")
    try expectEqual(callee.session.signalingState, .stable, "\(what): callee")
    let ours = caller.session.transceivers.filter { $0.line != nil }.sorted {
      $0.mid ?? "" < $1.mid ?? ""
    }
    let theirs = callee.session.transceivers.filter { $0.line != nil }.sorted {
      $0.mid ?? "" < $1.mid ?? ""
    }
    try expectEqual(ours.map(\.mid), theirs.map(\.mid), "\(what): mids")
    try expectEqual(ours.map(\.line), theirs.map(\.line), "\(what): places")
    try expectEqual(ours.map(\.kind), theirs.map(\.kind), "\(what): kinds")
    try expectEqual(
      ours.map(\.currentDirection),
      theirs.map { $0.currentDirection?.reversed },
      "\(what): directions"
    )
    for side in Side.allCases {
      try expectEqual(self[side].failures, [], "\(what): failures of the \(side)")
    }
  }
}
