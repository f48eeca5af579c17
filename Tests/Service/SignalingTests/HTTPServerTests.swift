// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import HTTP
import Signaling
import Testing
import Wire

/// Answers by path: `/large` much, `/slow` not before it is told to, anything else its path.
private actor Clerk: HTTPResponder, EventLoopActor {
  nonisolated let loop: EventLoop
  private(set) var asked: [String] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(on loop: EventLoop) {
    self.loop = loop
  }

  func authorizes(_ request: HTTPRequest) async -> Bool { request.path != "/stranger" }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    asked.append(request.path)
    if request.path == "/stranger" { return HTTPResponse(401) }
    if request.path == "/large" {
      return HTTPResponse(200, body: [UInt8](repeating: 0x78, count: 12_000_000))
    }
    if request.path == "/slow" { await withCheckedContinuation { waiting.append($0) } }
    return HTTPResponse(200, body: Array((request.path + "\n").utf8))
  }

  func release() {
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}

/// A client's socket.
private actor Caller: EventLoopActor {
  nonisolated let loop: EventLoop
  private let socket: TCPConnection
  private var output: [UInt8] = []
  private(set) var received: [UInt8] = []
  private(set) var hasEnded = false

  init(on loop: EventLoop, port: UInt16) throws {
    self.loop = loop
    socket = try TCPConnection.connect(
      on: loop,
      to: SocketAddress(.v4(0x7F00_0001), port: port)
    )
  }

  func start() {
    socket.onReceive = { [weak self] bytes in
      let copy = [UInt8](bytes)
      self?.assumeIsolated { $0.received += copy }
    }
    socket.onClose = { [weak self] _ in self?.assumeIsolated { $0.hasEnded = true } }
    socket.fill = { [weak self] slot in
      guard let self else { return false }
      let block = assumeIsolated { caller in
        defer { caller.output.removeFirst(min(caller.output.count, 16_384)) }
        return Array(caller.output.prefix(16_384))
      }
      for byte in block { slot.append(byte) }
      return !block.isEmpty
    }
  }

  func send(_ text: String) {
    output += text.utf8
    socket.flush()
  }

  func pauseReading() { socket.pauseReading(true) }

  func abort() { socket.abort() }

  func close() { socket.close() }

  var text: String { String(decoding: received.suffix(4000), as: UTF8.self) }
}

/// A server with its clerk, and whoever calls.
private actor Office: EventLoopActor {
  nonisolated let loop: EventLoop
  nonisolated let clerk: Clerk
  private let server: HTTPServer
  private let port: UInt16
  private let counters = HTTPCounters()

  private init(on loop: EventLoop) throws {
    self.loop = loop
    clerk = Clerk(on: loop)
    // The deadlines are the core's, and checked there: here a late machine is to end nothing.
    var limits = HTTPLimits()
    limits.headTime = .seconds(300)
    limits.idleTime = .seconds(300)
    limits.sendTime = .seconds(300)
    server = HTTPServer(on: loop, responder: clerk, counters: counters, limits: limits)
    port = try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
  }

  static func make() async throws -> Office {
    let loop = try EventLoop.start()
    return try await withCheckedThrowingContinuation { continuation in
      loop.post { continuation.resume(with: Result { try Office(on: loop) }) }
    }
  }

  var connectionCount: Int { server.connectionCount }
  var unauthorized: Int { counters.connectionsUnauthorized }
  var evicted: UInt64 { counters.connectionsEvicted }
  var refusals: [Int: UInt64] { counters.refusals }

  func call(_ text: String = "") async throws -> Caller {
    let caller = try Caller(on: loop, port: port)
    await caller.start()
    if !text.isEmpty { await caller.send(text) }
    return caller
  }

  /// Waits until `condition` holds, turn by turn; `false` after 20 s.
  func wait(until condition: @Sendable (isolated Office) async -> Bool) async -> Bool {
    let end = loop.now + .seconds(60)
    while !(await condition(self)) {
      guard loop.now < end else { return false }
      try? await loop.sleep(for: .milliseconds(1))
    }
    return true
  }

  func close() {
    server.close()
    loop.stop()
  }
}

private func get(_ path: String, close: Bool = false) -> String {
  "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(close ? "Connection: close\r\n" : "")\r\n"
}

@Suite struct HTTPServerTests {
  @Test func `answers one request after another on one connection, in order`() async throws {
    let office = try await Office.make()
    let caller = try await office.call(get("/one"))
    #expect(await office.wait { _ in await caller.text.holds("/one") })
    // Three at once: answered in order, and the last one ends it.
    await caller.send(get("/two") + get("/three") + get("/four", close: true))
    #expect(await office.wait { _ in await caller.hasEnded })
    let text = await caller.text
    #expect(await office.clerk.asked == ["/one", "/two", "/three", "/four"])
    #expect(text.utf8.split(separator: 10).count { $0.starts(with: "HTTP/1.1 200".utf8) } == 4)
    #expect(text.holds("Connection: close"))
    #expect(await office.wait { $0.connectionCount == 0 })
    await office.close()
  }

  @Test func `refuses what is no request, and closes`() async throws {
    let office = try await Office.make()
    let caller = try await office.call("\u{1}\u{2}nonsense\r\n\r\n")
    #expect(await office.wait { _ in await caller.hasEnded })
    #expect(await caller.text.utf8.starts(with: "HTTP/1.1 400".utf8))
    #expect(await office.clerk.asked.isEmpty)
    #expect(await office.refusals == [400: 1])
    #expect(await office.wait { $0.connectionCount == 0 })
    await office.close()
  }

  @Test func `gives the places of clients who are not authorised to newer ones`() async throws {
    let office = try await Office.make()
    let guest = try await office.call(get("/guest"))
    let stranger = try await office.call(get("/stranger"))
    #expect(await office.wait { _ in await guest.text.holds("/guest") })
    #expect(await office.wait { _ in await stranger.text.holds("401") })
    #expect(await office.unauthorized == 1)
    var silent: [Caller] = []
    for _ in 0..<70 { silent.append(try await office.call()) }
    #expect(await office.wait { $0.evicted == 7 })
    #expect(await office.unauthorized == 64)
    #expect(await office.connectionCount == 65)
    // The oldest have gone: the stranger, and six who never said a word.
    #expect(await office.wait { _ in await stranger.hasEnded })
    for caller in silent.prefix(6) { #expect(await office.wait { _ in await caller.hasEnded }) }
    await guest.send(get("/again"))
    #expect(await office.wait { _ in await guest.text.holds("/again") })
    let next = try await office.call(get("/next"))
    #expect(await office.wait { _ in await next.text.holds("/next") })
    for caller in silent + [guest, next] { await caller.close() }
    #expect(await office.wait { $0.connectionCount == 0 })
    #expect(await office.unauthorized == 0)
    await office.close()
  }

  @Test func `survives a client that goes away in the middle of a long answer`() async throws {
    let office = try await Office.make()
    for _ in 0..<4 {
      let caller = try await office.call()
      await caller.pauseReading()
      await caller.send(get("/large"))
      #expect(await office.wait { await $0.clerk.asked.last == "/large" })
      await caller.abort()
      #expect(await office.wait { $0.connectionCount == 0 })
    }
    let next = try await office.call(get("/next"))
    #expect(await office.wait { _ in await next.text.holds("/next") })
    await next.close()
    await office.close()
  }

  @Test func `survives a client that goes away while its request is answered`() async throws {
    let office = try await Office.make()
    let caller = try await office.call(get("/slow"))
    #expect(await office.wait { await $0.clerk.asked == ["/slow"] })
    await caller.abort()
    #expect(await office.wait { $0.connectionCount == 0 })
    await office.clerk.release()
    let next = try await office.call(get("/next"))
    #expect(await office.wait { _ in await next.text.holds("/next") })
    await next.close()
    await office.close()
  }

  @Test func `serves others while one reads slowly and one waits`() async throws {
    let office = try await Office.make()
    let reader = try await office.call()
    await reader.pauseReading()
    await reader.send(get("/large"))
    let waiter = try await office.call(get("/slow"))
    #expect(await office.wait { await $0.clerk.asked.count == 2 })
    for number in 0..<20 {
      let caller = try await office.call(get("/\(number)", close: true))
      #expect(await office.wait { _ in await caller.hasEnded })
      #expect(await caller.text.holds("/\(number)"))
    }
    await office.clerk.release()
    #expect(await office.wait { _ in await waiter.text.holds("/slow") })
    await reader.close()
    await waiter.close()
    #expect(await office.wait { $0.connectionCount == 0 })
    await office.close()
  }

  @Test func `delivers a long answer whole`() async throws {
    let office = try await Office.make()
    let caller = try await office.call(get("/large", close: true))
    #expect(await office.wait { _ in await caller.hasEnded })
    #expect(await caller.received.count > 12_000_000)
    await office.close()
  }

  @Test func `closes every connection with itself`() async throws {
    let office = try await Office.make()
    let idle = try await office.call()
    let waiting = try await office.call(get("/slow"))
    #expect(await office.wait { $0.connectionCount == 2 })
    #expect(await office.wait { await !$0.clerk.asked.isEmpty })
    await office.shut()
    #expect(
      await office.wait { _ in
        let one = await idle.hasEnded
        let other = await waiting.hasEnded
        return one && other
      }
    )
    await office.clerk.release()
    await office.close()
  }

  @Test func `carries WHEP from the offer to the end of the session`() async throws {
    let desk = try await Desk.make()
    let port = try await desk.listen()
    let caller = try await Caller.calling(desk.loop, port)
    let offer = BrowserOffers.firefoxViewer
    await caller.send(
      "POST /whep HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nOrigin: http://127.0.0.1:\(port)\r\n"
        + "Cookie: porthole=\(Desk.token)\r\nContent-Type: application/sdp\r\n"
        + "Content-Length: \(offer.utf8.count)\r\n\r\n" + offer
    )
    let end = desk.loop.now + .seconds(60)
    while !(await caller.text.holds("a=end-of-candidates")), desk.loop.now < end {
      try await desk.loop.sleep(for: .milliseconds(1))
    }
    let text = await caller.text
    #expect(text.utf8.starts(with: "HTTP/1.1 201 Created\r\n".utf8))
    #expect(text.holds("Location: /whep/"))
    await caller.close()
    await desk.close()
  }
}

extension Office {
  /// Closes the server, and leaves the loop running.
  fileprivate func shut() { server.close() }
}

extension Caller {
  fileprivate static func calling(_ loop: EventLoop, _ port: UInt16) async throws -> Caller {
    let caller = try await withCheckedThrowingContinuation { continuation in
      loop.post { continuation.resume(with: Result { try Caller(on: loop, port: port) }) }
    }
    await caller.start()
    return caller
  }
}
