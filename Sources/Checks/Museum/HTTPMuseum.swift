// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Requests, as bytes on a connection.
  static let museumHTTP: [Check] = [
    Check(
      "the size of a chunk overflows 32 or 64 bits, or is negative",
      after: "CVE-2013-2028, questdb/questdb #6802, ithewei/libhv #874"
    ) {
      for size in [
        "80000000", "ffffffff", "100000000", "7fffffffffffffff", "8000000000000000",
        "ffffffffffffffff", "fffffffffffffffff", "10000000000000000", "dddddddddddddddd", "-1",
      ] {
        var probe = HTTPProbe()
        probe.send(chunked + "\(size)\r\nx")
        try expect([[400], [413]].contains(probe.statuses), "\(size): \(probe.statuses)")
        try expectEqual(probe.requests.count, 0, size)
        try expect(probe.hasStoppedSending, "\(size): goes on")
      }
      try expectAlive()
    },
    Check("the size of a chunk is zeros without end", after: "tempesta-tech/tempesta #768") {
      var probe = HTTPProbe()
      probe.send(chunked + "5\r\nHELLO\r\n")
      for _ in 0..<100 where !probe.hasStoppedSending {
        probe.send(String(repeating: "0", count: 1_000))
      }
      try expectEqual(probe.statuses, [431], "statuses")
      try expect(probe.connection.statistics.bytesReceived < 10_000, "it was read on")
      try expectAlive()
    },
    Check(
      "a chunk ends exactly where a body may end at most",
      after: "Tarsnap/tarsnap #722"
    ) {
      var limits = HTTPLimits()
      limits.body = 10
      var probe = HTTPProbe(limits)
      probe.send(chunked + "a\r\n0123456789\r\n0\r\n\r\n")
      try expectEqual(probe.statuses, [200], "exactly")
      try expectEqual(probe.requests.first?.body.count, 10, "bytes")
      var longer = HTTPProbe(limits)
      longer.send(chunked + "a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n")
      try expectEqual(longer.statuses, [413], "one more")
    },
    Check("Content-Length wraps when the head is added to it", after: "ohler55/agoo #139") {
      for length in [
        "18446744073709551615", "18446744073709551600", "9223372036854775807", "4294967295",
        "99999999999999999999999999",
      ] {
        var probe = HTTPProbe()
        probe.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nx")
        try expectEqual(probe.statuses, [413], length)
        try expectEqual(probe.requests.count, 0, length)
      }
      try expectAlive()
    },
    Check("a list of tokens has empty ones among them", after: "CVE-2012-5533") {
      for value in ["TE,,Keep-Alive", ",", ",,,,", " , ,", "close,,", ",close"] {
        var probe = HTTPProbe()
        probe.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(value)\r\n\r\n")
        try expectEqual(probe.statuses, [200], value)
        let isLast = value.utf8.contains(UInt8(ascii: "c"))
        try expectEqual(probe.isClosed, isLast, "'\(value)': closed")
      }
    },
    Check(
      "the port of a host is more than 16 bits, in Host or in the target",
      after: "CVE-2024-21631"
    ) {
      for port in ["65536", "99999", "4294967296", "18446744073709551616", "-1", "+1", "1e3"] {
        for request in [
          "GET / HTTP/1.1\r\nHost: a:\(port)\r\n\r\n",
          "GET http://a:\(port)/ HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
          var probe = HTTPProbe()
          probe.send(request)
          try expectEqual(probe.statuses, [400], request)
        }
      }
      try expectAlive()
    },
    Check(
      "a request has more header fields than anybody needs",
      after: "CVE-2026-28980, CVE-2024-37890"
    ) {
      for field in ["a:\r\n", "Sec-WebSocket-Extensions: x\r\n"] {
        var probe = HTTPProbe()
        probe.send("GET / HTTP/1.1\r\nHost: a\r\n")
        for _ in 0..<200_000 where !probe.hasStoppedSending { probe.send(field) }
        probe.send("\r\n")
        try expectEqual(probe.statuses, [431], "statuses")
        try expect(probe.connection.statistics.bytesReceived < 20_000, "it was read on")
      }
      var few = HTTPProbe()
      few.send("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "a:\r\n", count: 65) + "\r\n")
      try expectEqual(few.statuses, [431], "65 fields")
    },
    Check("NUL and other controls stand in a request", after: "CVE-2013-3724") {
      for request in [
        "\0", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\0: b\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
      ] {
        var probe = HTTPProbe()
        probe.send(request + "\r\n\r\n")
        try expectEqual(probe.statuses, [400], request.debugDescription)
        try expectEqual(probe.requests.count, 0, request.debugDescription)
      }
      try expectAlive()
    },
  ]

  private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  /// Throws unless the next connection is served.
  private static func expectAlive() throws {
    var probe = HTTPProbe()
    probe.send(chunked + "1\r\nx\r\n0\r\n\r\n")
    try expectEqual(probe.statuses, [200], "a good request")
  }
}
