// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// HTTP: requests, bodies, hostile clients, deadlines, hosts and origins.
  public static let http: [Check] =
    httpRequests + httpBodies + httpRefusals + httpTimes + httpHosts + httpMutations

  private static let httpMutations: [Check] = [
    Check("survives damaged requests, and always ends in an answer or in silence") {
      for target in FuzzTarget.http { target.mutate(count: 8_000, seed: 0x9112) }
    },
    Check("means the same however the bytes are cut") {
      for seed in FuzzTarget.httpSeeds {
        var whole = HTTPProbe()
        whole.send(seed)
        for size in [1, 2, 3, 7, 50] {
          var cut = HTTPProbe()
          cut.send(seed, by: size)
          try expectEqual(cut.requests, whole.requests, "pieces of \(size): \(seed.count)")
          // Whether the body came with the head decides about 100 Continue, and nothing else.
          let final = { (statuses: [Int]) in statuses.filter { $0 != 100 } }
          try expectEqual(final(cut.statuses), final(whole.statuses), "pieces of \(size)")
          try expectEqual(cut.isClosed, whole.isClosed, "pieces of \(size): \(seed.count)")
        }
      }
    },
  ]
}

extension FuzzTarget {
  /// The server's side of HTTP, and the parsers of authorities and origins.
  public static let http: [FuzzTarget] = [
    FuzzTarget("http", seeds: httpSeeds) { input in
      var probe = HTTPProbe()
      // The first byte says how the rest is cut.
      probe.send(input, by: max(1, Int(input.first ?? 0) % 64))
      probe.wait(.seconds(60))
      precondition(probe.isClosed, "a connection outlives its deadlines")
      precondition(!probe.connection.hasOutput, "something is left unsent")
      let count = probe.requests.count + probe.connection.statistics.refusals
      precondition(probe.statuses.count { $0 != 100 } <= count, "an answer without a request")
      for request in probe.requests {
        precondition(request.path.utf8.first == UInt8(ascii: "/") || request.path == "*", "path")
        precondition(request.body.count <= probe.connection.limits.body, "a body is too long")
        _ = (request.cookies, request.contentType)
      }
    },
    FuzzTarget(
      "authority",
      seeds: ["[fe80::1]:8080", "192.0.2.1:80", "porthole.local", "http://a.b:1"].map {
        Array($0.utf8)
      }
    ) { input in
      let text = String(decoding: input, as: UTF8.self)
      _ = HTTPOrigin(text)
      guard let authority = HTTPAuthority(text) else { return }
      precondition(HTTPAuthority(authority.description) == authority, "changed by printing")
    },
  ]

  static let httpSeeds: [[UInt8]] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a%20b?x=1&y=%41+z HTTP/1.1\r\nHost: [::1]:8080\r\nCookie: t=1; u=\"2\"\r\n\r\n",
    "GET http://h:1/p HTTP/1.1\r\nhost: h\r\n\r\nHEAD /q HTTP/1.1\r\nhost: h\r\n\r\n",
    "POST /whep HTTP/1.1\r\nHost: a\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"
      + "GET / HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    "\r\nDELETE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ].map { Array($0.utf8) }
}
