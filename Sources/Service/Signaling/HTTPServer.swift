// SPDX-License-Identifier: Apache-2.0
public import EventLoop
public import HTTP
public import Wire

/// What answers a request, on the loop.
public protocol HTTPResponder: Actor {
  /// Answers `request`.
  func respond(to request: HTTPRequest) async -> HTTPResponse
}

/// Joins a listening socket, one HTTP core for each connection, and who answers.
///
/// Lives on its loop's thread.
public final class HTTPServer: @unchecked Sendable {
  /// Connections at the same time; more are turned away (S23).
  private static let maximumConnections = 512

  private let loop: EventLoop
  private let responder: any HTTPResponder
  private var listener: TCPListener?
  private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]

  /// Creates a server whose requests `responder` answers.
  public init(on loop: EventLoop, responder: any HTTPResponder) {
    self.loop = loop
    self.responder = responder
  }

  /// Starts to listen at `address`; answers the port that was bound.
  public func listen(at address: SocketAddress) throws(EventLoopError) -> UInt16 {
    let listener = try TCPListener(on: loop, address: address, limit: Self.maximumConnections) {
      [weak self] socket in self?.accept(socket)
    }
    self.listener = listener
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
    let connection = HTTPServerConnection(socket, on: loop, responder: responder)
    let id = ObjectIdentifier(connection)
    connections[id] = connection
    connection.start { [weak self] in self?.connections[id] = nil }
  }
}

/// One connection: bytes to the HTTP core, requests to the responder, answers back.
final class HTTPServerConnection: @unchecked Sendable {
  /// How long the last bytes of a connection may wait for a client that does not read.
  private static let closingTime = Duration.seconds(10)

  private let loop: EventLoop
  private let socket: TCPConnection
  private let responder: any HTTPResponder
  private var core: HTTPConnection
  private var timer: TimerID?
  private var onEnd: () -> Void = {}
  private var isClosing = false
  private var isClosed = false

  init(_ socket: TCPConnection, on loop: EventLoop, responder: any HTTPResponder) {
    self.socket = socket
    self.loop = loop
    self.responder = responder
    core = HTTPConnection(at: loop.now)
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
    socket.close()
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

  /// Writing may find out that the client is gone, which ends this connection at once.
  private func settle() {
    guard !isClosing, !isClosed else { return }
    while let event = core.nextEvent() {
      switch event {
      case .request(let request): answer(request)
      case .stopSending: socket.finishWriting()
      case .close: return closeAfterFlush()
      }
    }
    socket.flush()
    guard !isClosed else { return }
    socket.pauseReading(!core.canReceive)
    rearm()
  }

  /// Writes the next part of the answer; what follows its end is settled on the loop's next turn.
  @_lifetime(slot: copy slot)
  private func fill(_ slot: inout OutputSpan<UInt8>) -> Bool {
    let hasMore = core.nextTransmit(into: &slot)
    if !core.hasOutput, slot.count > 0 { loop.post { [weak self] in self?.settle() } }
    return hasMore
  }

  private func closeAfterFlush() {
    isClosing = true
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + Self.closingTime) { [weak self] in self?.close() }
    socket.closeAfterFlush()
  }

  private func answer(_ request: HTTPRequest) {
    Task { [self] in
      let response = await responder.respond(to: request)
      loop.post { self.finish(response) }
    }
  }

  private func finish(_ response: HTTPResponse) {
    guard !isClosed else { return }
    core.respond(response, at: loop.now)
    settle()
  }

  private func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard !isClosed, let deadline = core.deadline else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      guard let self else { return }
      timer = nil
      core.advance(to: loop.now)
      settle()
    }
  }
}
