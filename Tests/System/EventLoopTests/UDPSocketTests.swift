// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

@Suite struct UDPSocketTests {
  @Test(arguments: [1, 2])
  func `tells the local IPv4 address of each datagram and answers from it`(last: UInt32) throws {
    try runLoop { loop in
      let server = try UDPSocket(on: loop)
      let client = try UDPSocket(on: loop)
      let asked = SocketAddress.loopback(server.localPort, last: last)
      server.onReceive = { bytes, source, local in
        #expect(local == asked)
        #expect(source == .loopback(client.localPort, last: 3))
        var echoes = [[UInt8](bytes)]
        server.send { slot in
          guard let echo = echoes.popLast() else { return nil }
          for byte in echo { slot.append(byte) }
          return Transmit(from: local, to: source)
        }
      }
      client.onReceive = { bytes, source, local in
        #expect([UInt8](bytes) == [0, 1, 2, 3])
        #expect(source == asked)
        #expect(local == .loopback(client.localPort, last: 3))
        loop.stop()
      }
      send(1, of: 4, by: client, from: .loopback(client.localPort, last: 3), to: asked)
      return [server, client]
    }
  }

  @Test(arguments: [false, true], [true, false])
  func `delivers a thousand datagrams whole and in order`(v6: Bool, isSegmented: Bool) throws {
    try runLoop { loop in
      let server = try UDPSocket(on: loop)
      let client = try UDPSocket(on: loop)
      client.allowSegmentation(isSegmented)
      let address = v6 ? SocketAddress.loopback6 : { SocketAddress.loopback($0) }
      var received = 0
      var batches = 0
      // No more at a time than the smallest receive buffer holds.
      var sent = 0
      server.onReceive = { bytes, source, local in
        #expect(bytes.count == 100 + received % 7 / 6)
        #expect(bytes[0] == UInt8(truncatingIfNeeded: received))
        #expect(source == address(client.localPort))
        #expect(local == address(server.localPort))
        received += 1
      }
      server.onBatchEnd = {
        batches += 1
        if received == sent { burst() }
        if received == 1000 { loop.stop() }
      }
      func burst() {
        let end = min(sent + 200, 1000)
        client.send { slot in
          guard sent < end else { return nil }
          slot.append(counting: 100 + sent % 7 / 6, from: sent)
          sent += 1
          return Transmit(from: address(client.localPort), to: address(server.localPort))
        }
      }
      burst()
      loop.schedule(at: loop.now + .seconds(2)) { loop.stop() }
      loop.run()
      #expect(received == 1000)
      #expect(client.statistics.sent == 1000)
      #expect(client.statistics.dropped == 0)
      #expect((client.statistics.segmented > 700) == isSegmented)
      #expect(client.statistics.systemCalls <= 5 * 4)
      #expect(batches < 200)
      loop.stop()
    }
  }

  @Test func `drops and counts what cannot be sent, and sends the rest`() throws {
    try runLoop { loop in
      let server = try UDPSocket(on: loop)
      let client = try UDPSocket(on: loop)
      var received: [Int] = []
      server.onReceive = { bytes, _, _ in
        received.append(bytes.count)
        if received.count == 2 { loop.stop() }
      }
      let home = SocketAddress.loopback(server.localPort)
      // No machine has 198.51.100.77 (TEST-NET-2) for itself; port 0 nobody can have.
      let stranger = SocketAddress(.v4(0xC633_644D), port: client.localPort)
      var ways = [
        Transmit(from: .loopback(client.localPort), to: home),
        Transmit(from: stranger, to: home),
        Transmit(from: .loopback(client.localPort), to: .loopback(0)),
        Transmit(from: .loopback(client.localPort), to: home),
      ].reversed().map(\.self)
      client.send { slot in
        guard let way = ways.popLast() else { return nil }
        slot.append(counting: 10 + ways.count, from: 0)
        return way
      }
      #expect(client.statistics.dropped == 2)
      #expect(client.statistics.sent == 2)
      #expect(client.statistics.lastError != 0)
      loop.run()
      #expect(received == [13, 10])
      loop.stop()
    }
  }

  @Test func `drops a datagram longer than any of ours`() throws {
    try runLoop { loop in
      let server = try UDPSocket(on: loop)
      let client = try UDPSocket(on: loop)
      server.onReceive = { bytes, _, _ in
        #expect(bytes.count == UDPSocket.longestDatagram)
        loop.stop()
      }
      send(
        1,
        of: UDPSocket.longestDatagram,
        by: client,
        from: .loopback(client.localPort),
        to: .loopback(server.localPort)
      )
      return [server, client]
    }
  }

  @Test func `says which port is in use and what to do`() throws {
    let loop = try EventLoop()
    let first = try UDPSocket(on: loop)
    let error = #expect(throws: EventLoopError.self) {
      try UDPSocket(on: loop, port: first.localPort)
    }
    let sentence = error?.description ?? ""
    #expect(sentence.contains("UDP port \(first.localPort) is in use"))
    #expect(sentence.contains("--udp-port"))
    let port = first.localPort
    first.close()
    #expect(try UDPSocket(on: loop, port: port).localPort == port)
  }

  @Test func `may be closed by the handler of its own datagram`() throws {
    try runLoop { loop in
      let server = try UDPSocket(on: loop)
      let client = try UDPSocket(on: loop)
      var received = 0
      server.onReceive = { [unowned server] _, _, _ in
        received += 1
        server.close()
        loop.post { loop.stop() }
      }
      send(
        5,
        of: 10,
        by: client,
        from: .loopback(client.localPort),
        to: .loopback(server.localPort)
      )
      loop.run()
      #expect(received == 1)
      loop.stop()
    }
  }

  private func send(
    _ count: Int,
    of size: Int,
    by socket: UDPSocket,
    from source: SocketAddress,
    to destination: SocketAddress
  ) {
    var left = count
    socket.send { slot in
      guard left > 0 else { return nil }
      left -= 1
      slot.append(counting: size, from: 0)
      return Transmit(from: source, to: destination)
    }
  }
}
