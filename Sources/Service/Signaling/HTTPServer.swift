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
/// HTTP and HTTPS come in by one port: the first byte tells them apart. Lives on its loop's thread.
public final class HTTPServer: @unchecked Sendable {
  /// Connections at the same time; more are turned away (S23).
  private static let maximumConnections = 512

  private let loop: EventLoop
  private let responder: any HTTPResponder
  private let counters: HTTPCounters
  private let limits: HTTPLimits
  private let certificates: (any TLSCredentialsSource)?
  private let turns = HandshakeTurns()
  private var listener: TCPListener?
  private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
  private var waiting = UnauthorizedPlaces()

  /// Creates a server whose requests `responder` answers, and who counts in `counters`.
  ///
  /// With `certificates` it speaks TLS to whoever begins to.
  public init(
    on loop: EventLoop,
    responder: any HTTPResponder,
    counters: HTTPCounters = HTTPCounters(),
    limits: HTTPLimits = HTTPLimits(),
    certificates: (any TLSCredentialsSource)? = nil
  ) {
    self.loop = loop
    self.responder = responder
    self.counters = counters
    self.limits = limits
    self.certificates = certificates
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
      limits: limits,
      certificates: certificates,
      turns: turns
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
