// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

/// An actor that owns sockets, timers and bells of its loop, and is called back by them.
private actor Echo: EventLoopActor {
  nonisolated let loop: EventLoop
  let socket: UDPSocket
  private var echoes = 0

  init(on loop: EventLoop) throws {
    self.loop = loop
    socket = try UDPSocket(on: loop)
  }

  func begin() {
    socket.onReceive = { bytes, source, local in self.answer(bytes, source, local) }
  }

  func ask() async -> Int {
    let home = SocketAddress.loopback(socket.localPort)
    var left = 1
    socket.send { slot in
      guard left > 0 else { return nil }
      left -= 1
      slot.append(1)
      return Transmit(from: home, to: home)
    }
    while echoes < 10 { try? await loop.sleep(for: .zero) }
    return echoes
  }

  private func answer(_ bytes: Span<UInt8>, _ source: SocketAddress, _ local: SocketAddress) {
    echoes += 1
    let next = bytes[0] &+ 1
    var left = next > 10 ? 0 : 1
    socket.send { slot in
      guard left > 0 else { return nil }
      left -= 1
      slot.append(next)
      return Transmit(from: local, to: source)
    }
  }
}

@Suite struct ActorTests {
  @Test(.timeLimit(.minutes(1)))
  func `owns a socket, whose datagrams enter it without a hop`() async throws {
    let loop = try EventLoop.start()
    let echo = try await withCheckedThrowingContinuation { continuation in
      loop.post { continuation.resume(with: Result { try Echo(on: loop) }) }
    }
    await echo.begin()
    #expect(await echo.ask() == 10)
    loop.stop()
  }
}
