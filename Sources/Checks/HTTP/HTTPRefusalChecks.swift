// SPDX-License-Identifier: Apache-2.0
private import HTTP

extension Check {
  /// Requests that the connection answers by itself, and closes.
  static let httpRefusals: [Check] = [
    Check("refuses malformed request lines") {
      let table = [
        ("GET /", 400), ("GET / HTTP/1.1 x", 400), ("GET  / HTTP/1.1", 400),
        ("GET /\tHTTP/1.1", 400), (" GET / HTTP/1.1", 400), ("G(T / HTTP/1.1", 400),
        ("GET / http/1.1", 400), ("GET / HTTP/1.10", 400), ("GET / HTTP/11", 400),
        ("GET / HTTP/x.1", 400), ("GET / HTTP/2.0", 505), ("GET / HTTP/0.9", 505),
        ("PRI * HTTP/2.0", 505), ("BREW / HTTP/1.1", 501), ("get / HTTP/1.1", 501),
        ("TRACE / HTTP/1.1", 501), ("CONNECT a:1 HTTP/1.1", 501), ("GET a HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400), ("GET ftp://a/ HTTP/1.1", 400), ("GET http:/// HTTP/1.1", 400),
        ("GET http://u@a/ HTTP/1.1", 400), ("GET /# HTTP/1.1", 400), ("GET /é HTTP/1.1", 400),
        ("GET /\0 HTTP/1.1", 400), ("\u{16}\u{3}\u{1}", 400), ("GET /\r HTTP/1.1", 400),
      ]
      for (line, status) in table { try refuses("\(line)\r\nHost: a\r\n\r\n", status) }
    },
    Check("refuses paths that two readers could take for different places") {
      let paths = [
        "/.", "/..", "/a/../b", "/a/./b", "/%2e%2e/a", "/%2E", "//", "//a", "/a//b", "/a%2fb",
        "/a%2Fb", "/a%5cb", "/a\\b", "/%00", "/%0a", "/%7f", "/%", "/%4", "/%zz", "/%ff",
        "/%c0%af", "/?%", "/?a=%1", "/?%g0=1",
      ]
      for path in paths { try refuses("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", 400) }
    },
    Check("refuses malformed fields") {
      let lines = [
        "X : y", "X\t: y", " X: y", "\tX: y", ": y", "X", "X y: z", "X: a\0b", "X: a\u{1}b",
        "X: a\rb", "X: a\u{7F}b", "X: a\r\n folded", "X(: y", "é: y",
      ]
      for line in lines { try refuses("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n", 400) }
    },
    Check("refuses lines that end in LF alone") {
      try refuses("GET / HTTP/1.1\nHost: a\n\n", 400)
      try refuses("GET / HTTP/1.1\r\nHost: a\n\r\n", 400)
      try refuses("GET / HTTP/1.1\r\nHost: a\r\n\n", 400)
      try refuses("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400)
    },
    Check("passes over two empty lines before a request, and no more") {
      for size in [1, 1_000] {
        var probe = HTTPProbe()
        probe.send("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", by: size)
        try expectEqual(probe.statuses, [200])
      }
      try refuses("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400)
    },
    Check("wants exactly one Host field that can be read") {
      try refuses("GET / HTTP/1.1\r\n\r\n", 400)
      try refuses("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400)
      try refuses("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400)
      for host in ["", "a b", "a/b", "a:b", "a:99999", "a@b", "[::1", "127.1", "0x7f000001", "é"] {
        try refuses("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", 400)
      }
    },
    Check("refuses every body whose end two readers could see in different places") {
      let table = [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", 400),
        ("Content-Length: 5\r\nContent-Length: 5", 400),
        ("Content-Length: 5\r\nContent-Length: 6", 400), ("Content-Length: 5, 5", 400),
        ("Content-Length: +5", 400), ("Content-Length: -5", 400), ("Content-Length: 0x5", 400),
        ("Content-Length: 5 5", 400), ("Content-Length:", 400), ("Content-Length : 5", 400),
        ("Content-Length: 99999999999999999999999", 413), ("Content-Length: 131073", 413),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: chunked, chunked", 400), ("Transfer-Encoding: chunked, gzip", 400),
        ("Transfer-Encoding: identity", 400), ("Transfer-Encoding: xchunked", 400),
        ("Transfer-Encoding: \"chunked\"", 400), ("Transfer-Encoding:", 400),
        ("Transfer-Encoding: chunked;q=1", 400), ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding:\u{B}chunked", 400), ("Content-Type: application/sdp", 411),
        ("Content-Length: 5\r\nExpect: 200-ok", 417), ("Expect: 100-continue, x", 417),
      ]
      for (fields, status) in table {
        try refuses("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\nhello", status)
      }
      try refuses("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)
    },
    Check("bounds the request line, the fields and their number") {
      let long = String(repeating: "x", count: 5_000)
      try refuses("GET /\(long)", 414)
      try refuses("GET /\(long) HTTP/1.1\r\n", 414)
      try refuses("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\nY: \(long)", 431)
      try refuses("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\(long)", 431)
      let many = (0..<64).map { "X\($0): y\r\n" }.joined()
      try refuses("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n", 431)
    },
    Check("says what is wrong in one sentence, and lets the client read it") {
      var probe = HTTPProbe()
      probe.send("GET / HTTP/1.1\r\n\r\n")
      try expectEqual(
        probe.received,
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
          + "X-Content-Type-Options: nosniff\r\nContent-Length: 44\r\nConnection: close\r\n\r\n"
          + "The request has not exactly one Host field.\n"
      )
      try expectEqual(probe.hasStoppedSending, true)
      try expectEqual(probe.isClosed, false)
      let discarded = probe.connection.statistics.bytesDiscarded
      probe.send(String(repeating: "x", count: 100_000), by: 1_000)
      try expectEqual(probe.connection.statistics.bytesDiscarded - discarded, 100_000)
      probe.connection.peerClosed()
      probe.settle()
      try expectEqual(probe.isClosed, true)
      try expectEqual(probe.connection.nextEvent(), nil)
    },
  ]

  private static func refuses(_ text: String, _ status: Int) throws {
    for size in [Int.max, 1] {
      var probe = HTTPProbe()
      probe.send(text, by: size)
      try expectEqual(probe.statuses, [status], "'\(text.prefix(80))' in pieces of \(size)")
      try expectEqual(probe.requests.count, 0, text)
      try expectEqual(probe.connection.isClosing, true, text)
    }
  }
}
