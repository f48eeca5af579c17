// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import HTTP
import JSON
@testable import Signaling
import Testing

@Suite(.timeLimit(.minutes(1))) struct AccessTests {
  static let view = Desk.token
  static let control = "fedcba9876543210"

  /// What somebody may bring, and what it opens where both tokens are asked for.
  static let credentials: [(what: String, headers: HTTPHeaders, level: AccessLevel)] = [
    ("nothing", [:], .none),
    ("the view token", ["Authorization": "Bearer \(view)"], .view),
    ("the control token", ["Authorization": "Bearer \(control)"], .control),
    ("the view token's cookie", ["Cookie": "porthole=\(view)"], .view),
    ("the control token's cookie", ["Cookie": "a=b; porthole=\(control)"], .control),
    ("a token that ends otherwise", ["Authorization": "Bearer fedcba987654321X"], .none),
    ("a part of the control token", ["Authorization": "Bearer fedcba987654321"], .none),
    ("both tokens in one", ["Authorization": "Bearer \(view)\(control)"], .none),
    ("an empty token", ["Authorization": "Bearer "], .none),
    ("an empty cookie", ["Cookie": "porthole="], .none),
    ("the word none", ["Authorization": "Bearer none"], .none),
    (
      "a wrong header beside a right cookie",
      ["Authorization": "Bearer wrong", "Cookie": "porthole=\(control)"], .none
    ),
    (
      "the view token beside the control token's cookie",
      ["Authorization": "Bearer \(view)", "Cookie": "porthole=\(control)"], .view
    ),
    ("another scheme", ["Authorization": "Basic \(control)"], .none),
  ]

  private func level(_ access: Access, _ headers: HTTPHeaders) -> AccessLevel {
    access.level(of: HTTPRequest(method: "GET", target: "/", path: "/", headers: headers))
  }

  @Test func `opens what each token opens, with whatever is asked for`() {
    for (what, headers, level) in Self.credentials {
      let both = Access(token: Self.view, controlToken: Self.control)
      #expect(self.level(both, headers) == level, "\(what)")
      // Where there is no control token, it opens nothing.
      let viewers = Access(token: Self.view)
      #expect(self.level(viewers, headers) == (level == .control ? .none : level), "\(what)")
      let open = Access(token: nil, controlToken: Self.control)
      #expect(self.level(open, headers) == (level == .control ? .control : .view), "\(what)")
      #expect(self.level(Access(token: nil), headers) == .control, "\(what)")
      let same = Access(token: Self.view, controlToken: Self.view)
      #expect(self.level(same, headers) == (level == .view ? .control : .none), "\(what)")
    }
  }

  @Test func `by HTTPS takes the cookie of HTTPS first, if it opens anything`() {
    let access = Access(token: Self.view, controlToken: Self.control)
    let (own, other) = ("__Host-porthole", "porthole")
    let cases: [(cookies: String, secure: AccessLevel, plain: AccessLevel)] = [
      ("\(own)=\(Self.view)", .view, .none),
      ("\(other)=\(Self.view)", .view, .view),
      ("\(other)=\(Self.control); \(own)=\(Self.view)", .view, .control),
      ("\(own)=\(Self.control); \(other)=\(Self.view)", .control, .view),
      ("\(own)=former; \(other)=\(Self.view)", .view, .view),
      ("\(own)=\(Self.view); \(other)=former", .view, .none),
      ("\(own)=former", .none, .none),
    ]
    for (cookies, secure, plain) in cases {
      var request = HTTPRequest(method: "GET", target: "/", path: "/", headers: ["Cookie": cookies])
      #expect(access.level(of: request) == plain, "\(cookies)")
      request.isSecure = true
      #expect(access.level(of: request) == secure, "\(cookies)")
    }
    #expect(Access.keeping("t", isSecure: false).utf8.starts(with: "porthole=t; Path=/; Http".utf8))
    #expect(Access.keeping("t", isSecure: true).holds("__Host-porthole=t; Path=/; Secure; "))
  }

  @Test func `orders the levels`() {
    #expect(AccessLevel.allCases.sorted() == [.none, .view, .control])
    #expect(!(AccessLevel.view < .view) && !(AccessLevel.control < .none))
  }

  @Test func `answers every route alike to both tokens, and refuses all others`() async throws {
    let desk = try await Desk.make(controlToken: Self.control, hasCamera: false)
    for route in PortholeServiceTests.routes {
      for (what, headers, level) in Self.credentials {
        let answer = await desk.ask(route.method, route.path, token: nil, headers: headers)
        let isOpen = level != .none || !route.isGuarded
        #expect(answer.status == (isOpen ? route.status : 401), "\(route) with \(what)")
        #expect(!answer.text.holds(Self.control) && !answer.text.holds(Self.view))
      }
    }
    await desk.close()
  }

  @Test func `lets everybody watch where no token is asked for, and nobody control`() async throws {
    let desk = try await Desk.make(token: nil, controlToken: Self.control)
    for (what, headers, level) in Self.credentials {
      #expect(await desk.ask("GET", "/stats", token: nil, headers: headers).status == 200)
      let told = try await desk.access(of: headers)
      #expect(told == (level == .control ? "control" : "view"), "\(what)")
    }
    await desk.close()
  }

  @Test func `keeps the level that opened a WHEP session`() async throws {
    let desk = try await Desk.make(controlToken: Self.control)
    for (what, headers, level) in Self.credentials {
      let told = try await desk.access(of: headers)
      #expect(told == (level == .none ? nil : level.rawValue), "\(what)")
    }
    await desk.close()
  }

  @Test func `keeps the level that opened a line, whoever offers`() async throws {
    let desk = try await Desk.make(controlToken: Self.control)
    for (token, level) in [(Self.view, "view"), (Self.control, "control")] {
      for isCalled in [true, false] {
        let friend = try Friend()
        try await friend.dial(try await desk.listen(), token: token)
        if isCalled { await friend.say(.call) } else { try await friend.offer() }
        try await friend.hear { $0.offer != nil || $0.answer != nil }
        let stats = try JSONValue(parsing: await desk.ask("GET", "/stats").body)
        #expect(stats["peers"]?[0]?["access"]?.string == level)
        await friend.hangUp()
        while try JSONValue(parsing: await desk.ask("GET", "/stats").body)["viewers"] != 0 {
          try await desk.loop.sleep(for: .milliseconds(1))
        }
        await friend.stop()
      }
    }
    await desk.close()
  }

  @Test func `makes a cookie of either token in the page's address`() async throws {
    let cases: [(view: String?, control: String?, given: String, isKept: Bool, status: Int)] = [
      (Self.view, Self.control, Self.view, true, 303),
      (Self.view, Self.control, Self.control, true, 303),
      (Self.view, Self.control, "wrong", false, 401), (Self.view, nil, Self.control, false, 401),
      (nil, Self.control, Self.control, true, 303), (nil, Self.control, "wrong", false, 303),
      (nil, nil, Self.control, false, 303), (nil, nil, "x; Domain=example.org", false, 303),
    ]
    for row in cases {
      let desk = try await Desk.make(token: row.view, controlToken: row.control, hasCamera: false)
      let answer = await desk.ask("GET", "/", query: [.init("token", row.given)], token: nil)
      #expect(answer.status == row.status, "\(row)")
      let cookie = answer.headers["Set-Cookie"]
      #expect((cookie != nil) == row.isKept, "\(row)")
      #expect(cookie?.holds("porthole=\(row.given);") ?? true)
      await desk.close()
    }
  }
}

extension Desk {
  /// The level that `/stats` tells of a session opened with `headers`; `nil` when it is refused.
  fileprivate nonisolated func access(of headers: HTTPHeaders) async throws -> String? {
    var fields = headers
    fields.append("Content-Type", "application/sdp")
    let offer = BrowserOffers.chromiumViewer
    let answer = await ask("POST", "/whep", token: nil, headers: fields, body: offer)
    guard answer.status == 201, let location = answer.headers["Location"] else { return nil }
    let stats = try JSONValue(parsing: await ask("GET", "/stats").body)
    #expect(await ask("DELETE", location, token: nil, headers: headers).status == 200)
    return stats["peers"]?[0]?["access"]?.string
  }
}
