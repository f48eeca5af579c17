// SPDX-License-Identifier: Apache-2.0
private import HTTP

extension Check {
  /// How bodies are framed.
  static let httpBodies: [Check] = [
    Check("reads a body by its length, and the next request after it") {
      var probe = HTTPProbe()
      probe.send(post + "Content-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
      try expectEqual(probe.requests.map(\.body), [Array("hello".utf8), []])
      try expectEqual(probe.requests.map(\.path), ["/", "/2"])
    },
    Check("reads chunks, extensions and trailers") {
      var probe = HTTPProbe()
      probe.send(
        post + "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n6;name=\"v\"\r\n world\r\n"
          + "00\r\nTrailer: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
      )
      try expectEqual(probe.requests.map(\.body), [Array("hello world".utf8), []])
      try expectEqual(probe.requests.first?.headers["Trailer"], nil)
    },
    Check("reads a body of exactly the limit, and refuses one byte more") {
      var limits = HTTPLimits()
      limits.body = 10
      for (count, status) in [(10, 200), (11, 413)] {
        let body = String(repeating: "x", count: count)
        var plain = HTTPProbe(limits)
        plain.send(post + "Content-Length: \(count)\r\n\r\n\(body)")
        try expectEqual(plain.statuses, [status], "length \(count)")
        var chunked = HTTPProbe(limits)
        let hex = String(count - 4, radix: 16)
        chunked.send(post + "Transfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n\(hex)\r\n")
        chunked.send(String(repeating: "x", count: count - 4) + "\r\n0\r\n\r\n")
        try expectEqual(chunked.statuses, [status], "chunks \(count)")
      }
    },
    Check("says 100 Continue only to who waits for it") {
      var probe = HTTPProbe()
      probe.send(post + "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
      try expectEqual(probe.received, "HTTP/1.1 100 Continue\r\n\r\n")
      probe.send("ok")
      try expectEqual(probe.statuses, [100, 200])
      var eager = HTTPProbe()
      eager.send(post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok")
      try expectEqual(eager.statuses, [200])
      var none = HTTPProbe()
      none.send(post + "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n")
      try expectEqual(none.statuses, [200])
      var old = HTTPProbe()
      old.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      try expectEqual(old.received, "")
    },
    Check("refuses a body that is too long before it is sent") {
      var probe = HTTPProbe()
      probe.send(post + "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n")
      try expectEqual(probe.statuses, [413])
      try expectEqual(probe.hasStoppedSending, true)
    },
    Check("refuses broken chunks") {
      let table = [
        ("x\r\n", 400), ("\r\n", 400), ("-1\r\n", 400), ("+1\r\n", 400), ("0x1\r\n", 400),
        (" 1\r\n", 400), ("1 \r\n", 400), ("1\nx", 400), ("2\r\nabc\r\n", 400),
        ("1\r\na\n", 400), ("1\r\nab", 400), ("ffffffffffffffff\r\n", 400), ("fffffff\r\n", 413),
        ("7fffffffffffffff\r\n", 400), ("1;\0\r\n", 400), ("0\r\nbad\u{20}name: x\r\n", 400),
        ("0\r\n: x\r\n", 400), ("1;" + String(repeating: "x", count: 5_000), 431),
      ]
      for (text, status) in table {
        var probe = HTTPProbe()
        probe.send(post + "Transfer-Encoding: chunked\r\n\r\n" + text + "\r\n\r\n\r\n")
        try expectEqual(probe.statuses, [status], text)
        try expectEqual(probe.requests.count, 0, text)
      }
    },
    Check("bounds extensions and trailers as a whole") {
      let filler = String(repeating: "y", count: 1_000)
      var chunks = HTTPProbe()
      chunks.send(post + "Transfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<9 { chunks.send("1;\(filler)\r\nx\r\n") }
      try expectEqual(chunks.statuses, [431])
      var trailers = HTTPProbe()
      trailers.send(post + "Transfer-Encoding: chunked\r\n\r\n0\r\n")
      for _ in 0..<9 { trailers.send("x: \(filler)\r\n") }
      try expectEqual(trailers.statuses, [431])
    },
  ]

  private static let post = "POST / HTTP/1.1\r\nHost: a\r\n"
}
