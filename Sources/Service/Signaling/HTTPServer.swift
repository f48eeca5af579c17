// SPDX-License-Identifier: Apache-2.0
public import EventLoop
public import HTTP
public import Wire

/// What answers a request, on the loop.
public protocol HTTPResponder: Actor {
  /// Answers `request`.
  func respond(to request: HTTPRequest) async -> HTTPResponse

  /// What becomes of a request with `Upgrade: websocket`; `nil` leaves it to `respond(to:)`, as the
  /// default does.
  ///
  /// Host, origin and token are to be checked here as there: no browser does it.
  func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance?

  /// Whether `request` shows that its connection is that of somebody who may be here; the default is
  /// yes.
  ///
  /// Connections without such a request have few places, and give them up to newer ones (S23).
  func authorizes(_ request: HTTPRequest) async -> Bool
}

extension HTTPResponder {
  /// Everybody may be here.
  public func authorizes(_ request: HTTPRequest) async -> Bool { true }
}

/// Joins a listening socket, one HTTP core for each connection, and who answers.
///
/// Lives on its loop's thread.
public final class HTTPServer: @unchecked Sendable {
  /// Connections at the same time; more are turned away (S23).
  private static let maximumConnections = 512

  private let loop: EventLoop
  private let responder: any HTTPResponder
  private let counters: HTTPCounters
  private let limits: HTTPLimits
  private var listener: TCPListener?
  private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
  private var waiting = UnauthorizedPlaces()

  /// Creates a server whose requests `responder` answers, and who counts in `counters`.
  public init(
    on loop: EventLoop,
    responder: any HTTPResponder,
    counters: HTTPCounters = HTTPCounters(),
    limits: HTTPLimits = HTTPLimits()
  ) {
    self.loop = loop
    self.responder = responder
    self.counters = counters
    self.limits = limits
  }

  /// Starts to listen at `address`; answers the port that was bound.
  public func listen(at address: SocketAddress) throws(EventLoopError) -> UInt16 {
    let listener = try TCPListener(
      on: loop,
      address: address,
      backlog: Self.maximumConnections,
      limit: Self.maximumConnections
    ) { [weak self] socket in self?.accept(socket) }
    self.listener = listener
    counters.listener = listener
    return listener.localAddress.port
  }

  /// Connections that are open.
  public var connectionCount: Int { connections.count }

  /// Stops listening and closes every connection.
  public func close() {
    listener?.close()
    listener = nil
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  private func accept(_ socket: TCPConnection) {
    let connection = HTTPServerConnection(
      socket,
      on: loop,
      responder: responder,
      counters: counters,
      limits: limits
    )
    let id = ObjectIdentifier(connection)
    connections[id] = connection
    if let evicted = waiting.admit(id, from: socket.remoteAddress.ip) {
      counters.connectionsEvicted &+= 1
      connections[evicted]?.close()
    }
    count()
    connection.onAuthorized = { [weak self] in self?.leaveWaiting(id) }
    connection.start { [weak self] in
      self?.connections[id] = nil
      self?.leaveWaiting(id)
    }
  }

  private func leaveWaiting(_ id: ObjectIdentifier) {
    waiting.remove(id)
    count()
  }

  private func count() {
    counters.connections = connections.count
    counters.connectionsUnauthorized = waiting.count
  }
}

/// One connection: bytes to the HTTP core, requests to the responder, answers back.
final class HTTPServerConnection: @unchecked Sendable {
  /// How long the last bytes of a connection may wait for a client that does not read.
  private static let closingTime = Duration.seconds(10)

  let loop: EventLoop
  let socket: TCPConnection
  private let responder: any HTTPResponder
  let counters: HTTPCounters
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

  init(
    _ socket: TCPConnection,
    on loop: EventLoop,
    responder: any HTTPResponder,
    counters: HTTPCounters,
    limits: HTTPLimits
  ) {
    self.socket = socket
    self.loop = loop
    self.responder = responder
    self.counters = counters
    core = HTTPConnection(limits: limits, at: loop.now)
  }

  func start(onEnd: @escaping () -> Void) {
    self.onEnd = onEnd
    socket.onReceive = { [weak self] bytes in self?.receive(bytes) }
    socket.onEnd = { [weak self] in self?.ended() }
    socket.onClose = { [weak self] _ in self?.close() }
    socket.fill = { [weak self] slot in self?.fill(&slot) ?? false }
    settle()
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
      socket.close()
    }
    onEnd()
  }

  private func receive(_ bytes: Span<UInt8>) {
    core.receive(bytes, at: loop.now)
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
    guard channel == nil, !isClosing, !isClosed else { return }
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
        case .stopSending: socket.finishWriting()
        case .close: return closeAfterFlush()
        }
        event = core.nextEvent()
      }
      socket.flush()
      event = core.nextEvent()
    } while !isClosed && (event != nil || !socket.isBlocked && core.hasOutput)
    guard !isClosed else { return }
    socket.pauseReading(!core.canReceive)
    rearm()
  }

  private func closeAfterFlush() {
    isClosing = true
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + Self.closingTime) { [weak self] in self?.close() }
    socket.closeAfterFlush()
  }

  private func answer(_ request: HTTPRequest) {
    Task { [self] in
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
