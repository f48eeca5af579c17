// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// What well-formed requests mean, and what answers look like.
  static let httpRequests: [Check] = [
    Check("decodes target, fields and cookies") {
      var probe = HTTPProbe()
      probe.send(
        "GET /caf%C3%A9/a%20b/?x=1&y=%41+z&flag&=v HTTP/1.1\r\nHOST: Porthole.local.:8080\r\n"
          + "Cookie: token=abc; quoted=\"x y\"; bad name=1; last=\r\nCookie: more=2\r\n"
          + "X-Empty:\r\nX-Twice: a\r\nx-twice:  b , ,c\t\r\n\r\n"
      )
      try expectEqual(probe.requests.count, 1)
      let request = probe.requests[0]
      try expectEqual(request.method, "GET")
      try expectEqual(request.path, "/café/a b/")
      try expectEqual(
        request.query,
        [.init("x", "1"), .init("y", "A z"), .init("flag", ""), .init("", "v")]
      )
      try expectEqual(request.query("y"), "A z")
      try expectEqual(request.authority?.host, .name("porthole.local"))
      try expectEqual(request.authority?.port, 8_080)
      try expectEqual(
        request.cookies,
        [.init("token", "abc"), .init("quoted", "x y"), .init("last", ""), .init("more", "2")]
      )
      try expectEqual(request.cookie("token"), "abc")
      try expectEqual(request.headers["x-empty"], "")
      try expectEqual(request.headers.values(of: "X-TWICE"), ["a", "b , ,c"])
      try expectEqual(request.headers.list(of: "X-Twice"), ["a", "b", "c"])
      try expectEqual(request.headers["missing"], nil)
    },
    Check("answers with length, type and a kept connection") {
      var probe = HTTPProbe()
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(
        probe.received,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\nyes\n"
      )
      try expectEqual(probe.isClosed, false)
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.statuses, [200, 200])
    },
    Check("answers HEAD, 204 and 304 without a body") {
      var probe = HTTPProbe()
      probe.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.received.hasSuffix("Content-Length: 4\r\n\r\n"), true)
      for status in [204, 304] {
        var probe = HTTPProbe()
        probe.answer = HTTPResponse(status, body: [1, 2])
        probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let reason = HTTPResponse.reason(of: status)
        try expectEqual(probe.received, "HTTP/1.1 \(status) \(reason)\r\n\r\n")
      }
    },
    Check("answers pipelined requests one by one, in order") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.requests.map(\.path), ["/1"])
      probe.connection.respond(HTTPResponse(200), at: probe.now)
      try expectEqual(probe.requests.count, 1)
      probe.settle()
      try expectEqual(probe.requests.map(\.path), ["/1", "/2"])
    },
    Check("closes when either side wants it, and keeps HTTP/1.0 only on demand") {
      let table: [(String, String, Bool)] = [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "Connection: close", true),
        ("GET / HTTP/1.0\r\n\r\n", "Connection: close", true),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "Connection: keep-alive", false),
      ]
      for (text, field, isClosed) in table {
        var probe = HTTPProbe()
        probe.send(text)
        try expectEqual(probe.isClosed, isClosed, text)
        try expectEqual(has(probe.received, field), true, text)
      }
      var probe = HTTPProbe()
      probe.answer = HTTPResponse(200, headers: ["Connection": "close"])
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.isClosed, true)
    },
    Check("takes an absolute target's host over the Host field") {
      var probe = HTTPProbe()
      probe.send("GET http://b:81?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.requests.first?.authority, HTTPAuthority("b:81"))
      try expectEqual(probe.requests.first?.path, "/")
      try expectEqual(probe.requests.first?.query("q"), "1")
    },
    Check("lets no value of an answer add a field or a line") {
      var probe = HTTPProbe()
      probe.answer = HTTPResponse(
        302,
        headers: ["Location": "/\r\nSet-Cookie: x=1\0", "Bad name": "y", "Content-Length": "999"]
      )
      probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(
        probe.received,
        "HTTP/1.1 302 Found\r\nLocation: /  Set-Cookie: x=1 \r\nContent-Length: 0\r\n\r\n"
      )
    },
    Check("hands out a long body in pieces of any size") {
      let body = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 % 94 + 33) }
      for room in [1, 7, 1_000] {
        var probe = HTTPProbe()
        probe.answer = nil
        probe.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        probe.connection.respond(HTTPResponse(200, body: body), at: probe.now)
        while probe.transmit(room) {}
        try expectEqual(probe.received.hasSuffix(String(decoding: body, as: UTF8.self)), true)
        try expectEqual(probe.connection.statistics.bytesSent, probe.received.utf8.count)
      }
    },
    Check("counts an answer that nobody asked for, and sends nothing") {
      var probe = HTTPProbe()
      probe.connection.respond(HTTPResponse(200), at: .zero)
      probe.settle()
      try expectEqual(probe.received, "")
      try expectEqual(probe.connection.statistics.strayResponses, 1)
    },
    Check("changes fields by name in any case") {
      var headers: HTTPHeaders = ["A": "1", "b": "2", "a": "3"]
      headers["a"] = "4"
      try expectEqual(headers.fields, [.init("a", "4"), .init("b", "2")])
      headers["B"] = nil
      headers["c"] = "5"
      try expectEqual(headers.fields, [.init("a", "4"), .init("c", "5")])
    },
  ]

  /// Whether `text` holds `part`.
  static func has(_ text: String, _ part: String) -> Bool {
    let text = Array(text.utf8)
    let part = Array(part.utf8)
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
