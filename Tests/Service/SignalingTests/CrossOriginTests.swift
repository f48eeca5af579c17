// SPDX-License-Identifier: Apache-2.0
import Checks
import HTTP
import Signaling
import Testing

private let friend = "https://friend.example"

private func makeDesk() async throws -> Desk {
  try await Desk.make {
    HostPolicy(names: ["porthole.local"], origins: [HTTPOrigin(friend)].compactMap { $0 })
  }
}

@Suite struct CrossOriginTests {
  private func preflight(_ origin: String, _ method: String) -> HTTPHeaders {
    [
      "Origin": origin, "Access-Control-Request-Method": method,
      "Access-Control-Request-Headers": "authorization,content-type,if-match",
    ]
  }

  @Test func `answers the browser's question for allowed origins, without a token`() async throws {
    let desk = try await makeDesk()
    let real = await desk.offer(BrowserOffers.chromiumViewer)
    let location = try #require(real.headers["Location"])
    for origin in [friend, "http://127.0.0.1:8080"] {
      for (path, method) in [("/whep", "POST"), (location, "PATCH"), ("/whep/nobody", "DELETE")] {
        let headers = preflight(origin, method)
        let answer = await desk.ask("OPTIONS", path, token: nil, headers: headers)
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(answer.headers.values(of: "Access-Control-Allow-Origin") == [origin])
        #expect(answer.headers.list(of: "Access-Control-Allow-Methods", has: method))
        for name in ["Authorization", "Content-Type", "If-Match"] {
          #expect(answer.headers.list(of: "Access-Control-Allow-Headers", has: name))
        }
        #expect(answer.headers["Vary"] == "Origin")
        #expect(answer.headers["Access-Control-Allow-Credentials"] == nil)
        #expect((answer.headers["Accept-Post"] == "application/sdp") == (path == "/whep"))
      }
    }
    await desk.close()
  }

  @Test func `answers it for no other origin, host or route`() async throws {
    let desk = try await makeDesk()
    let others = [
      "http://friend.example", "https://friend.example:8443", "https://evil.example", "null", "*",
      "https://friend.example.evil.example",
    ]
    for origin in others {
      for token in [Desk.token, nil] {
        let headers = preflight(origin, "POST")
        let answer = await desk.ask("OPTIONS", "/whep", token: token, headers: headers)
        #expect(answer.status == 403, "\(origin)")
        #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
        #expect(answer.headers["Vary"] == "Origin")
      }
    }
    let headers = preflight(friend, "POST")
    let rebound = await desk.ask("OPTIONS", "/whep", host: "evil.example", headers: headers)
    #expect(rebound.status == 421 && rebound.headers["Access-Control-Allow-Origin"] == nil)
    for path in ["/", "/stats", "/ws", "/whepx", "*"] {
      let answer = await desk.ask("OPTIONS", path, token: nil, headers: headers)
      #expect(answer.status == 401, "\(path)")
      #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
    }
    // Without a page behind it, OPTIONS is a request like others.
    #expect(await desk.ask("OPTIONS", "/whep", token: nil).status == 401)
    await desk.close()
  }

  @Test func `lets an allowed page read what WHEP answers, and nothing else`() async throws {
    let desk = try await makeDesk()
    let headers: HTTPHeaders = ["Origin": friend, "Content-Type": "application/sdp"]
    func post(_ token: String?, _ body: String) async -> HTTPResponse {
      await desk.ask("POST", "/whep", token: token, headers: headers, body: body)
    }
    let cases = [
      (await post(Desk.token, BrowserOffers.chromiumViewer), 201),
      (await post(Desk.token, BrowserOffers.withoutH264), 406), (await post(Desk.token, ""), 400),
      (await post("wrong", ""), 401), (await post(nil, ""), 401),
    ]
    for (answer, status) in cases {
      #expect(answer.status == status)
      #expect(answer.headers.values(of: "Access-Control-Allow-Origin") == [friend])
      #expect(answer.headers["Access-Control-Allow-Credentials"] == nil)
      #expect(answer.headers["Vary"] == "Origin")
      for name in ["Location", "ETag", "Link"] {
        #expect(answer.headers.list(of: "Access-Control-Expose-Headers", has: name))
      }
    }
    for path in ["/", "/stats", "/health"] {
      let answer = await desk.ask("GET", path, headers: ["Origin": friend])
      #expect(answer.status == 200)
      #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
    }
    let plain = await desk.ask("GET", "/whep")
    #expect(plain.status == 204 && plain.headers["Vary"] == "Origin")
    #expect(plain.headers["Access-Control-Allow-Origin"] == nil)
    await desk.close()
  }
}
