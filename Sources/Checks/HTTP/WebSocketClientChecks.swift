// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// The client's side of the opening handshake, and the addresses that it is given.
  static let webSocketClients: [Check] = [
    Check("asks as RFC 6455 section 4.1 wants it, however small the pieces that the socket takes") {
      var probe = ClientProbe(["b", "c"], headers: ["Authorization": "Bearer 1234"])
      let request = probe.request()
      var random = RandomSource.seeded(4)
      try expectEqual(
        String(decoding: request, as: UTF8.self),
        "GET /ws HTTP/1.1\r\nHost: porthole.local:8080\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: \(Text.base64(random.bytes(16)))\r\n"
          + "Sec-WebSocket-Protocol: b\r\nSec-WebSocket-Protocol: c\r\n"
          + "Authorization: Bearer 1234\r\n\r\n"
      )
      for size in [1, 3, 100] {
        var other = ClientProbe(["b", "c"], headers: ["Authorization": "Bearer 1234"])
        try expectEqual(other.request(by: size), request, "pieces of \(size)")
      }
    },
    Check("opens as a client what it opens as a server, however the answer is cut") {
      for size in [1, 7, 1_000] {
        var probe = ClientProbe(["b", "c"])
        let answer = try probe.answer()
        probe.receive(answer + ProbeFrame.text("first").plain.bytes, by: size)
        guard case .open("c", _) = probe.events.first else {
          throw CheckFailure(description: "\(probe.events)")
        }
        try expectEqual(probe.frames?.messages, [.text("first")], "pieces of \(size)")
        try expectEqual(probe.handshake.deadline, nil)
      }
    },
    Check("passes interim answers over, and takes an answer without a phrase") {
      var probe = ClientProbe()
      let answer = try probe.answer()
      let plain = replacing("101 Switching Protocols", by: "101", in: answer)
      let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"
      probe.receive(Array(interim.utf8) + plain, by: 5)
      try expectEqual(probe.events, [.open(subprotocol: "c", leftover: [])])
    },
    Check("trusts as a client no answer but the right one") {
      let wrongs: [(String, String)] = [
        ("HTTP/1.1 101", "HTTP/1.0 101"), ("HTTP/1.1 101", "HTTP/2.0 101"),
        ("HTTP/1.1 101", "HTTP/1.1  101"), ("HTTP/1.1 101", "HTTP/1.1 1010"),
        ("HTTP/1.1 101", "HTTP/1.1 +01"), ("HTTP/1.1 101", "HTTP/1.1 099"),
        ("HTTP/1.1 101", "HTTP/1.1 600"), ("HTTP/1.1 101", "http/1.1 101"),
        ("HTTP/1.1 101", "ICY 101"), ("101 Switching", "101 \u{1B}[2J"),
        ("101 Switching Protocols\r\n", "101 Switching Protocols\n"),
        ("Upgrade: websocket", "Upgrade: h2c"), ("Connection: Upgrade", "Connection: close"),
        ("Accept: ", "Accept: x"), ("Sec-WebSocket-Accept", "X-Accept"),
        ("Protocol: c", "Protocol: d"), ("Protocol: c", "Protocol: c\r\nSec-WebSocket-Protocol: c"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: x"),
        ("Upgrade: websocket", "Upgrade: websocket\r\n folded"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nX : a"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nX: a\rb"),
        ("Upgrade: websocket", "Upgrade: websocket\nX: a"),
        ("Upgrade: websocket", "Upgrade: websocket\r\nno colon"),
      ]
      for (right, wrong) in wrongs {
        var probe = ClientProbe()
        let answer = replacing(right, by: wrong, in: try probe.answer())
        probe.receive(answer)
        guard case .failed(let reason) = probe.events.first else {
          throw CheckFailure(description: "\(wrong) is taken: \(probe.events)")
        }
        try expect(reason.utf8.last == UInt8(ascii: "."), "\(wrong): no sentence but \(reason)")
      }
    },
    Check("tells the status of a refusal once, and nothing of what follows") {
      for status in [200, 301, 401, 404, 503] {
        var probe = ClientProbe()
        probe.receive("HTTP/1.1 \(status) Whatever\r\nContent-Length: 4\r\n\r\nbody")
        probe.receive(try probe.answer())
        probe.end()
        probe.wait(.seconds(100))
        try expectEqual(probe.events, [.refused(status: status)])
      }
    },
    Check("waits for no endless answer: line, fields, head and interim answers have limits") {
      let limits = HTTPLimits()
      let line = "HTTP/1.1 200 " + String(repeating: "a", count: limits.requestLine)
      let fields = String(repeating: "A: b\r\n", count: limits.fields + 1)
      let wide = "A: " + String(repeating: "b", count: limits.head) + "\r\n"
      let interims = String(repeating: "HTTP/1.1 100 C\r\n\r\n", count: limits.head / 18 + 1)
      let answers = [
        line, "HTTP/1.1 200 OK\r\n\(fields)\r\n", "HTTP/1.1 200 OK\r\n\(wide)", interims,
        String(repeating: "\r\n", count: limits.head),
      ]
      for answer in answers {
        for size in [1, 100, 100_000] {
          var probe = ClientProbe()
          probe.receive(Array(answer.utf8), by: size)
          guard case .failed = probe.events.first else {
            throw CheckFailure(description: "taken, pieces of \(size): \(answer.prefix(40))")
          }
        }
      }
      // As much as fits: what lies behind the head is not counted.
      var probe = ClientProbe()
      let many = [UInt8](repeating: 0x8A, count: 10) + [UInt8](repeating: 0, count: 30_000)
      probe.handshake.receive((try probe.answer() + many).span, at: .zero)
      guard case .open("c", let leftover) = probe.handshake.nextEvent() else {
        throw CheckFailure(description: "not opened")
      }
      try expectEqual(leftover, many)
    },
    Check("gives up when the server is silent, dribbles, or goes") {
      var silent = ClientProbe()
      silent.wait(.seconds(9))
      try expectEqual(silent.events, [])
      silent.wait(.seconds(2))
      try expectEqual(silent.events, [.failed("The server did not answer in time.")])
      var slow = ClientProbe()
      for byte in "HTTP/1.1 200 OK".utf8 {
        slow.receive([byte])
        slow.wait(.seconds(1))
      }
      try expectEqual(slow.events, [.failed("The server did not answer in time.")])
      var gone = ClientProbe()
      gone.receive("HTTP/1.1 101")
      gone.end()
      try expectEqual(
        gone.events,
        [.failed("The server closed the connection without an answer.")]
      )
    },
    Check("lets no target and no field of a client smuggle a line") {
      var probe = ClientProbe(
        [],
        target: "/ws HTTP/1.1\r\nX: y",
        headers: ["Origin": "b\r\nX: y", "Bad name": "z"]
      )
      let lines = probe.request().split(separator: UInt8(ascii: "\n")).map {
        String(decoding: $0.dropLast(), as: UTF8.self)
      }
      try expectEqual(lines.first, "GET /ws%20HTTP/1.1%0d%0aX:%20y HTTP/1.1")
      try expectEqual(lines.dropFirst(6), ["Origin: b  X: y", ""])
    },
    Check("reads addresses of WebSockets, and takes the token out of them") {
      let cases: [(String, String, UInt16, String, String?)] = [
        ("ws://a", "a", 80, "/", nil), ("WS://A:8080/ws", "a:8080", 8_080, "/ws", nil),
        ("ws://[::1]:81/ws?token=x", "[::1]:81", 81, "/ws", "x"),
        ("ws://10.0.0.7/ws?a=1&token=a%2Fb&b=2", "10.0.0.7", 80, "/ws?a=1&b=2", "a/b"),
        ("wss://a/ws", "a", 443, "/ws", nil), ("WSS://a:80/ws", "a:80", 80, "/ws", nil),
        ("ws://a?token=x&token=y", "a", 80, "/?token=y", "x"),
        ("ws://a/ws?token", "a", 80, "/ws", ""),
        ("ws://a/ws?token=%zz", "a", 80, "/ws?token=%zz", nil),
        ("ws://a/ws?Token=x&xtoken=y", "a", 80, "/ws?Token=x&xtoken=y", nil),
      ]
      for (text, authority, port, target, token) in cases {
        var url = try WebSocketURL(parsing: text)
        try expectEqual(url.takeParameter("token"), token, text)
        try expectEqual("\(url.authority)", authority, text)
        try expectEqual(url.port, port, text)
        try expectEqual(url.target, target, text)
        let scheme = url.isSecure ? "wss" : "ws"
        try expectEqual("\(url)", "\(scheme)://\(authority)\(target)", text)
        try expect(text.lowercased().utf8.starts(with: "\(scheme):".utf8), "scheme of \(text)")
      }
    },
    Check("refuses in a sentence what is no address of a WebSocket") {
      let texts = [
        "", "a", "ws:", "ws:/a", "//a", "ws//a", "http://a/", "wsss://a/", "ws://", "ws://:80",
        "ws://a:0x50", "ws://a:65536", "ws://u:p@a/", "ws://a/#x", "ws://a/ b", "ws://a/\u{7F}",
        "ws://a/ä", "ws://127.1/", "ws://[::1", "ws://[::1%25eth0]/", "\u{1B}[2J",
      ]
      for text in texts {
        do {
          let url = try WebSocketURL(parsing: text)
          throw CheckFailure(description: "\(text) is taken as \(url)")
        } catch let fault as WebSocketURL.Fault {
          try expect(fault.description.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "\(fault)")
        }
      }
    },
  ]

  private static func replacing(_ old: String, by new: String, in text: [UInt8]) -> [UInt8] {
    let old = Array(old.utf8)
    for index in text.indices where text[index...].starts(with: old) {
      return text[..<index] + Array(new.utf8) + text[(index + old.count)...]
    }
    return text
  }
}
