// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

/// Reads everything and remembers how it ended.
private final class Reader {
  var bytes = 0
  var isIntact = true
  var hasEnded = false
  var reason: TCPConnection.CloseReason?

  func read(from connection: TCPConnection) {
    connection.onReceive = { [unowned self] span in
      for index in stride(from: 0, to: span.count, by: 61)
      where span[index] != pattern(bytes + index) {
        isIntact = false
      }
      bytes += span.count
    }
  }
}

/// Byte `offset` of what the tests send: runs of 1,000 equal ones.
private func pattern(_ offset: Int) -> UInt8 {
  UInt8(truncatingIfNeeded: offset / 1000)
}

/// Writes `count` bytes of the pattern that `Reader` checks.
private func fill(_ connection: TCPConnection, count: Int) {
  var written = 0
  connection.fill = { buffer in
    while buffer.freeCapacity > 0, written < count {
      let run = min(1000 - written % 1000, buffer.freeCapacity, count - written)
      buffer.append(repeating: pattern(written), count: run)
      written += run
    }
    return written < count
  }
}

private let anyPort = SocketAddress.loopback(0)

@Suite struct TCPConnectionTests {
  @Test func `carries ten megabytes to a reader that pauses, and back the end`() throws {
    let size = 10_000_000
    try runLoop { loop in
      let reader = Reader()
      var blocked = 0
      let listener = try TCPListener(on: loop, address: anyPort) { connection in
        reader.read(from: connection)
        connection.pauseReading(true)
        loop.schedule(at: loop.now + .milliseconds(5)) { connection.pauseReading(false) }
        connection.onEnd = { [unowned connection] in
          reader.hasEnded = true
          // The other direction is still open.
          fill(connection, count: 1)
          connection.closeAfterFlush()
        }
      }
      let client = try TCPConnection.connect(on: loop, to: listener.localAddress)
      let echo = Reader()
      echo.read(from: client)
      fill(client, count: size)
      client.finishWriting()
      loop.schedule(at: loop.now + .milliseconds(3)) { if client.isBlocked { blocked += 1 } }
      client.onClose = { reason in
        #expect(reason == .finished)
        loop.stop()
      }
      loop.run()
      #expect(reader.bytes == size)
      #expect(reader.isIntact)
      #expect(reader.hasEnded)
      #expect(echo.bytes == 1)
      #expect(blocked == 1)
      loop.post { #expect(listener.openConnections == 0) }
      loop.stop()
    }
  }

  @Test func `delivers its last words even when the peer is still talking`() throws {
    try runLoop { loop in
      let reader = Reader()
      let listener = try TCPListener(on: loop, address: anyPort) { connection in
        connection.onReceive = { [unowned connection] _ in
          connection.onReceive = nil
          fill(connection, count: 100_000)
          connection.closeAfterFlush()
        }
      }
      let client = try TCPConnection.connect(on: loop, to: listener.localAddress)
      reader.read(from: client)
      fill(client, count: 4_000_000)
      client.flush()
      client.onEnd = { [unowned client] in
        #expect(reader.bytes == 100_000)
        client.close()
      }
      client.onClose = { reason in
        reader.reason = reason
        loop.stop()
      }
      loop.run()
      #expect(reader.bytes == 100_000)
      #expect(reader.isIntact)
      withExtendedLifetime(listener) { loop.stop() }
    }
  }

  @Test func `tells a reset from an end`() throws {
    try runLoop { loop in
      let listener = try TCPListener(on: loop, address: anyPort) { connection in
        connection.abort()
      }
      let client = try TCPConnection.connect(on: loop, to: listener.localAddress)
      client.onClose = { reason in
        guard case .failed = reason else {
          Issue.record("\(reason)")
          return
        }
        loop.stop()
      }
      loop.run()
      withExtendedLifetime(listener) { loop.stop() }
    }
  }

  @Test func `reports that nobody listens`() throws {
    try runLoop { loop in
      let port = try freePort(loop)
      let client = try TCPConnection.connect(on: loop, to: .loopback(port))
      client.onClose = { reason in
        #expect(reason != .finished)
        loop.stop()
      }
    }
  }

  private func freePort(_ loop: EventLoop) throws -> UInt16 {
    try TCPListener(on: loop, address: anyPort) { _ in }.localAddress.port
  }
}
