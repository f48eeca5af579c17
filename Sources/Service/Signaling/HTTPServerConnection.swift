// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import TLS
internal import Wire

/// One connection: bytes to the HTTP core, perhaps by TLS, requests to the responder, answers back.
final class HTTPServerConnection: @unchecked Sendable {
  /// How long the last bytes of a connection may wait for a client that does not read.
  private static let closingTime = Duration.seconds(10)

  /// How long finding a certificate may take.
  private static let certificateTime = Duration.seconds(10)
  /// What TLS begins with, and no method of HTTP: a record of its handshake (RFC 8446 section 5.1).
  private static let handshakeRecord: UInt8 = 22

  let loop: EventLoop
  /// What the bytes go through: the socket, or TLS over it.
  private(set) var stream: any ByteStream
  private let socket: TCPConnection
  private let responder: any HTTPResponder
  let counters: HTTPCounters
  private let limits: HTTPLimits
  private let certificates: (any TLSCredentialsSource)?
  private let turns: HandshakeTurns
  var core: HTTPConnection
  /// What the connection has become.
  var channel: WebSocketChannel?
  /// Called for each request of somebody who may be here.
  var onAuthorized: () -> Void = {}
  private var timer: TimerID?
  private var onEnd: () -> Void = {}
  private var isSettling = false
  /// Whether the core has refused something by itself, which is counted once.
  private var isRefused = false
  private var isClosing = false
  private(set) var isClosed = false
  private var hasBegun = false
  /// Whether TLS has been begun, and whether its handshake is not over.
  private var isSecure = false
  private var isAgreeing = false

  init(
    _ socket: TCPConnection,
    on loop: EventLoop,
    responder: any HTTPResponder,
    counters: HTTPCounters,
    limits: HTTPLimits,
    certificates: (any TLSCredentialsSource)?,
    turns: HandshakeTurns
  ) {
    self.socket = socket
    stream = socket
    self.loop = loop
    self.responder = responder
    self.counters = counters
    self.limits = limits
    self.certificates = certificates
    self.turns = turns
    core = HTTPConnection(limits: limits, at: loop.now)
  }

  func start(onEnd: @escaping () -> Void) {
    self.onEnd = onEnd
    listen()
    settle()
  }

  private func listen() {
    stream.onReceive = { [weak self] bytes in self?.receive(bytes) }
    stream.onEnd = { [weak self] in self?.ended() }
    stream.onClose = { [weak self] _ in self?.close() }
    stream.fill = { [weak self] slot in self?.fill(&slot) ?? false }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    if let timer { loop.cancel(timer) }
    timer = nil
    if let channel {
      if channel.hasFailed { counters.webSocketsFailed &+= 1 }
      channel.stop()
    } else {
      stream.close()
    }
    onEnd()
  }

  private func receive(_ bytes: Span<UInt8>) {
    if !hasBegun, let certificates, !bytes.isEmpty, bytes[0] == Self.handshakeRecord {
      return secure(by: certificates, [UInt8](bytes))
    }
    hasBegun = true
    core.receive(bytes, at: loop.now)
    settle()
  }

  /// Begins TLS, with what the client has sent already.
  private func secure(by certificates: any TLSCredentialsSource, _ first: [UInt8]) {
    hasBegun = true
    isAgreeing = true
    isSecure = true
    // The end is seen when reading goes on.
    stream.pauseReading(true)
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + Self.certificateTime) { [weak self] in self?.close() }
    Task { [self] in
      let credentials = await certificates.credentials()
      loop.post { self.agree(by: credentials, first) }
    }
  }

  private func agree(by credentials: TLSCredentials?, _ first: [UInt8]) {
    guard !isClosed else { return }
    guard let credentials else { return close() }
    if let timer { loop.cancel(timer) }
    timer = nil
    let session = TLSSession(server: credentials, at: loop.now)
    let stream = TLSStream(socket, session, turns: turns)
    stream.onConnect = { [weak self] in self?.agreed() }
    stream.onFailure = { [weak self] _ in self?.counters.handshakesFailed &+= 1 }
    stream.onClose = { [weak self] _ in self?.close() }
    self.stream = stream
    stream.start(first)
  }

  /// HTTP begins, and its deadlines with it.
  private func agreed() {
    counters.handshakes &+= 1
    isAgreeing = false
    core = HTTPConnection(limits: limits, at: loop.now)
    listen()
    settle()
  }

  private func ended() {
    core.peerClosed()
    settle()
  }

  /// Gives the socket what is to be sent, on its own accord too when the client has read at last.
  ///
  /// With the last byte of an answer the core may come to the next request, or to its end.
  private func fill(_ slot: inout OutputSpan<UInt8>) -> Bool {
    let hasMore = core.nextTransmit(into: &slot)
    if hasMore, !core.hasOutput, !isSettling { loop.post { [weak self] in self?.settle() } }
    return hasMore
  }

  /// Events and output in turn until neither is left: one may bring forth the other.
  ///
  /// Writing may find out that the client is gone, which ends this connection at once.
  private func settle() {
    guard channel == nil, !isClosing, !isClosed, !isAgreeing else { return }
    if !isRefused, let status = core.statistics.refusalStatus {
      isRefused = true
      counters.count(status: status)
    }
    isSettling = true
    defer { isSettling = false }
    var event = core.nextEvent()
    repeat {
      while let next = event {
        switch next {
        case .request(let request): answer(request)
        case .stopSending: stream.finishWriting()
        case .close: return closeAfterFlush()
        }
        event = core.nextEvent()
      }
      stream.flush()
      event = core.nextEvent()
    } while !isClosed && (event != nil || !stream.isBlocked && core.hasOutput)
    guard !isClosed else { return }
    stream.pauseReading(!core.canReceive)
    rearm()
  }

  private func closeAfterFlush() {
    isClosing = true
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + Self.closingTime) { [weak self] in self?.close() }
    stream.closeAfterFlush()
  }

  private func answer(_ asked: HTTPRequest) {
    var request = asked
    request.isSecure = isSecure
    Task { [self, request] in
      if await responder.authorizes(request) { loop.post { self.onAuthorized() } }
      if WebSocketHandshake.isAsked(by: request),
        let acceptance = await responder.webSocket(for: request)
      {
        loop.post { self.open(acceptance, for: request) }
        return
      }
      let response = await responder.respond(to: request)
      loop.post { self.finish(response) }
    }
  }

  func finish(_ response: HTTPResponse) {
    counters.count(status: response.status)
    guard !isClosed else { return }
    core.respond(response, at: loop.now)
    settle()
  }

  func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard !isClosed, channel == nil, let deadline = core.deadline else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      guard let self else { return }
      timer = nil
      core.advance(to: loop.now)
      settle()
    }
  }
}
