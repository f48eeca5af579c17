// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Hosts and origins: who may ask, and from where.
  static let httpHosts: [Check] = [
    Check("reads authorities") {
      let table: [(String, String)] = [
        ("a", "a"), ("A.B-c_d.Local.", "a.b-c_d.local"), ("a:80", "a:80"), ("a:", "a"),
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:8080", "192.0.2.1:8080"),
        ("[2001:DB8::1]", "[2001:db8::1]"), ("[::1]:8080", "[::1]:8080"), ("a1.2b", "a1.2b"),
      ]
      for (text, printed) in table {
        try expectEqual(HTTPAuthority(text)?.description, printed, text)
      }
      let wrong = [
        "", ":80", "a:-1", "a:65536", "a:+1", "a:1:2", "a b", "a..b", ".a", "a/", "u@a", "::1",
        "[::1", "[::1]x", "[fe80::1%1]", "[1.2.3.4]", "1.2.3", "1.2.3.4.5", "256.1.1.1", "127.1",
        "2130706433", "0x7f.1", "a.0x1", "ä", "a\0", String(repeating: "a.", count: 127) + "b",
        String(repeating: "a", count: 64),
      ]
      for text in wrong { try expectEqual(HTTPAuthority(text), nil, text) }
    },
    Check("reads origins and compares them with the host") {
      try expectEqual(HTTPOrigin("null"), .opaque)
      for text in ["", "a", "http:", "http:a", "http://", "http://a/", "http://a/b", "//a"] {
        try expectEqual(HTTPOrigin(text), nil, text)
      }
      let table: [(String, String, Bool, Bool)] = [
        ("http://a", "a", false, true), ("http://a:80", "a", false, true),
        ("http://A", "a:80", false, true), ("https://a", "a:443", true, true),
        ("https://a", "a", false, false), ("http://a", "a", true, false),
        ("http://a:81", "a", false, false), ("http://b", "a", false, false),
        ("null", "a", false, false), ("http://[::1]:8080", "[0:0::1]:8080", false, true),
      ]
      for (origin, host, isSecure, isSame) in table {
        guard let origin = HTTPOrigin(origin), let host = HTTPAuthority(host) else {
          throw CheckFailure(description: "\(origin) or \(host) cannot be read")
        }
        try expectEqual(origin.isSame(as: host, isSecure: isSecure), isSame, "\(origin) \(host)")
      }
    },
    Check("knows the device by its addresses, its names and localhost, and by nothing else") {
      for host in [
        "localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:80", "[::1]", "192.0.2.7",
        "192.0.2.7:1", "[::ffff:192.0.2.7]", "[fe80::1]", "porthole.local", "Camera.Example.",
      ] {
        try expectEqual(policy.allows(HTTPAuthority(host)), true, host)
      }
      for host in [
        "192.0.2.8", "[2001:db8::9]", "evil.example", "porthole.local.evil.example",
        "xporthole.local", "local", "0.0.0.0",
      ] {
        try expectEqual(policy.allows(HTTPAuthority(host)), false, host)
      }
      try expectEqual(policy.allows(nil), false)
    },
    Check("answers a request for another host with 421") {
      var probe = HTTPProbe()
      probe.answer = nil
      probe.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
      try expectEqual(policy.refusal(of: probe.requests[0])?.status, 421)
      var request = probe.requests[0]
      request.authority = HTTPAuthority("porthole.local:8080")
      try expectEqual(policy.refusal(of: request), nil)
    },
    Check("lets only the device's own page and listed origins change state") {
      let table: [(String, String, Bool)] = [
        ("http://porthole.local:8080", "porthole.local:8080", true),
        ("http://192.0.2.7", "192.0.2.7", true),
        ("https://friend.example", "porthole.local:8080", true),
        ("http://friend.example", "porthole.local:8080", false),
        // DNS rebinding: page and host agree, but the name is not ours.
        ("http://evil.example", "evil.example", false),
        ("http://porthole.local:9999", "porthole.local:8080", false),
        ("http://evil.example", "porthole.local:8080", false), ("null", "porthole.local", false),
      ]
      for (origin, host, isAllowed) in table {
        guard let origin = HTTPOrigin(origin) else {
          throw CheckFailure(description: "\(origin) cannot be read")
        }
        let found = policy.allows(origin, for: HTTPAuthority(host), isSecure: false)
        try expectEqual(found, isAllowed, "\(origin) for \(host)")
      }
      var open = policy
      open.origins.append(.opaque)
      try expectEqual(open.allows(.opaque, for: HTTPAuthority("a"), isSecure: false), false)
    },
  ]

  private static let policy = HostPolicy(
    addresses: [
      .v4(0xC000_0207), .v6(high: 0xFE80_0000_0000_0000, low: 1, scope: 3),
    ],
    names: ["porthole.local", "camera.example"],
    origins: [HTTPOrigin("https://friend.example")].compactMap { $0 }
  )
}
