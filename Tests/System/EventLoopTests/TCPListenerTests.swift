// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Testing
import Wire

@Suite struct TCPListenerTests {
  @Test func `takes callers of both families on the unspecified address`() throws {
    try runLoop { loop in
      var peers: [IPAddress] = []
      let any = SocketAddress(.v6(high: 0, low: 0, scope: 0), port: 0)
      let listener = try TCPListener(on: loop, address: any) { connection in
        peers.append(connection.remoteAddress.ip)
        connection.close()
        if peers.count == 2 { loop.stop() }
      }
      let port = listener.localAddress.port
      _ = try TCPConnection.connect(on: loop, to: .loopback(port))
      _ = try TCPConnection.connect(on: loop, to: .loopback6(port))
      loop.run()
      #expect(Set(peers) == [.v4(0x7F00_0001), .v6(high: 0, low: 1, scope: 0)])
      #expect(listener.openConnections == 0)
      loop.stop()
    }
  }

  @Test func `turns callers beyond its limit away and takes others later`() throws {
    try runLoop { loop in
      var accepted: [TCPConnection] = []
      var closed = 0
      let listener = try TCPListener(on: loop, address: .loopback(0), limit: 2) { connection in
        accepted.append(connection)
        if accepted.count == 3 { loop.stop() }
      }
      for _ in 0..<5 {
        let client = try TCPConnection.connect(on: loop, to: listener.localAddress)
        client.onClose = { _ in
          closed += 1
          if closed == 3 { loop.stop() }
        }
      }
      loop.run()
      #expect(accepted.count == 2)
      #expect(listener.openConnections == 2)
      #expect(listener.refusedConnections == 3)
      accepted[0].close()
      _ = try TCPConnection.connect(on: loop, to: listener.localAddress)
      loop.run()
      #expect(accepted.count == 3)
      #expect(listener.openConnections == 2)
      loop.stop()
    }
  }

  @Test func `says which port is in use and what to do`() throws {
    let loop = try EventLoop()
    let listener = try TCPListener(on: loop, address: .loopback(0)) { _ in }
    let error = #expect(throws: EventLoopError.self) {
      try TCPListener(on: loop, address: listener.localAddress) { _ in }
    }
    #expect(error == .addressInUse(listener.localAddress, .tcp))
    let sentence = error?.description ?? ""
    #expect(sentence.contains("TCP port \(listener.localAddress.port) is in use"))
    #expect(sentence.contains("--listen"))
  }

  @Test func `says that an address is not this machine's`() throws {
    let loop = try EventLoop()
    let stranger = SocketAddress(.v4(0xC633_644D), port: 0)
    #expect(throws: EventLoopError.addressNotAvailable(stranger, .tcp)) {
      try TCPListener(on: loop, address: stranger) { _ in }
    }
  }

  @Test func `survives having no descriptor left`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      exit(try runOutOfDescriptors())
    }
  }
}

/// Fills the descriptor table, lets a caller come, makes room again, and lets another one come.
private func runOutOfDescriptors() throws -> Int32 {
  var limit = rlimit(rlim_cur: 64, rlim_max: 64)
  unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  let loop = try EventLoop()
  var accepted = 0
  let listener = try TCPListener(on: loop, address: .loopback(0)) { connection in
    accepted += 1
    connection.close()
    loop.stop()
  }
  let client = try TCPConnection.connect(on: loop, to: listener.localAddress)
  var hogs: [Int32] = []
  while true {
    let hog = dup(0)
    guard hog >= 0 else { break }
    hogs.append(hog)
  }
  client.onClose = { _ in loop.stop() }
  loop.run()
  guard accepted == 0, listener.refusedConnections == 1 else { return 1 }
  for hog in hogs { close(hog) }
  _ = try TCPConnection.connect(on: loop, to: listener.localAddress)
  loop.run()
  return accepted == 1 ? 42 : 2
}
