// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import SRTP
public import Wire

extension PeerSession {
  /// Whether a DTLS datagram waits for public-key work: take it with `lendHandshake`.
  public var hasHandshakeWork: Bool {
    security == .held && !inbox.isEmpty
  }

  /// Lends the handshake out so that its slow steps can run on another thread.
  ///
  /// Answers `nil` when there is nothing to work. Until `restoreHandshake`, DTLS datagrams wait and
  /// everything else goes on.
  public mutating func lendHandshake() -> Handshake? {
    guard hasHandshakeWork, let session = dtls.take() else { return nil }
    security = .lent
    return Handshake(session: session, datagrams: inbox.take())
  }

  /// Takes the handshake back and does what it has come to.
  public mutating func restoreHandshake(_ handshake: consuming Handshake, at now: Timestamp) {
    self.now = now
    guard connectionState != .closed else { return }
    inbox.putBack(handshake.datagrams)
    dtls = handshake.release()
    security = .held
    followDTLS()
  }

  /// Starts DTLS as soon as ICE has a valid path, not only on nomination.
  mutating func startHandshake() {
    guard security == .idle, let transport = negotiation.transport, ice.path != nil else {
      return
    }
    do {
      var session = try DTLSSession(
        role: transport.role,
        identity: configuration.identity,
        remoteFingerprints: transport.fingerprints,
        at: now
      )
      session.start(at: now)
      dtls = consume session
      security = .held
    } catch {
      fail(.handshakeBroken)
    }
  }

  /// Carries DTLS's news to SRTP, to SCTP and to the owner.
  mutating func followDTLS() {
    if let counts = dtls?.statistics { handshakeStatistics = counts }
    while let event = dtls?.nextEvent() {
      switch event {
      case .connected(let keys): install(keys)
      case .received(let packet): receiveChannels(packet.span)
      case .closed:
        channels.fail("The peer has closed the connection.", &events, at: now)
        events.append(.closedByPeer)
        close()
      case .failed(let failure):
        fail(failure)
      }
    }
  }

  /// Without DTLS there is no media any more, whatever ICE does from now on.
  private mutating func fail(_ failure: DTLSFailure) {
    security = .ended
    srtpSender = nil
    srtpReceiver = nil
    channels.fail("The secure connection could not be set up.", &events, at: now)
    events.append(.handshakeFailed(failure))
    setConnectionState(.failed)
  }

  /// Keys exist only after DTLS has compared the peer's certificate with the description (S5).
  private mutating func install(_ keys: DTLSKeys) {
    let client = SRTPKeyingMaterial(masterKey: keys.clientKey, masterSalt: keys.clientSalt)
    let server = SRTPKeyingMaterial(masterKey: keys.serverKey, masterSalt: keys.serverSalt)
    let isClient = negotiation.transport?.role == .client
    do {
      srtpSender = try SRTPSender(isClient ? client : server)
      srtpReceiver = try SRTPReceiver(isClient ? server : client)
    } catch {
      return fail(.handshakeBroken)
    }
    updateConnectionState()
    raiseKeyframeRequests()
    startChannels()
  }
}
