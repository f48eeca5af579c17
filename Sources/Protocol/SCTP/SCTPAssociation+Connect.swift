// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The handshake (RFC 9260 sections 5.1 and 5.2).
extension SCTPAssociation {
  /// Sends INIT.
  ///
  /// Both sides of WebRTC call it as soon as DTLS stands: crossing INITs are normal.
  public mutating func connect(at now: Timestamp) {
    clock = max(clock, now)
    guard case .closed = phase else { return }
    let offer = makeOffer()
    phase = .cookieWait(offer)
    timers.handshake = Timers.Repetition(at: clock, interval: configuration.initialTimeout)
    sendAlone(offer.bytes(.initiation), tag: .zero)
  }

  /// A new INIT of ours.
  func offer(_ tag: VerificationTag, _ initial: TSN) -> InitiationChunk {
    var capabilities: Capabilities = [.partialReliability, .reconfiguration]
    if configuration.offersInterleaving { capabilities.insert(.interleaving) }
    if configuration.acceptsZeroChecksum { capabilities.insert(.zeroChecksum) }
    return InitiationChunk(
      tag: tag,
      window: UInt32(clamping: configuration.maximumReceiveBuffer),
      outgoingStreams: configuration.streams,
      incomingStreams: configuration.streams,
      initialTSN: initial,
      capabilities: capabilities
    )
  }

  private mutating func makeOffer() -> InitiationChunk {
    let tag = VerificationTag.random(using: &random)
    let initial = configuration.initialTSN ?? .random(in: 0...UInt32.max, using: &random)
    return offer(tag, TSN(rawValue: initial))
  }

  /// INIT → INIT ACK, for which nothing is kept.
  mutating func receiveInitiation(_ value: Span<UInt8>) {
    guard let chunk = InitiationChunk.parse(value) else {
      counts.dropped.malformed += 1
      return
    }
    let offer: InitiationChunk
    var tieTags = StateCookie.TieTags.none
    switch phase {
    case .closed:
      offer = makeOffer()
    case .cookieWait(let ours):
      offer = ours
    case .cookieEchoed(let ours, _):
      offer = ours
      if let agreement { tieTags = .init(local: agreement.localTag, peer: agreement.peerTag) }
    case .established, .shutdownPending, .shutdownSent, .shutdownReceived:
      offer = makeOffer()
      if let agreement { tieTags = .init(local: agreement.localTag, peer: agreement.peerTag) }
    case .shutdownAcknowledged:
      // The peer has ended the old one and our answer is lost (RFC 9260 section 9.2).
      outbox.append(chunk: .chunk(.shutdownAcknowledgement))
      return
    case .ended:
      counts.dropped.unexpected += 1
      return
    }
    guard chunk.outgoingStreams > 0, chunk.incomingStreams > 0, !chunk.hasHostName else {
      let cause: ErrorCause = chunk.hasHostName ? .unresolvableAddress : .invalidParameter
      sendAlone(.chunk(.abort, cause.bytes()), tag: chunk.tag)
      return
    }
    let cookie = StateCookie(
      created: clock,
      tieTags: tieTags,
      agreement: Agreement(offer: offer, peer: chunk)
    )
    var answer = offer
    answer.cookie = cookie.bytes(key: secret)
    answer.unrecognized = chunk.unrecognized
    sendAlone(answer.bytes(.initiationAcknowledgement), tag: chunk.tag)
  }

  /// INIT ACK → COOKIE ECHO.
  mutating func receiveInitiationAcknowledgement(_ value: Span<UInt8>) {
    guard case .cookieWait(let offer) = phase else {
      counts.dropped.unexpected += 1
      return
    }
    guard let chunk = InitiationChunk.parse(value) else {
      counts.dropped.malformed += 1
      return
    }
    guard let cookie = chunk.cookie, chunk.outgoingStreams > 0, chunk.incomingStreams > 0 else {
      // Parameter 7 is the one that is missing (RFC 9260 section 3.3.10.2).
      let cause = ErrorCause.missingParameter.bytes([0, 0, 0, 1, 0, 7])
      sendAlone(.chunk(.abort, cause), tag: chunk.tag)
      end(.protocolViolation("INIT ACK without a cookie or without streams"))
      return
    }
    adopt(Agreement(offer: offer, peer: chunk))
    var chunks = [UInt8].chunk(.cookieEcho, cookie)
    if !chunk.unrecognized.isEmpty {
      chunks.append(chunk: .error, ErrorCause.unrecognizedParameters.bytes(chunk.unrecognized))
    }
    phase = .cookieEchoed(offer, packet: chunks)
    timers.handshake = Timers.Repetition(at: clock, interval: configuration.initialTimeout)
    sendAlone(chunks, tag: chunk.tag)
  }

  /// COOKIE ECHO → COOKIE ACK; `false` when what follows in the packet is to be left.
  mutating func receiveCookieEcho(_ value: Span<UInt8>, tag: VerificationTag) -> Bool {
    guard let cookie = StateCookie.parse(value, key: secret), cookie.agreement.localTag == tag,
      !events.isCrowded, phase != .ended
    else {
      counts.dropped.tag += 1
      return false
    }
    switch resolve(cookie) {
    case .new:
      guard !isStale(cookie) else { return false }
      adopt(cookie.agreement)
      establish()
    case .restart:
      guard !isStale(cookie) else { return false }
      guard phase != .shutdownAcknowledged else {
        outbox.append(chunk: .chunk(.shutdownAcknowledgement))
        outbox.append(chunk: .chunk(.error, ErrorCause.cookieWhileShuttingDown.bytes()))
        return false
      }
      restart(cookie.agreement)
    case .duplicate:
      break
    case .foreign:
      counts.dropped.tag += 1
      return false
    }
    outbox.append(chunk: .chunk(.cookieAcknowledgement))
    return true
  }

  /// COOKIE ACK.
  mutating func receiveCookieAcknowledgement() {
    guard case .cookieEchoed = phase else { return }
    establish()
  }

  /// What a cookie is to us (RFC 9260 section 5.2.4).
  private enum CookieMeaning {
    /// No association stands, or it does not stand yet: case B, case D and the usual case.
    case new
    /// Case A: the peer has forgotten the association.
    case restart
    /// Case D: our COOKIE ACK was lost.
    case duplicate
    /// Case C: it belongs to an association that is gone.
    case foreign
  }

  private func resolve(_ cookie: StateCookie) -> CookieMeaning {
    let isLocal: Bool
    switch phase {
    case .closed:
      return .new
    case .ended:
      return .foreign
    case .cookieWait(let offer):
      return cookie.agreement.localTag == offer.tag ? .new : .foreign
    case .cookieEchoed(let offer, _):
      isLocal = cookie.agreement.localTag == offer.tag
      if isLocal { return .new }
    default:
      isLocal = cookie.agreement.localTag == agreement?.localTag
    }
    let isPeer = cookie.agreement.peerTag == agreement?.peerTag
    if isLocal, isPeer { return .duplicate }
    let ours = agreement.map { StateCookie.TieTags(local: $0.localTag, peer: $0.peerTag) }
    return !isLocal && !isPeer && cookie.tieTags == ours ? .restart : .foreign
  }

  /// Whether a cookie is too old; then the peer is told by how much.
  private mutating func isStale(_ cookie: StateCookie) -> Bool {
    let age = clock - cookie.created
    guard age > configuration.cookieLifetime else { return false }
    var staleness: [UInt8] = []
    let excess = (age - configuration.cookieLifetime).inNanoseconds / 1000
    staleness.append(bigEndian: UInt32(clamping: excess))
    let cause = ErrorCause.staleCookie.bytes(staleness)
    sendAlone(.chunk(.error, cause), tag: cookie.agreement.peerTag)
    counts.dropped.tag += 1
    return true
  }

  /// Our cookie was too old for the peer: the handshake begins anew (RFC 9260 section 5.2.6).
  mutating func receiveStaleCookie() {
    guard case .cookieEchoed(let offer, _) = phase else { return }
    agreement = nil
    phase = .cookieWait(offer)
    timers.handshake?.again(at: clock, maximum: configuration.maximumTimeout)
    sendAlone(offer.bytes(.initiation), tag: .zero)
  }

  /// Begins with what both sides have said.
  private mutating func adopt(_ agreement: Agreement) {
    self.agreement = agreement
    outstanding = OutstandingData(initial: agreement.localTSN)
    congestion = CongestionWindow(packet: configuration.maximumPacket)
    advertisedWindow = Int(agreement.peerWindow)
    peerWindow = advertisedWindow
    needsForwardTSN = false
    forwarded = nil
    received = ReceivedTSNs(initial: agreement.peerTSN)
    reassembly = Reassembly(
      initial: agreement.peerTSN,
      maximumMessage: configuration.maximumReceivedMessage
    )
    acknowledgement = Acknowledgement()
    resets.begin(
      local: ReconfigurationNumber(rawValue: agreement.localTSN.rawValue),
      peer: ReconfigurationNumber(rawValue: agreement.peerTSN.rawValue)
    )
    queue.isInterleaved = agreement.capabilities.contains(.interleaving)
  }

  private mutating func establish() {
    phase = .established
    timers.handshake = nil
    silence = 0
    queue.removeStreams(from: agreement?.outgoingStreams ?? 0)
    scheduleHeartbeat()
    events.append(.connected)
  }

  /// Case A: the peer began anew; what was under way is lost on both sides.
  private mutating func restart(_ agreement: Agreement) {
    let isShuttingDown = phase != .established && state == .shuttingDown
    queue = SendQueue()
    resets = StreamResets(
      local: ReconfigurationNumber(rawValue: 0),
      peer: ReconfigurationNumber(rawValue: 0)
    )
    outbox.removeChunks()
    timers = Timers()
    heartbeat = nil
    adopt(agreement)
    phase = isShuttingDown ? .shutdownPending : .established
    silence = 0
    scheduleHeartbeat()
    events.append(.restarted)
  }
}
