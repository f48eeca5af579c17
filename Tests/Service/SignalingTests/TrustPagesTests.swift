// SPDX-License-Identifier: Apache-2.0
import Checks
import HTTP
@testable import Signaling
import TLS
import Testing

@Suite struct TrustPagesTests {
  private func ask(_ path: String, _ trust: TLSTrust?, isSecure: Bool = false) -> HTTPResponse {
    var request = HTTPRequest(
      method: "GET",
      target: path,
      path: path,
      authority: HTTPAuthority("porch.local:8080")
    )
    request.isSecure = isSecure
    return TrustPages.answer(request, trust: trust)
  }

  private func text(_ response: HTTPResponse) -> String {
    String(decoding: response.body, as: UTF8.self)
  }

  @Test func `tells the authority's fingerprint and the way by HTTPS, whole`() {
    let authority = Certificates.trusted.authority.certificate
    let page = text(ask("/trust", .authority(authority)))
    #expect(page.holds(authority.fingerprint))
    #expect(page.holds("href=\"https://porch.local:8080/trust\""))
    #expect(!page.holds("{{"))
    let secure = text(ask("/trust", .authority(authority), isSecure: true))
    #expect(secure.holds("href=\"/\">Open the picture"))
    #expect(!secure.holds("{{"))
  }

  @Test func `gives the authority's certificate as browsers take it`() {
    let authority = Certificates.trusted.authority.certificate
    let answer = ask("/ca.crt", .authority(authority))
    #expect(answer.status == 200)
    #expect(answer.headers["Content-Type"] == "application/x-x509-ca-cert")
    #expect(PEM.bytes(PEM.certificate, in: answer.body) == authority.bytes)
    for trust in [TLSTrust.known, .waiting("Wait."), nil] {
      #expect(ask("/ca.crt", trust).status == 404)
    }
  }

  @Test func `says how things are where there is no authority`() {
    let known = text(ask("/trust", .known))
    #expect(known.holds("https://porch.local:8080/trust"))
    #expect(text(ask("/trust", .known, isSecure: true)).holds("Open the picture"))
    #expect(text(ask("/trust", .waiting("A < B."))).holds("A &lt; B."))
    #expect(text(ask("/trust", nil)).holds("--tls auto"))
    #expect(ask("/trust.css", nil).status == 200)
  }

  @Test func `fills in what it has a value for, and nothing else`() {
    let template = Array("a {{b}} {{c}} {b} {{b".utf8)
    let filled = TrustPages.filled(template, ["b": "{{c}}"])
    #expect(String(decoding: filled, as: UTF8.self) == "a {{c}} {{c}} {b} {{b")
  }

  @Test func `answers everybody, by known names only`() async throws {
    let desk = try await Desk.make()
    for path in TrustPages.paths {
      let answer = await desk.ask("GET", path, token: nil)
      #expect(answer.status == (path == "/ca.crt" ? 404 : 200), "\(path)")
      #expect(await desk.ask("POST", path, token: nil).status == 405)
      #expect(await desk.ask("GET", path, host: "evil.example", token: nil).status == 421)
    }
    await desk.close()
  }
}
