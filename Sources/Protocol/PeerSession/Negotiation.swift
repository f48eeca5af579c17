// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
internal import SDP
internal import Wire

/// The exchange of descriptions, in either role (RFC 9429, RFC 3264).
///
/// One transport carries everything (BUNDLE, rtcp-mux); an m-line that we do not serve is answered
/// with port 0 in its place. The file is split: `+Offer` and `+Answer` make descriptions, `+Apply`
/// puts them in force.
struct Negotiation: Sendable {
  /// What an answer of either side decided.
  struct Decision: Sendable {
    var media: [AgreedMedia]
    /// What is agreed for data channels; `nil` where there are none.
    var data: AgreedData?
    /// The peer's transport that carries it all; `nil` where everything is rejected.
    var transport: RemoteTransport?
  }

  /// A description that we made and have not applied yet.
  struct Draft: Sendable {
    var description: SessionDescription
    /// What it decides; `nil` for an offer.
    var decision: Decision?
    /// The credentials in it.
    var credentials: ICECredentials
    /// Whether it is an offer that restarts ICE.
    var restartsICE = false
  }

  /// What is undone by a rollback.
  struct Placement: Sendable {
    var mid: String?
    var line: Int?
    var incoming: MediaDescription.StreamIdentifiers
    var isRemoteSending: Bool
  }

  /// M-lines of a description, and so transceivers with one, at most; as many as SDP may hold.
  static let maximumTransceivers = SDPLimits.mediaSections

  var state = SignalingState.stable
  var transceivers: [Transceiver] = []
  var currentLocal: SessionDescription?
  var pendingLocal: SessionDescription?
  var currentRemote: SessionDescription?
  var pendingRemote: SessionDescription?
  /// Whether the exchange that came to the current descriptions began with our offer.
  var wasOfferer = false
  var draftOffer: Draft?
  var draftAnswer: Draft?
  /// The names that the m-lines of our draft have given to transceivers without one.
  var draftMids: [Transceiver.ID: String] = [:]
  /// The name that our draft has given to the m-line of the data channels.
  var draftDataMid: String?
  /// Where each transceiver stood when the exchange began.
  var placements: [Transceiver.ID: Placement] = [:]
  /// The m-line of the data channels.
  var data = DataSection()
  /// The same when the exchange began.
  var dataPlacement = DataSection()
  /// The peer's transport in force: that of the last answer that was applied.
  var transport: RemoteTransport?
  /// What the last answer came to.
  var agreed: [AgreedMedia] = []
  /// What it came to for data channels.
  var agreedData: AgreedData?
  var rejections: [String] = []
  /// M-lines of the peer's offer that have no name of their own, and so have none in the answer.
  var unnamed: Set<Int> = []
  /// Whether every offer is to have new ICE credentials until one is answered.
  var wantsRestart = false
  /// The credentials of our offer, where it restarts ICE.
  var restart: ICECredentials?
  /// Candidates of the peer that came before its offer was answered.
  private var early: [String] = []
  /// Candidates of ours, as in `a=candidate`; they outlive one answer.
  var localCandidates: [String] = []
  /// Whether no more candidates of ours will come.
  var hasAllLocalCandidates = false
  let canonicalName: String
  var random: RandomSource
  private let sessionID: UInt64
  private var version: UInt64 = 1
  private var nextID = 0
  private var nextMid = 0

  init(random: RandomSource) {
    self.random = random
    canonicalName = self.random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    sessionID = self.random.next() >> 2
  }

  /// The origin of the next description.
  mutating func nextOrigin() -> SessionDescription.Origin {
    defer { version &+= 1 }
    return SessionDescription.Origin(sessionID: "\(sessionID)", version: version)
  }

  /// A name for a new m-line that no other m-line of either side has.
  mutating func makeMid(besides offer: SessionDescription? = nil) -> String {
    let descriptions = [currentLocal, pendingLocal, currentRemote, pendingRemote, offer]
    let taken = Set(
      descriptions.compactMap { $0?.media.compactMap(\.mid) }.joined()
        + transceivers.compactMap(\.mid) + [data.mid, draftDataMid].compactMap { $0 }
    )
    while taken.contains("\(nextMid)") { nextMid += 1 }
    defer { nextMid += 1 }
    return "\(nextMid)"
  }

  /// Adds a transceiver; `nil` when there are as many as a description can hold.
  mutating func add(
    _ kind: MediaKind,
    direction: MediaDirection,
    outgoing: OutgoingTrack? = nil,
    isForAnyLine: Bool = false,
    isOfPeer: Bool = false
  ) -> Transceiver.ID? {
    guard transceivers.count < Self.maximumTransceivers else { return nil }
    let id = nextID
    nextID += 1
    transceivers.append(
      Transceiver(
        id: id,
        kind: kind,
        direction: direction,
        outgoing: outgoing,
        streamIDs: outgoing?.streamIDs ?? [],
        isForAnyLine: isForAnyLine,
        isOfPeer: isOfPeer,
        ssrc: .random(using: &random),
        retransmissionSSRC: .random(using: &random)
      )
    )
    return id
  }

  /// Keeps a candidate of the peer until its offer is answered; more than ICE takes are of no use.
  mutating func keepEarlyCandidate(_ text: String) {
    if early.count < 100 { early.append(text) }
  }

  mutating func takeEarlyCandidates() -> [String] {
    defer { early = [] }
    return early
  }

  /// Forgets the candidates of an offer that was taken back.
  mutating func forgetEarlyCandidates() {
    early = []
  }

  /// The index of the transceiver on the m-line `line`.
  func transceiver(on line: Int) -> Int? {
    transceivers.firstIndex { $0.line == line && !$0.isStopped }
  }

  /// Our description that speaks last, with our candidates in the m-line that stands for the bundle.
  var localDescription: SessionDescription? { withCandidates(pendingLocal ?? currentLocal) }

  /// The peer's description that speaks last.
  var remote: SessionDescription? { pendingRemote ?? currentRemote }

  /// `description` with our candidates in the m-line that stands for the bundle.
  func withCandidates(_ description: SessionDescription?) -> SessionDescription? {
    guard var description else { return nil }
    if let index = Self.tagged(description) {
      description.media[index].candidates = localCandidates
      description.media[index].isEndOfCandidates = hasAllLocalCandidates
    }
    return description
  }

  /// The m-line whose transport stands for the bundle.
  static func tagged(_ description: SessionDescription) -> Int? {
    let mid = description.bundleGroups.first?.first
    return description.media.firstIndex { line in
      !line.isRejected && (mid == nil || line.mid == mid)
    }
  }

  /// Whether an exchange would change something (W3C webrtc-pc section 4.7.3).
  var isNeeded: Bool {
    guard state == .stable else { return false }
    if wantsRestart || isDataNeeded { return true }
    return transceivers.contains { transceiver in
      if transceiver.isStopped { return false }
      guard !transceiver.isStopping, let index = transceiver.line,
        let local = currentLocal, let remote = currentRemote,
        local.media.indices.contains(index), remote.media.indices.contains(index)
      else { return transceiver.isLive || transceiver.line != nil }
      let line = local.media[index]
      let theirs = remote.effective(remote.media[index]).direction.reversed
      if transceiver.direction.sends, line.direction.sends,
        line.streamIdentifiers.streamIDs != transceiver.streamIDs
      {
        return true
      }
      if wasOfferer {
        return transceiver.direction != line.direction && transceiver.direction != theirs
      }
      let answered = MediaDirection(
        sends: transceiver.direction.sends && theirs.sends,
        receives: transceiver.direction.receives && theirs.receives
      )
      return line.direction != answered
    }
  }
}
