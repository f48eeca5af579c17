// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import HTTP
@testable import Signaling
import TLS
import Testing
import Wire

/// Tells whether a request came by TLS; `/large` is answered with much.
private actor Clerk: HTTPResponder, EventLoopActor {
  static let large = 3_000_000
  nonisolated let loop: EventLoop

  init(on loop: EventLoop) {
    self.loop = loop
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    if request.path == "/large" {
      return HTTPResponse(200, body: (0..<Self.large).map { UInt8(truncatingIfNeeded: $0 / 7) })
    }
    let text = "\(request.isSecure ? "secure" : "plain") \(request.body.count)\n"
    return HTTPResponse(200, body: Array(text.utf8))
  }
}

/// A client's end, by TLS or without.
private actor Caller: EventLoopActor {
  nonisolated let loop: EventLoop
  private let stream: any ByteStream
  private var output: [UInt8] = []
  private(set) var received: [UInt8] = []
  private(set) var isConnected: Bool
  private(set) var failure: TLSFailure?
  private(set) var hasEnded = false
  private(set) var isClosed = false
  var isGone: Bool { isClosed || hasEnded }

  init(on loop: EventLoop, port: UInt16, isSecure: Bool) throws {
    self.loop = loop
    let socket = try TCPConnection.connect(
      on: loop,
      to: SocketAddress(.v4(0x7F00_0001), port: port)
    )
    isConnected = !isSecure
    guard isSecure, let authorities = TLSAuthorities(Certificates.trusted.text) else {
      stream = socket
      return
    }
    let session = TLSSession(
      client: .name("localhost"),
      authorities: authorities,
      date: loop.wallClock.unixNanoseconds / 1_000_000_000,
      at: loop.now
    )
    stream = TLSStream(socket, session, turns: HandshakeTurns())
  }

  func start() {
    stream.onReceive = { [weak self] bytes in
      let copy = [UInt8](bytes)
      self?.assumeIsolated { $0.received += copy }
    }
    stream.onEnd = { [weak self] in self?.assumeIsolated { $0.hasEnded = true } }
    stream.onClose = { [weak self] _ in self?.assumeIsolated { $0.isClosed = true } }
    stream.fill = { [weak self] slot in
      guard let self else { return false }
      let free = slot.freeCapacity
      let block = assumeIsolated { caller in
        defer { caller.output.removeFirst(min(caller.output.count, free)) }
        return Array(caller.output.prefix(free))
      }
      for byte in block { slot.append(byte) }
      return !block.isEmpty
    }
    guard let stream = stream as? TLSStream else { return }
    stream.onConnect = { [weak self] in
      self?.assumeIsolated { caller in
        caller.isConnected = true
        caller.stream.flush()
      }
    }
    stream.onFailure = { [weak self] failure in
      self?.assumeIsolated { $0.failure = failure }
    }
    stream.start()
  }

  func send(_ bytes: [UInt8]) {
    output += bytes
    stream.flush()
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func pauseReading(_ isPaused: Bool) { stream.pauseReading(isPaused) }

  func finishWriting() { stream.finishWriting() }

  func close() { stream.close() }

  var text: String { String(decoding: received.suffix(400), as: UTF8.self) }

  /// What came behind the head of one answer.
  var body: ArraySlice<UInt8> {
    var matched = 0
    for (index, byte) in received.enumerated() {
      matched = byte == Array("\r\n\r\n".utf8)[matched] ? matched + 1 : byte == 0x0D ? 1 : 0
      if matched == 4 { return received[(index + 1)...] }
    }
    return []
  }
}

private actor Office: EventLoopActor {
  nonisolated let loop: EventLoop
  private let server: HTTPServer
  private let clerk: Clerk
  private let port: UInt16
  private let counters = HTTPCounters()

  private init(on loop: EventLoop, _ certificates: any TLSCredentialsSource) throws {
    self.loop = loop
    clerk = Clerk(on: loop)
    server = HTTPServer(on: loop, responder: clerk, counters: counters, certificates: certificates)
    port = try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
  }

  static func make(
    _ certificates: any TLSCredentialsSource = FixedCertificate(Certificates.trusted.credentials())
  ) async throws -> Office {
    let loop = try EventLoop.start()
    return try await withCheckedThrowingContinuation { continuation in
      loop.post { continuation.resume(with: Result { try Office(on: loop, certificates) }) }
    }
  }

  var handshakes: UInt64 { counters.handshakes }
  var handshakesFailed: UInt64 { counters.handshakesFailed }
  var connectionCount: Int { server.connectionCount }

  func call(_ text: String = "", isSecure: Bool = true) async throws -> Caller {
    let caller = try Caller(on: loop, port: port, isSecure: isSecure)
    await caller.start()
    if !text.isEmpty { await caller.send(text) }
    return caller
  }

  /// Waits until `condition` holds, turn by turn; `false` after a minute.
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

@Suite struct TLSStreamTests {
  @Test func `one port takes both, and a request tells how it came`() async throws {
    let office = try await Office.make()
    let secure = try await office.call(get("/a"))
    let plain = try await office.call(get("/a"), isSecure: false)
    #expect(await office.wait { _ in await secure.text.holds("secure 0\n") })
    #expect(await office.wait { _ in await plain.text.holds("plain 0\n") })
    // One after another, and several at once.
    await secure.send(get("/b") + get("/c") + get("/d", close: true))
    #expect(await office.wait { _ in await secure.hasEnded })
    #expect(
      await secure.received.split(separator: 0x0A).filter { $0 == Array("secure 0".utf8)[...] }
        .count == 4
    )
    #expect(await office.handshakes == 1)
    #expect(await office.handshakesFailed == 0)
    await office.close()
  }

  @Test func `large answers and requests arrive whole, also at a reader who pauses`() async throws {
    let office = try await Office.make()
    let caller = try await office.call(get("/large"))
    #expect(await office.wait { _ in await caller.received.count > 100_000 })
    await caller.pauseReading(true)
    let held = await caller.received.count
    for _ in 0..<50 { try await office.loop.sleep(for: .milliseconds(1)) }
    #expect(await caller.received.count == held)
    await caller.pauseReading(false)
    #expect(await office.wait { _ in await caller.body.count == Clerk.large })
    let body = await caller.body
    #expect(body.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0 / 7) })
    let upload = [UInt8](repeating: 0x61, count: 100_000)
    let head = "POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(upload.count)\r\n\r\n"
    await caller.send(Array(head.utf8) + upload)
    #expect(await office.wait { _ in await caller.text.holds("secure 100000\n") })
    await office.close()
  }

  @Test func `a client that has finished writing is still answered`() async throws {
    let office = try await Office.make()
    let caller = try await office.call()
    #expect(await office.wait { _ in await caller.isConnected })
    await caller.send(get("/a"))
    await caller.finishWriting()
    #expect(await office.wait { _ in await caller.text.holds("secure 0\n") })
    #expect(await office.wait { _ in await caller.hasEnded })
    #expect(await office.wait { $0.connectionCount == 0 })
    await office.close()
  }

  @Test func `a certificate of somebody else ends both sides`() async throws {
    let office = try await Office.make(FixedCertificate(Certificates.other.credentials()))
    let caller = try await office.call(get("/a"))
    #expect(await office.wait { _ in await caller.isClosed })
    #expect(await caller.failure == .untrusted(.unknownAuthority))
    #expect(await caller.received.isEmpty)
    #expect(await office.wait { $0.handshakesFailed == 1 && $0.connectionCount == 0 })
    await office.close()
  }

  @Test func `without a certificate yet, who speaks TLS is let go and HTTP goes on`() async throws {
    let office = try await Office.make(FixedCertificate(nil))
    let secure = try await office.call(get("/a"))
    #expect(await office.wait { _ in await secure.isClosed })
    let plain = try await office.call(get("/a"), isSecure: false)
    #expect(await office.wait { _ in await plain.text.holds("plain 0\n") })
    await office.close()
  }

  @Test func `what only begins as TLS ends its connection`() async throws {
    let office = try await Office.make()
    let noise: [[UInt8]] = [
      [22] + Array(get("/a").utf8), [22, 3, 1, 0, 0], [22, 3, 1, 0xFF, 0xFF],
      [22, 3, 1, 0, 4, 2, 0, 0, 0],
      [22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3],
    ]
    for bytes in noise {
      let caller = try await office.call(isSecure: false)
      await caller.send(bytes)
      #expect(await office.wait { _ in await caller.isGone }, "\(bytes)")
      await caller.close()
    }
    #expect(await office.wait { $0.handshakesFailed == 5 && $0.connectionCount == 0 })
    #expect(await office.handshakes == 0)
    await office.close()
  }

  @Test func `lends few sessions to the worker at a time, and each its turn`() {
    let turns = HandshakeTurns()
    let owners = (0..<11).map { _ in HandshakeTurns() }
    var begun: [Int] = []
    for number in 0..<10 { turns.take(for: owners[number]) { begun.append(number) } }
    #expect(begun == Array(0..<HandshakeTurns.limit))
    turns.forget(owners[8])
    turns.forget(owners[0])
    for _ in HandshakeTurns.limit..<9 { turns.giveBack() }
    #expect(begun == Array(0..<8) + [9])
    for _ in 0..<HandshakeTurns.limit { turns.giveBack() }
    turns.take(for: owners[10]) { begun.append(10) }
    #expect(begun.last == 10)
  }
}
