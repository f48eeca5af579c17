// SPDX-License-Identifier: Apache-2.0
import EventLoop
import HTTP
import Signaling
import Testing
import Wire

/// Sends back what comes, and does what some texts say.
private actor Parrot: HTTPResponder, EventLoopActor {
  nonisolated let loop: EventLoop
  private(set) var endings: [WebSocketCloseCode] = []
  private var channels: [WebSocketChannel] = []

  init(on loop: EventLoop) {
    self.loop = loop
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    HTTPResponse(404, text: "plain")
  }

  func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance? {
    switch request.path {
    case "/ws":
      .accepted(subprotocols: ["echo"]) { channel in self.assumeIsolated { $0.join(channel) } }
    case "/forbidden": .refused(HTTPResponse(403, text: "no"))
    default: nil
    }
  }

  private func join(_ channel: WebSocketChannel) {
    channels.append(channel)
    channel.onText = { [unowned channel] text in
      switch text {
      case "end": channel.close(.init(rawValue: 4_000), reason: "ended")
      case "much":
        var count = 0
        while channel.send([UInt8](repeating: 1, count: 30_000)), count < 1_000 { count += 1 }
        channel.send("\(count < 1_000)")
      default: channel.send(text)
      }
    }
    channel.onClose = { [weak self] code, _ in
      self?.assumeIsolated { $0.endings.append(code) }
    }
    channel.send("welcome to \(channel.request.path), \(channel.subprotocol ?? "no")")
  }
}

/// A client: socket, handshake and the other side of the core.
private actor Visitor: EventLoopActor {
  nonisolated let loop: EventLoop
  private let socket: TCPConnection
  private var handshake: WebSocketClientHandshake
  private var unsent: [UInt8]
  private var core: WebSocketConnection?
  private var received: [UInt8] = []
  private var isLost = false
  private var waiting: CheckedContinuation<Void, Never>?

  /// Dials `path`; `ahead` follows the request before the server has answered it.
  init(on loop: EventLoop, port: UInt16, path: String, ahead: [UInt8]) throws {
    self.loop = loop
    socket = try TCPConnection.connect(on: loop, to: SocketAddress(.v4(0x7F00_0001), port: port))
    var random = RandomSource.system
    handshake = WebSocketClientHandshake(
      authority: HTTPAuthority(.name("localhost"), port: port),
      target: path,
      subprotocols: ["other", "echo"],
      random: &random,
      at: loop.now
    )
    unsent = ahead
  }

  func start() {
    socket.onReceive = { [weak self] bytes in
      let copy = [UInt8](bytes)
      self?.assumeIsolated { $0.take(copy) }
    }
    socket.onClose = { [weak self] _ in self?.assumeIsolated { $0.lose() } }
    socket.fill = { [weak self] slot in
      self?.assumeIsolated { $0.fill(&slot) } ?? false
    }
    socket.flush()
  }

  /// How the handshake ended; `nil` means well.
  func opened() async -> String? {
    while true {
      handshake.receive(received.span, at: loop.now)
      switch handshake.nextEvent() {
      case .open(_, let leftover):
        core = WebSocketConnection(.client, at: loop.now)
        received = leftover
        return nil
      case .refused(let status): return "\(status)"
      case .failed(let reason): return reason
      case nil: break
      }
      received = []
      guard await more() else { return "lost" }
    }
  }

  func next() async -> WebSocketEvent? {
    while true {
      core?.receive(received.span, at: loop.now)
      received = []
      if isLost { core?.peerClosed() }
      if let event = core?.nextEvent() {
        socket.flush()
        return event
      }
      guard await more() else { return nil }
    }
  }

  func send(_ text: String) {
    core?.send(text: text)
    socket.flush()
  }

  func send(raw: [UInt8]) {
    unsent += raw
    socket.flush()
  }

  func abort() { socket.abort() }

  /// Waits until the server has closed the socket.
  func ended() async {
    while await more() { received = [] }
  }

  private func more() async -> Bool {
    if !isLost, received.isEmpty { await withCheckedContinuation { waiting = $0 } }
    return !received.isEmpty || !isLost
  }

  private func take(_ bytes: [UInt8]) {
    received += bytes
    waiting?.resume()
    waiting = nil
  }

  private func lose() {
    isLost = true
    waiting?.resume()
    waiting = nil
  }

  private func fill(_ slot: inout OutputSpan<UInt8>) -> Bool {
    if handshake.nextTransmit(into: &slot) { return true }
    guard !unsent.isEmpty else { return core?.nextTransmit(into: &slot) ?? false }
    for byte in unsent { slot.append(byte) }
    unsent = []
    return true
  }
}

/// A server with its parrot.
private actor Cage: EventLoopActor {
  nonisolated let loop: EventLoop
  nonisolated let parrot: Parrot
  private let server: HTTPServer
  private let port: UInt16

  private init(on loop: EventLoop) throws {
    self.loop = loop
    parrot = Parrot(on: loop)
    server = HTTPServer(on: loop, responder: parrot)
    port = try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
  }

  static func make() async throws -> Cage {
    let loop = try EventLoop.start()
    return try await withCheckedThrowingContinuation { continuation in
      loop.post { continuation.resume(with: Result { try Cage(on: loop) }) }
    }
  }

  func visit(_ path: String = "/ws", ahead: [UInt8] = []) async throws -> Visitor {
    let visitor = try Visitor(on: loop, port: port, path: path, ahead: ahead)
    await visitor.start()
    return visitor
  }

  /// Waits until the parrot has seen `count` channels end, turn by turn.
  func endings(_ count: Int) async throws -> [WebSocketCloseCode] {
    while await parrot.endings.count < count { try await loop.sleep(for: .milliseconds(1)) }
    return await parrot.endings
  }

  func closeServer() { server.close() }

  func close() {
    server.close()
    loop.stop()
  }
}

@Suite(.timeLimit(.minutes(1))) struct WebSocketChannelTests {
  @Test func `greets, sends back what comes, and closes as it is told`() async throws {
    let cage = try await Cage.make()
    let visitor = try await cage.visit()
    #expect(await visitor.opened() == nil)
    #expect(await visitor.next() == .text("welcome to /ws, echo"))
    let long = String(repeating: "é", count: 30_000)
    for text in ["one", "", long] {
      await visitor.send(text)
      #expect(await visitor.next() == .text(text))
    }
    await visitor.send("end")
    #expect(await visitor.next() == .closed(.init(rawValue: 4_000), reason: "ended"))
    await visitor.ended()
    #expect(try await cage.endings(1) == [.init(rawValue: 4_000)])
    await cage.close()
  }

  @Test func `reads what a client sends ahead of the answer`() async throws {
    let cage = try await Cage.make()
    // "hi", masked with a key of zeros, and the beginning of a Close.
    let ahead: [UInt8] = [0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69, 0x88, 0x82, 0, 0]
    let visitor = try await cage.visit(ahead: ahead)
    #expect(await visitor.opened() == nil)
    #expect(await visitor.next() == .text("welcome to /ws, echo"))
    #expect(await visitor.next() == .text("hi"))
    await visitor.send(raw: [0, 0, 0x03, 0xE8])
    #expect(await visitor.next() == .closed(.normal, reason: ""))
    await visitor.ended()
    #expect(try await cage.endings(1) == [.normal])
    await cage.close()
  }

  @Test func `leaves to the responder what it does not accept`() async throws {
    let cage = try await Cage.make()
    let forbidden = try await cage.visit("/forbidden")
    #expect(await forbidden.opened() == "403")
    let absent = try await cage.visit("/")
    #expect(await absent.opened() == "404")
    await forbidden.abort()
    await absent.abort()
    await cage.close()
  }

  @Test func `ends a channel whose client breaks the rules, sends bytes nobody takes, or goes`()
    async throws
  {
    let cage = try await Cage.make()
    let rude = try await cage.visit()
    #expect(await rude.opened() == nil)
    await rude.send(raw: [0xFF, 0xFF])
    let odd = try await cage.visit()
    #expect(await odd.opened() == nil)
    #expect(await odd.next() == .text("welcome to /ws, echo"))
    #expect(await rude.next() == .text("welcome to /ws, echo"))
    await rude.send(raw: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    guard case .closed(.protocolError, _) = await rude.next() else {
      Issue.record("not closed by 1002")
      return
    }
    await rude.ended()
    await odd.send(raw: [0x82, 0x80, 0, 0, 0, 0])
    guard case .closed(.unsupportedData, _) = await odd.next() else {
      Issue.record("not closed by 1003")
      return
    }
    await odd.ended()
    let gone = try await cage.visit()
    #expect(await gone.opened() == nil)
    await gone.abort()
    #expect(try await cage.endings(3) == [.protocolError, .unsupportedData, .abnormal])
    await cage.close()
  }

  @Test func `takes no more than the queue holds`() async throws {
    let cage = try await Cage.make()
    let visitor = try await cage.visit()
    #expect(await visitor.opened() == nil)
    #expect(await visitor.next() == .text("welcome to /ws, echo"))
    // What is sent within one callback is written after it: the queue alone takes it.
    await visitor.send("much")
    for _ in 0..<4 {
      #expect(await visitor.next() == .binary([UInt8](repeating: 1, count: 30_000)))
    }
    #expect(await visitor.next() == .text("true"))
    await visitor.abort()
    await cage.close()
  }

  @Test func `says that it goes away when the server stops`() async throws {
    let cage = try await Cage.make()
    let visitor = try await cage.visit()
    #expect(await visitor.opened() == nil)
    #expect(await visitor.next() == .text("welcome to /ws, echo"))
    await cage.closeServer()
    #expect(await visitor.next() == .closed(.goingAway, reason: "The server stops."))
    await visitor.ended()
    #expect(try await cage.endings(1) == [.goingAway])
    await cage.close()
  }
}
