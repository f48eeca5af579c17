// SPDX-License-Identifier: Apache-2.0
public import Wire

/// An ICE agent for one component on UDP, of either role (RFC 8445, 7675, 8838, 8863).
///
/// It has no socket and no clock: the caller brings datagrams with the time, calls
/// ``advance(to:)`` at ``deadline``, and fetches what is to be sent and told. Any number of calls may
/// come before fetching. The usual case is a peer that checks us from an address which nobody
/// signalled: its authentic request is answered, checked back, and once that is answered
/// ``path`` says where data goes.
public struct ICEAgent: Sendable {
  /// The limits and times in force.
  public let configuration: ICEConfiguration
  /// Our credentials of this generation.
  public internal(set) var credentials: ICECredentials
  /// Our role; it changes when both sides claim the same one.
  public internal(set) var role: ICERole
  /// Where the connection stands.
  public internal(set) var state = ICEConnectionState.new
  /// Our candidates, in the order in which they were added.
  public var localCandidates: [ICECandidate] { locals.map(\.candidate) }
  /// Where data goes now: the selected pair, before that the best valid one; `nil` without consent.
  public internal(set) var path: Transmit?
  /// What has been counted.
  public internal(set) var statistics = ICEStatistics()
  /// When the peer last proved that it is there, by a request or a response.
  ///
  /// `nil` until it did: a session that stays so may be given up early.
  public internal(set) var lastHeard: Timestamp?

  var random: RandomSource
  let tieBreaker: UInt64
  var clock: Timestamp
  var locals: [ICELocalCandidate] = []
  var remotes: [ICECandidate] = []
  var remoteCredentials: ICECredentials?
  var isRemoteLite = false
  var hasAllRemoteCandidates = false
  var checklist: ICEChecklist
  var transactions = ICETransactionTable()
  var outbox: ICEOutbox
  /// Our password and the peer's as HMAC keys, and the two user names.
  var localKey: [UInt8]
  var remoteKey: [UInt8] = []
  var outgoingUsername: [UInt8] = []
  var incomingUsername: [UInt8] = []
  /// The user name of requests that came before the peer's credentials.
  var earlyUsername: [UInt8]?
  /// How many candidates were learned from requests.
  var learned = 0
  /// No new check before this.
  var nextCheck: Timestamp
  var patienceEnd: Timestamp?
  var selected: Int?
  var current: Int?
  var firstValid: Timestamp?
  var nextConsent: Timestamp?
  /// Since when a consent check on the path has been unanswered.
  var unansweredSince: Timestamp?
  /// When an unanswered consent check is followed by an ordinary one.
  var revival: Timestamp?
  /// A path of the generation before, which carries data until the new one has a valid pair.
  var retained: (path: Transmit, expiry: Timestamp)?
  var told: (state: ICEConnectionState, path: Transmit?, role: ICERole)

  /// Creates an agent with no candidates.
  public init(
    role: ICERole,
    credentials: ICECredentials,
    random: RandomSource,
    configuration: ICEConfiguration = .init(),
    at now: Timestamp
  ) {
    self.role = role
    self.credentials = credentials
    self.configuration = configuration
    self.random = random
    tieBreaker = self.random.next()
    localKey = Array(credentials.password.utf8)
    clock = now
    nextCheck = now
    checklist = ICEChecklist(limit: configuration.maximumPairs)
    outbox = ICEOutbox(limit: configuration.maximumQueuedDatagrams)
    told = (.new, nil, role)
  }

  /// Fires what is due: checks, retransmissions, consent, nomination, patience.
  public mutating func advance(to now: Timestamp) {
    clock = max(clock, now)
    guard state != .closed, state != .failed else { return }
    resendChecks()
    expireConsent()
    sendConsent()
    nominate()
    sendChecks()
    refreshState()
  }

  /// When to call ``advance(to:)`` next.
  ///
  /// It may lie in the past; `nil`: not until something happens.
  public var deadline: Timestamp? {
    guard state != .closed, state != .failed else { return nil }
    var next = transactions.deadline.earlier(consentDeadline).earlier(nominationDeadline)
    if hasCheckToSend { next = next.earlier(nextCheck) }
    if path == nil { next = next.earlier(patienceDeadline) }
    return next.earlier(retained?.expiry)
  }

  /// Writes the next datagram into `slot` and says where it goes; `nil` when there is none.
  ///
  /// Datagrams have at most 620 bytes, about 100 in practice; one that does not fit is dropped
  /// and counted.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Transmit? {
    while let (datagram, path) = outbox.next() {
      guard datagram.count <= slot.freeCapacity else {
        statistics.unsent += 1
        continue
      }
      for byte in datagram { slot.append(byte) }
      return path
    }
    return nil
  }

  /// What has changed since the last call, newest values only: role, then path, then state.
  ///
  /// A path that is lost shows in the state alone.
  public mutating func nextEvent() -> ICEEvent? {
    if told.role != role {
      told.role = role
      return .roleChanged(role)
    }
    if told.path != path {
      told.path = path
      if let path { return .pathChanged(path) }
    }
    if told.state != state {
      told.state = state
      return .stateChanged(state)
    }
    return nil
  }

  /// Ends the session: nothing is sent or answered any more.
  public mutating func close() {
    forgetGeneration()
    retained = nil
    path = nil
    state = .closed
  }

  /// Whether a datagram that is not STUN may come from `remote` to `local`.
  ///
  /// True once an authenticated check of either direction went through between the two: a request
  /// proves that its sender knows our password, and a peer may send DTLS as soon as we have
  /// answered it, before our own check is back. Sending, on the other hand, needs a valid response.
  public func accepts(from remote: SocketAddress, to local: SocketAddress) -> Bool {
    let way = Transmit(from: Self.plain(local), to: Self.plain(remote))
    guard way != path else { return true }
    guard retained?.path != way else { return true }
    return checklist.pair(from: way.source, to: way.destination)?.isAuthenticated == true
  }

  /// The smoothed round-trip time of the path, once measured.
  public var roundTripTime: Duration? {
    current.flatMap { checklist[$0]?.roundTripTime }
  }

  /// The address with an IPv4 one taken out of its IPv6 wrapping.
  static func plain(_ address: SocketAddress) -> SocketAddress {
    SocketAddress(address.ip.unmapped, port: address.port)
  }
}

/// Who decides which pair is used (RFC 8445 section 6.1.1).
public enum ICERole: Hashable, Sendable {
  /// The agent nominates: as a rule the one that made the offer.
  case controlling
  /// The agent follows.
  case controlled
}

/// Where the connection stands, in the words of the W3C.
public enum ICEConnectionState: Hashable, Sendable {
  /// The peer's credentials are not known.
  case new
  /// No pair is valid yet.
  case checking
  /// Data can be sent; better pairs may follow.
  case connected
  /// A pair is selected, nothing is left to check, and no more remote candidates will come.
  case completed
  /// Data is still sent, but the peer has been silent for five seconds.
  case disconnected
  /// No pair works or consent is lost: only new credentials help.
  case failed
  /// The session was closed.
  case closed
}

/// What an agent tells its caller.
public enum ICEEvent: Hashable, Sendable {
  /// The role was changed to settle a conflict.
  case roleChanged(ICERole)
  /// Data goes this way now.
  case pathChanged(Transmit)
  /// The connection stands elsewhere.
  case stateChanged(ICEConnectionState)
}
