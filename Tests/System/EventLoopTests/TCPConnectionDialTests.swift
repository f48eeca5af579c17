// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Testing
import Wire

/// Dials from the loop's own thread.
private actor Dialler: EventLoopActor {
  nonisolated let loop: EventLoop
  private var listener: TCPListener?
  private var accepted: [TCPConnection] = []

  init(on loop: EventLoop) {
    self.loop = loop
  }

  /// Listens on a free port of `address` and greets whoever comes.
  func listen(at address: IPAddress) throws -> UInt16 {
    let listener = try TCPListener(on: loop, address: SocketAddress(address, port: 0)) {
      [weak self] connection in
      self?.assumeIsolated { $0.accepted.append(connection) }
      var isGreeted = false
      connection.fill = { slot in
        if !isGreeted { slot.append(7) }
        isGreeted = true
        return false
      }
      connection.flush()
    }
    self.listener = listener
    return listener.localAddress.port
  }

  /// A port on which nobody listens.
  func deadPort() throws -> UInt16 {
    let listener = try TCPListener(on: loop, address: .loopback(0)) { _ in }
    defer { listener.close() }
    return listener.localAddress.port
  }

  /// The peer's address, or why there is none.
  func dial(
    _ host: String,
    _ port: UInt16,
    within patience: Duration = .seconds(20)
  ) async -> Result<SocketAddress, ConnectError> {
    do throws(ConnectError) {
      let connection = try await TCPConnection.dial(
        on: loop,
        host: host,
        port: port,
        within: patience
      )
      defer { connection.close() }
      return .success(connection.remoteAddress)
    } catch {
      return .failure(error)
    }
  }

  /// What the first byte is that the server at `port` sends.
  func greeting(_ port: UInt16) async throws -> UInt8 {
    let connection = try await TCPConnection.dial(on: loop, host: "127.0.0.1", port: port)
    // Time enough for the greeting to come before anybody listens to it.
    try await loop.sleep(for: .milliseconds(20))
    return await withCheckedContinuation { continuation in
      connection.onReceive = { bytes in
        continuation.resume(returning: bytes[0])
        connection.close()
      }
      connection.pauseReading(false)
    }
  }

  func stop() {
    for connection in accepted { connection.close() }
    listener?.close()
    listener = nil
    loop.stop()
  }
}

@Suite(.timeLimit(.minutes(1))) struct TCPConnectionDialTests {
  @Test func `reaches an address, localhost, and a name behind which one address is silent`()
    async throws
  {
    let dialler = Dialler(on: try EventLoop.start())
    let port = try await dialler.listen(at: .v4(0x7F00_0001))
    #expect(await dialler.dial("127.0.0.1", port) == .success(.loopback(port)))
    // ::1 may come first and refuses.
    #expect(await dialler.dial("localhost", port) == .success(.loopback(port)))
    #expect(await dialler.dial("any.LOCALHOST", port) == .success(.loopback(port)))
    await dialler.stop()
  }

  @Test func `loses nothing that the server says before it is listened to`() async throws {
    let dialler = Dialler(on: try EventLoop.start())
    let port = try await dialler.listen(at: .v4(0x7F00_0001))
    #expect(try await dialler.greeting(port) == 7)
    await dialler.stop()
  }

  @Test func `says that nobody listens, or that nobody knows the name`() async throws {
    let dialler = Dialler(on: try EventLoop.start())
    let port = try await dialler.deadPort()
    #expect(await dialler.dial("127.0.0.1", port) == .failure(.refused(.loopback(port))))
    #expect(
      await dialler.dial("camera.example", port) == .failure(.unknownHost("camera.example"))
    )
    let sentence = ConnectError.unknownHost("camera.example").description
    #expect(sentence.utf8.starts(with: "the name camera.example is not in /etc/hosts".utf8))
    await dialler.stop()
  }

  @Test func `gives up at the deadline`() async throws {
    let dialler = Dialler(on: try EventLoop.start())
    let deaf = DeafListener()
    #expect(deaf.status == 0)
    // The kernel answers for the first ones, until the queue of those who wait is full.
    var last = Result<SocketAddress, ConnectError>.success(.loopback(0))
    for _ in 0..<4 {
      last = await dialler.dial("127.0.0.1", deaf.port, within: .milliseconds(200))
    }
    #expect(last == .failure(.timedOut(.loopback(deaf.port))))
    await dialler.stop()
  }
}

/// A port whose callers nobody ever takes.
private struct DeafListener: ~Copyable {
  let port: UInt16
  let status: Int32
  private let descriptor: Int32

  init() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        unsafe bind(descriptor, general, length) | listen(descriptor, 0)
          | getsockname(descriptor, general, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    close(descriptor)
  }
}
