// SPDX-License-Identifier: Apache-2.0
import EventLoop
import HTTP
import JSON
import Signaling
import Synchronization
import Testing
import Wire

@Suite struct PortholeServiceTests {
  /// Every route, and what it answers with the right token; `true` where it needs one.
  static let routes: [(method: String, path: String, status: Int, isGuarded: Bool)] = [
    ("GET", "/", 200, true), ("HEAD", "/", 200, true), ("POST", "/", 405, true),
    ("GET", "/porthole.js", 200, true), ("GET", "/sharing.js", 200, true),
    ("GET", "/sound.js", 200, true), ("GET", "/talk.js", 200, true),
    ("GET", "/porthole.css", 200, true),
    ("DELETE", "/porthole.js", 405, true), ("GET", "/ws", 426, true),
    ("GET", "/health", 200, false),
    ("POST", "/health", 405, false), ("GET", "/stats", 200, true), ("HEAD", "/stats", 200, true),
    ("POST", "/stats", 405, true), ("POST", "/whep", 415, true), ("GET", "/whep", 204, true),
    ("OPTIONS", "/whep", 200, true), ("DELETE", "/whep", 405, true), ("PUT", "/whep", 405, true),
    ("DELETE", "/whep/nobody", 404, true), ("GET", "/whep/nobody", 404, true),
    ("PATCH", "/whep/nobody", 404, true), ("DELETE", "/whep/", 404, true),
    ("GET", "/nothing", 404, true), ("GET", "/index.html", 404, true),
    ("GET", "/Page/porthole.js", 404, true), ("OPTIONS", "*", 404, true),
  ]

  @Test func `guards every route by the token, in header and cookie`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    for route in Self.routes {
      let refused = route.isGuarded ? 401 : route.status
      let cases: [(token: String?, headers: HTTPHeaders, status: Int)] = [
        (nil, [:], refused), ("0123456789abcdeX", [:], refused), ("", [:], refused),
        (Desk.token + "0", [:], refused), (nil, ["Cookie": "porthole=wrong"], refused),
        (nil, ["Authorization": "Basic \(Desk.token)"], refused),
        // A wrong header is not mended by a right cookie.
        ("wrong", ["Cookie": "porthole=\(Desk.token)"], refused), (Desk.token, [:], route.status),
        (nil, ["Authorization": "bearer \(Desk.token)"], route.status),
        (nil, ["Cookie": "a=b; porthole=\(Desk.token)"], route.status),
      ]
      for (token, headers, status) in cases {
        let answer = await desk.ask(route.method, route.path, token: token, headers: headers)
        let found = "\(route.method) \(route.path) with \(token ?? "no token"), \(headers)"
        #expect(answer.status == status, "\(found)")
        #expect((answer.headers["WWW-Authenticate"] != nil) == (answer.status == 401), "\(found)")
        let isTold = answer.status == 405 || route.method == "OPTIONS" && answer.status == 200
        #expect((answer.headers["Allow"] != nil) == isTold, "\(found)")
      }
    }
    let missing = await desk.ask("GET", "/stats", token: nil)
    let wrong = await desk.ask("GET", "/stats", token: "wrong")
    #expect(missing.text.holds("missing") && wrong.text.holds("wrong"))
    await desk.close()
  }

  @Test func `asks for nothing when it runs without a token`() async throws {
    let desk = try await Desk.make(token: nil, hasCamera: false)
    for route in Self.routes {
      #expect(await desk.ask(route.method, route.path, token: nil).status == route.status)
    }
    // Any text is admitted then; none of it comes back in a header.
    let answer = await desk.ask("GET", "/", query: [.init("token", "x; Domain=example.org")])
    #expect(answer.status == 303)
    #expect(answer.headers["Set-Cookie"] == nil)
    await desk.close()
  }

  @Test func `turns the token in the page's address into a cookie`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    let right = await desk.ask("GET", "/", query: [.init("token", Desk.token)], token: nil)
    #expect(right.status == 303)
    #expect(right.headers["Location"] == "/")
    #expect(right.headers["Cache-Control"] == "no-store")
    let cookie = try #require(right.headers["Set-Cookie"])
    #expect(cookie.holds("porthole=\(Desk.token);"))
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.holds(attribute)) }
    for text in ["", "wrong", Desk.token + "x"] {
      let answer = await desk.ask("GET", "/", query: [.init("token", text)], token: nil)
      #expect(answer.status == 401)
      #expect(answer.headers["Set-Cookie"] == nil)
    }
    let posted = await desk.ask("POST", "/", query: [.init("token", Desk.token)], token: nil)
    #expect(posted.status == 401)
    let locked = await desk.ask("GET", "/", token: nil)
    #expect(locked.status == 401)
    #expect(locked.headers["Content-Type"]?.holds("text/html") == true)
    #expect(locked.text.holds("<form") && locked.text.holds("token"))
    await desk.close()
  }

  @Test func `answers only to its own names and pages`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    let hosts: [(String?, Bool)] = [
      ("127.0.0.1:8080", true), ("[::1]:8080", true), ("localhost", true), ("LOCALHOST:80", true),
      ("porthole.local", true), ("evil.example", false), ("porthole.local.evil.example", false),
      ("192.0.2.1", false), (nil, false),
    ]
    for (host, isOurs) in hosts {
      for path in ["/", "/health", "/stats", "/nothing"] {
        let answer = await desk.ask("GET", path, host: host)
        #expect((answer.status == 421) == !isOurs, "\(host ?? "none") \(path)")
      }
    }
    let origins: [(String, Bool)] = [
      ("http://127.0.0.1:8080", true), ("http://127.0.0.1", false),
      ("https://127.0.0.1:8080", false),
      ("http://localhost:8080", false), ("http://evil.example", false), ("null", false),
      ("nonsense", false), ("", false),
    ]
    for (origin, isOurs) in origins {
      for (method, path) in [("POST", "/whep"), ("DELETE", "/whep/x"), ("GET", "/stats")] {
        let answer = await desk.ask(method, path, headers: ["Origin": origin])
        #expect((answer.status == 403) == !isOurs, "\(origin) \(method) \(path)")
      }
    }
    let rebound = await desk.ask(
      "POST",
      "/whep",
      host: "evil.example",
      headers: ["Origin": "http://evil.example"]
    )
    #expect(rebound.status == 421)
    await desk.close()
  }

  @Test func `learns an address that the board gets later`() async throws {
    let shared = SharedPolicy()
    let desk = try await Desk.make(hasCamera: false) { shared.value.withLock { $0 } }
    #expect(await desk.ask("GET", "/health", host: "porthole.local").status == 421)
    shared.value.withLock { $0.names = ["porthole.local"] }
    let start = desk.loop.now
    while await desk.ask("GET", "/health", host: "porthole.local").status == 421 {
      guard desk.loop.now - start < .seconds(60) else { break }
      try await desk.loop.sleep(for: .milliseconds(20))
    }
    #expect(await desk.ask("GET", "/health", host: "porthole.local").status == 200)
    await desk.close()
  }

  @Test func `gives the page with a policy that lets nothing foreign in`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    for (path, type) in [
      ("/", "text/html"), ("/porthole.js", "text/javascript"),
      ("/sharing.js", "text/javascript"), ("/porthole.css", "text/css"),
    ] {
      let answer = await desk.ask("GET", path)
      #expect(answer.headers["Content-Type"]?.holds(type) == true)
      #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
      let policy = try #require(answer.headers["Content-Security-Policy"])
      #expect(policy.holds("default-src 'self'"))
      #expect(!policy.holds("unsafe"))
      #expect(!answer.body.isEmpty)
      #expect(!answer.text.holds(Desk.token))
    }
    await desk.close()
  }

  @Test func `tells health and statistics as JSON`() async throws {
    let desk = try await Desk.make()
    let health = await desk.ask("GET", "/health", token: nil)
    #expect(health.text == #"{"status":"ok"}"#)
    #expect(health.headers["Content-Type"] == "application/json")
    let stats = await desk.ask("GET", "/stats")
    let value = try JSONValue(parsing: stats.body)
    #expect(value["viewers"]?.integer == 0)
    #expect(value["peers"]?.array?.isEmpty == true)
    for name in ["width", "height", "framesCaptured", "framesDropped"] {
      #expect(value["camera"]?[name]?.integer != nil, "\(name)")
    }
    #expect(value["camera"]?["label"]?.string == "test")
    for name in ["framesEncoded", "keyFramesEncoded", "bytesEncoded", "targetBitrate"] {
      #expect(value["encoder"]?[name]?.integer != nil, "\(name)")
    }
    for name in ["accepted", "refused", "evicted", "expired"] {
      #expect(value["offers"]?[name]?.integer == 0, "\(name)")
    }
    for name in ["connections", "connectionsUnauthorized", "connectionsEvicted", "requests"] {
      #expect(value["http"]?[name]?.integer == 0, "\(name)")
    }
    for name in ["strangers", "tooLong", "receiveBufferFull", "stun", "unauthenticated"] {
      #expect(value["network"]?["dropped"]?[name]?.integer == 0, "\(name)")
    }
    #expect(!stats.text.holds(Desk.token))
    await desk.close()
    let blind = try await Desk.make(hasCamera: false)
    let nothing = try JSONValue(parsing: await blind.ask("GET", "/stats").body)
    #expect(nothing["camera"]?.isNull == true && nothing["encoder"]?.isNull == true)
    await blind.close()
  }
}

private final class SharedPolicy: Sendable {
  let value = Mutex(HostPolicy())
}
