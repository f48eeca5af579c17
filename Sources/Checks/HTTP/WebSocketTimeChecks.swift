// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Silent, slow and leaving peers.
  static let webSocketTimes: [Check] = [
    Check("asks a silent peer after 20 s, and gives it up 10 s later") {
      var probe = WebSocketProbe()
      probe.wait(.milliseconds(19_999))
      try expectEqual(probe.sent, [])
      probe.wait(.milliseconds(1))
      try expectEqual(probe.sent, [0x89, 0])
      probe.wait(.milliseconds(9_999))
      try expectEqual(probe.events, [])
      probe.wait(.milliseconds(1))
      try expectEqual(probe.events, [.closed(.abnormal, reason: "No Pong came in time."), .close])
      try expectEqual(probe.connection.deadline, nil)
      try expectEqual(probe.connection.statistics.timeouts, 1)
    },
    Check("keeps a peer that answers or talks, and does not ask one that talks") {
      var probe = WebSocketProbe()
      for _ in 0..<10 {
        probe.wait(.seconds(29))
        probe.send(ProbeFrame(10))
      }
      try expectEqual(probe.events, [])
      try expectEqual(probe.connection.statistics.pingsSent, 10)
      for _ in 0..<20 {
        probe.wait(.seconds(19))
        probe.send(ProbeFrame(2))
      }
      try expectEqual(probe.connection.statistics.pingsSent, 10)
    },
    Check("gives a message 30 s, however it dribbles") {
      let head = Array(ProbeFrame(2, [UInt8](repeating: 0, count: 60_000)).bytes.prefix(100))
      let fragments =
        [ProbeFrame(2).unfinished] + [ProbeFrame](repeating: .init(0).unfinished, count: 99)
      // Answers to Pings between the fragments do not help.
      let slow = fragments.map { $0.bytes + ProbeFrame(10).bytes }
      for pieces in [head.map { [$0] }, slow] {
        var probe = WebSocketProbe()
        for piece in pieces {
          probe.send(piece)
          probe.wait(.milliseconds(900))
        }
        try expectEqual(probe.ending?.code, 1_008)
        try expectEqual(probe.isClosed, true)
      }
    },
    Check("counts the time of each message and of each Ping by itself") {
      for frame in [ProbeFrame(2, [1, 2, 3]), ProbeFrame(9, [1, 2, 3])] {
        var probe = WebSocketProbe()
        // Every read ends inside a frame.
        probe.send(Array(frame.bytes.prefix(4)))
        for _ in 0..<20 {
          probe.wait(.seconds(10))
          probe.send(Array(frame.bytes[4...] + frame.bytes[..<4]))
        }
        try expectEqual(probe.messages.count + probe.connection.statistics.pingsReceived, 20)
        try expectEqual(probe.ending == nil, true)
      }
    },
    Check("waits 2 s for the answer to its Close") {
      var probe = WebSocketProbe()
      probe.connection.close(.normal, at: probe.now)
      probe.wait(.milliseconds(1_999))
      try expectEqual(probe.events, [])
      probe.wait(.milliseconds(1))
      try expectEqual(probe.ending?.code, 1_006)
      try expectEqual(probe.isClosed, true)
    },
    Check("waits 2 s for a peer to take its Close, and as a client for the server to leave") {
      var server = WebSocketConnection(.server, at: .zero)
      server.receive(ProbeFrame.close(1_000).bytes.span, at: .zero)
      try expectEqual(server.nextEvent(), .closed(.normal, reason: ""))
      try expectEqual(server.nextEvent(), nil)
      server.advance(to: .zero + .seconds(2))
      try expectEqual(server.nextEvent(), .close)
      try expectEqual(server.bytesWaiting, 0)
      var client = WebSocketProbe(.client)
      client.send(ProbeFrame.close(1_000).plain)
      client.wait(.milliseconds(1_999))
      try expectEqual(client.isClosed, false)
      client.wait(.milliseconds(1))
      try expectEqual(client.isClosed, true)
    },
    Check("says 1006 when the peer leaves without a word") {
      for role in [WebSocketConnection.Role.server, .client] {
        var probe = WebSocketProbe(role)
        probe.connection.send(text: "unsent")
        probe.connection.peerClosed()
        probe.settle()
        try expectEqual(
          probe.events,
          [.closed(.abnormal, reason: "The connection was cut."), .close]
        )
        try expectEqual(probe.sent, [])
        probe.connection.peerClosed()
        probe.connection.close(.normal, at: probe.now)
        probe.wait(.seconds(100))
        try expectEqual(probe.events.count, 2)
      }
    },
  ]
}
