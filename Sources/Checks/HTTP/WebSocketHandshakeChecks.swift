// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// The server's side of the opening handshake, and the end of HTTP on a connection.
  static let webSocketHandshake: [Check] = [
    Check("answers a request with the accept key of RFC 6455 section 1.3") {
      guard case .accepted(let response, let subprotocol) = answer(to: goodRequest) else {
        throw CheckFailure(description: "refused")
      }
      try expectEqual(response.status, 101)
      try expectEqual(response.headers["Upgrade"], "websocket")
      try expectEqual(response.headers["Sec-WebSocket-Accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      try expectEqual(response.headers["Sec-WebSocket-Protocol"], nil)
      try expectEqual(subprotocol, nil)
    },
    Check("takes tokens in any case and among others, as browsers send them") {
      var request = goodRequest
      request.headers["Upgrade"] = "h2c, WebSocket"
      request.headers["Connection"] = "keep-alive, uPGRADE"
      request.headers.append("Sec-WebSocket-Extensions", "permessage-deflate")
      guard case .accepted(let response, _) = answer(to: request) else {
        throw CheckFailure(description: "refused")
      }
      try expectEqual(response.headers["Sec-WebSocket-Extensions"], nil)
    },
    Check("chooses the first of its own subprotocols that is offered, or none") {
      for (offered, chosen) in [
        ("a, b", "b"), ("c,b", "c"), ("x", nil), ("C", nil), ("", nil),
      ] as [(String, String?)] {
        var request = goodRequest
        request.headers["Sec-WebSocket-Protocol"] = offered
        let answer = WebSocketHandshake.answer(to: request, subprotocols: ["c", "b"])
        guard case .accepted(let response, let subprotocol) = answer else {
          throw CheckFailure(description: "refused")
        }
        try expectEqual(subprotocol, chosen, offered)
        try expectEqual(response.headers["Sec-WebSocket-Protocol"], chosen, offered)
      }
    },
    Check("refuses what is no handshake of version 13, and says what would be") {
      let cases: [(Int, (inout HTTPRequest) -> Void)] = [
        (405, { $0.method = "POST" }),
        (426, { $0.headers["Upgrade"] = nil }),
        (426, { $0.headers["Upgrade"] = "websockets" }),
        (400, { $0.headers["Connection"] = nil }),
        (400, { $0.headers["Connection"] = "upgraded" }),
        (400, { $0.minorVersion = 0 }),
        (400, { $0.body = [0] }),
        (426, { $0.headers["Sec-WebSocket-Version"] = nil }),
        (426, { $0.headers["Sec-WebSocket-Version"] = "8" }),
        (426, { $0.headers.append("Sec-WebSocket-Version", "13") }),
        (400, { $0.headers["Sec-WebSocket-Key"] = nil }),
        (400, { $0.headers["Sec-WebSocket-Key"] = "" }),
        (400, { $0.headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ" }),
        (400, { $0.headers["Sec-WebSocket-Key"] = Text.base64([UInt8](repeating: 1, count: 15)) }),
        (400, { $0.headers["Sec-WebSocket-Key"] = Text.base64([UInt8](repeating: 1, count: 17)) }),
        (400, { $0.headers.append("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") }),
        (400, { $0.headers["Sec-WebSocket-Protocol"] = "a b" }),
      ]
      for (index, (status, change)) in cases.enumerated() {
        var request = goodRequest
        change(&request)
        guard case .refused(let response) = answer(to: request) else {
          throw CheckFailure(description: "case \(index) is accepted")
        }
        try expectEqual(response.status, status, "case \(index)")
        try expectEqual(response.headers["Upgrade"], status == 426 ? "websocket" : nil)
        if request.headers["Upgrade"] == "websocket", status == 426 {
          try expectEqual(response.headers["Sec-WebSocket-Version"], "13", "case \(index)")
        }
      }
    },
    Check("ends HTTP on the connection with 101, and hands over what came behind the request") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send(goodText + "leftover")
      let response = HTTPResponse(101, headers: ["Upgrade": "websocket", "Content-Length": "9"])
      let leftover = probe.connection.upgrade(response, at: probe.now)
      try expectEqual(leftover, Array("leftover".utf8))
      try expectEqual(probe.connection.canReceive, true, "bytes are wanted, but by another")
      try expectEqual(probe.connection.deadline, nil)
      probe.settle()
      try expectEqual(
        probe.received,
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
      )
      probe.send("GET / HTTP/1.1\r\n\r\n")
      probe.connection.respond(HTTPResponse(200), at: probe.now)
      probe.connection.peerClosed()
      probe.wait(.seconds(100))
      try expectEqual(probe.connection.hasOutput, false)
      try expectEqual(probe.requests.count, 1)
      try expectEqual(probe.isClosed, false)
    },
    Check("ends HTTP only when a request waits and the client is there") {
      var idle = HTTPProbe()
      try expectEqual(idle.connection.upgrade(HTTPResponse(101), at: .zero), nil)
      idle.answer = nil
      idle.send(goodText)
      idle.connection.peerClosed()
      try expectEqual(idle.connection.upgrade(HTTPResponse(101), at: .zero), nil)
      idle.connection.respond(HTTPResponse(101), at: .zero)
      idle.settle()
      try expectEqual(idle.statuses, [200], "101 is no answer")
    },
    Check("says Upgrade in Connection where the answer has an Upgrade field") {
      var probe = HTTPProbe()
      probe.answer = HTTPResponse(426, headers: ["Upgrade": "websocket"])
      probe.send(
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      )
      let lines = probe.received.utf8.split(separator: UInt8(ascii: "\n")).filter {
        $0.starts(with: "Connection: ".utf8)
      }
      try expectEqual(
        lines.map { String(decoding: $0.dropLast(), as: UTF8.self) },
        ["Connection: Upgrade", "Connection: close, Upgrade"]
      )
    },
  ]

  /// The request of RFC 6455 section 1.3.
  private static let goodText =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    + "Sec-WebSocket-Version: 13\r\n\r\n"

  private static var goodRequest: HTTPRequest {
    var probe = HTTPProbe()
    probe.send(goodText)
    return probe.requests.first ?? HTTPRequest(method: "GET", target: "/", path: "/")
  }

  private static func answer(to request: HTTPRequest) -> WebSocketHandshake.Answer {
    WebSocketHandshake.answer(to: request)
  }
}
