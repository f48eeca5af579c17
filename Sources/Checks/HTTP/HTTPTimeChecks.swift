// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Slow, silent and leaving clients.
  static let httpTimes: [Check] = [
    Check("closes a connection on which nothing comes, in silence, after 5 s") {
      var probe = HTTPProbe()
      try expectEqual(probe.connection.deadline, .zero + .seconds(5))
      probe.wait(.milliseconds(4_999))
      try expectEqual(probe.isClosed, false)
      probe.wait(.milliseconds(1))
      try expectEqual(probe.isClosed, true)
      try expectEqual(probe.received, "")
      try expectEqual(probe.connection.deadline, nil)
    },
    Check("answers a head that takes more than 5 s with 408, however it dribbles") {
      var probe = HTTPProbe()
      for byte in "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy".utf8 {
        probe.send([byte])
        probe.wait(.milliseconds(100))
      }
      try expectEqual(probe.statuses, [408])
      try expectEqual(probe.now >= .zero + .seconds(5), true)
      probe.wait(.seconds(2))
      try expectEqual(probe.isClosed, true)
    },
    Check("answers a body that takes more than 10 s with 408") {
      var probe = HTTPProbe()
      probe.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
      for _ in 0..<99 {
        probe.wait(.milliseconds(110))
        probe.send("x")
      }
      try expectEqual(probe.statuses, [408])
      try expectEqual(probe.requests.count, 0)
    },
    Check("keeps an idle connection for 15 s, and gives the next head 5 s") {
      var probe = HTTPProbe()
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      probe.wait(.seconds(14))
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      probe.wait(.seconds(14))
      probe.send("G")
      probe.wait(.seconds(4))
      probe.send("ET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.statuses, [200, 200, 200])
      probe.wait(.seconds(15))
      try expectEqual(probe.isClosed, true)
      try expectEqual(probe.statuses, [200, 200, 200])
    },
    Check("gives the application all the time it wants") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.connection.deadline, nil)
      probe.wait(.seconds(1_000))
      probe.connection.respond(HTTPResponse(200), at: probe.now)
      probe.settle()
      try expectEqual(probe.statuses, [200])
    },
    Check("cuts off a client that does not take its answer, not one that takes it slowly") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let body = [UInt8](repeating: 0x78, count: 2_000)
      probe.connection.respond(HTTPResponse(200, body: body), at: probe.now)
      for _ in 0..<10 {
        _ = probe.transmit(100)
        probe.now += .seconds(9)
        probe.connection.advance(to: probe.now)
        try expectEqual(probe.connection.nextEvent(), nil)
      }
      probe.now += .seconds(20)
      probe.connection.advance(to: probe.now)
      probe.connection.advance(to: probe.now + .seconds(10))
      try expectEqual(probe.connection.nextEvent(), .close)
      try expectEqual(probe.connection.hasOutput, false)
    },
    Check("wants no more bytes than it may hold while an answer is due") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      while probe.connection.canReceive { probe.send(String(repeating: "x", count: 1_000)) }
      try expectEqual(probe.connection.statistics.bytesReceived <= 17_500, true)
      try expectEqual(probe.isClosed, false)
      probe.send("x")
      try expectEqual(probe.isClosed, true)
    },
    Check("answers a client that has closed its sending side, then closes") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET")
      probe.connection.peerClosed()
      probe.answer = HTTPResponse(200)
      probe.connection.respond(HTTPResponse(200), at: probe.now)
      probe.settle()
      try expectEqual(probe.statuses, [200, 200])
      try expectEqual(probe.isClosed, true)
    },
    Check("closes at once when a client leaves without a whole request") {
      for text in ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell"] {
        var probe = HTTPProbe()
        probe.send(text)
        probe.connection.peerClosed()
        probe.settle()
        try expectEqual(probe.isClosed, true, text)
        try expectEqual(probe.received, "", text)
      }
    },
    Check("ignores everything after its end") {
      var probe = HTTPProbe()
      probe.wait(.seconds(60))
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      probe.connection.peerClosed()
      probe.wait(.seconds(60))
      try expectEqual(probe.requests.count, 0)
      try expectEqual(probe.connection.canReceive, false)
    },
  ]
}
