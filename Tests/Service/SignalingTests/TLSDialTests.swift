// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import HTTP
@testable import Signaling
import TLS
import Testing
import Wire

/// A server by TLS at whose `/ws` everything that is said comes back.
private actor Echo: HTTPResponder, EventLoopActor {
  nonisolated let loop: EventLoop
  private var server: HTTPServer?

  init() throws {
    loop = try EventLoop.start()
  }

  func listen(_ credentials: TLSCredentials) throws -> UInt16 {
    let server = HTTPServer(on: loop, responder: self, certificates: FixedCertificate(credentials))
    self.server = server
    return try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(404) }

  func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance? {
    guard request.path == "/ws", request.isSecure else { return nil }
    return .accepted { channel in
      channel.onText = { [unowned channel] text in channel.send(text) }
      // So early that it comes with the answer to the handshake.
      channel.send(#"{"call": {}}"#)
    }
  }

  func stop() {
    server?.close()
    server = nil
    loop.stop()
  }
}

@Suite(.timeLimit(.minutes(1))) struct TLSDialTests {
  private func failure(
    _ credentials: TLSCredentials,
    host: String = "127.0.0.1",
    authorities: [UInt8]? = Certificates.trusted.text
  ) async throws -> SignalingError? {
    let echo = try Echo()
    let address = "wss://\(host):\(try await echo.listen(credentials))/ws"
    var found: SignalingError?
    do throws(SignalingError) {
      _ = try await SignalingChannel.connect(to: address, on: echo.loop, authorities: authorities)
    } catch {
      found = error
    }
    await echo.stop()
    return found
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func `messages go both ways by wss`(host: String) async throws {
    let echo = try Echo()
    let port = try await echo.listen(Certificates.trusted.credentials())
    let channel = try await SignalingChannel.connect(
      to: "wss://\(host):\(port)/ws",
      on: echo.loop,
      authorities: Certificates.trusted.text
    )
    var messages = channel.messages.makeAsyncIterator()
    #expect(await messages.next() == .call)
    let name = String(repeating: "x", count: 30_000)
    for _ in 0..<3 {
      #expect(await channel.send(.error(name)))
      #expect(await messages.next() == .error(name))
    }
    await channel.close()
    #expect(await messages.next() == .closed(code: 1000, reason: ""))
    await echo.stop()
  }

  @Test func `says what is wrong with a certificate`() async throws {
    let good = Certificates.trusted.credentials()
    #expect(
      try await failure(good, authorities: Certificates.other.text) == .unknownAuthority
    )
    #expect(try await failure(good, authorities: nil) == .unknownAuthority)
    #expect(try await failure(good, authorities: [1, 2, 3])?.description.holds("--ca") == true)
    let elsewhere = Certificates.trusted.credentials(names: ["shed"], addresses: [])
    #expect(try await failure(elsewhere)?.description.holds("another name") == true)
    #expect(
      try await failure(elsewhere, host: "localhost")?.description.holds("another name") == true
    )
    let old = try await failure(
      Certificates.old.credentials(),
      authorities: Certificates.old.text
    )
    #expect(old?.description.holds("expired") == true)
  }

  @Test func `a server without TLS is no server for wss`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    let port = try await desk.listen()
    do throws(SignalingError) {
      _ = try await SignalingChannel.connect(
        to: "wss://127.0.0.1:\(port)/ws",
        on: desk.loop,
        authorities: Certificates.trusted.text
      )
      Issue.record("it is one")
    } catch {
      guard case .insecure = error else {
        Issue.record("\(error)")
        return
      }
    }
    await desk.close()
  }
}
