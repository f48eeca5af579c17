// SPDX-License-Identifier: Apache-2.0
import EventLoop
import HTTP
import Signaling
import Testing
import WebRTC
import Wire

/// A server at the other end of the line: says what it is told to, and keeps what it hears.
private actor Opposite: HTTPResponder, EventLoopActor {
  nonisolated let loop: EventLoop
  private let greetings: [String]
  private(set) var request: HTTPRequest?
  private(set) var heard: [String] = []
  private(set) var endings: [WebSocketCloseCode] = []
  private var server: HTTPServer?
  private var channel: WebSocketChannel?

  init(greetings: [String] = []) throws {
    self.greetings = greetings
    loop = try EventLoop.start()
  }

  func listen() throws -> UInt16 {
    let server = HTTPServer(on: loop, responder: self)
    self.server = server
    return try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    HTTPResponse(request.path == "/page" ? 200 : 404, text: "plain")
  }

  func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance? {
    self.request = request
    switch request.path {
    case "/ws": return .accepted { channel in self.assumeIsolated { $0.join(channel) } }
    case "/locked": return .refused(HTTPResponse(401, text: "no"))
    default: return nil
    }
  }

  private func join(_ channel: WebSocketChannel) {
    self.channel = channel
    channel.onText = { text in self.assumeIsolated { $0.heard.append(text) } }
    channel.onClose = { code, _ in self.assumeIsolated { $0.endings.append(code) } }
    for greeting in greetings { channel.send(greeting) }
  }

  func close(_ code: UInt16, _ reason: String) {
    channel?.close(.init(rawValue: code), reason: reason)
  }

  func waitUntil(_ condition: @Sendable (isolated Opposite) -> Bool) async throws {
    while !condition(self) { try await loop.sleep(for: .milliseconds(1)) }
  }

  func stop() {
    server?.close()
    server = nil
    channel = nil
    loop.stop()
  }
}

/// Why there is no channel.
private func failure(_ address: String, on loop: EventLoop) async -> SignalingError? {
  do throws(SignalingError) {
    _ = try await SignalingChannel.connect(to: address, on: loop)
    return nil
  } catch {
    return error
  }
}

@Suite(.timeLimit(.minutes(1))) struct SignalingChannelTests {
  @Test func `tells every message in order, known and unknown, and how it ends`() async throws {
    let opposite = try Opposite(greetings: [
      #"{"offer": {"type": "offer", "sdp": "v=0"}}"#,
      #"{"answer": {"type": "pranswer", "sdp": "a"}, "answer2": 1}"#,
      #"{"answer": {"sdp": "b"}, "candidate": {"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 1}}"#,
      #"{"candidate": {"candidate": "", "usernameFragment": "u", "sdpMLineIndex": 70000}}"#,
      #"{"candidate": null, "call": {}, "error": "why"}"#,
      #"{"offer": {}, "candidate": 7, "call": 1, "error": {}}"#, "{}",
    ])
    let address = "ws://127.0.0.1:\(try await opposite.listen())/ws"
    let channel = try await SignalingChannel.connect(to: address, on: opposite.loop)
    var found: [SignalingMessage] = []
    for await message in channel.messages {
      found.append(message)
      if message == .other(name: "error", json: "{}") { await opposite.close(4_000, "done") }
    }
    #expect(
      found == [
        .description(.init(type: .offer, sdp: "v=0")),
        .description(.init(type: .pranswer, sdp: "a")), .other(name: "answer2", json: "1"),
        .description(.init(type: .answer, sdp: "b")),
        .candidate(.init(candidate: "c", sdpMid: "0", sdpMLineIndex: 1)),
        .candidate(.init(candidate: "", usernameFragment: "u")),
        .candidate(nil), .call, .error("why"),
        .other(name: "offer", json: "{}"), .other(name: "candidate", json: "7"),
        .other(name: "call", json: "1"), .other(name: "error", json: "{}"),
        .closed(code: 4_000, reason: "done"),
      ]
    )
    #expect(await channel.send(.call) == false)
    await opposite.stop()
  }

  @Test func `sends what it is given, and nothing that is no message`() async throws {
    let opposite = try Opposite()
    let address = "ws://127.0.0.1:\(try await opposite.listen())/ws"
    let channel = try await SignalingChannel.connect(to: address, on: opposite.loop)
    #expect(await channel.send(RTCSessionDescription(type: .offer, sdp: "v=0\r\n")))
    #expect(await channel.send(RTCSessionDescription(type: .pranswer, sdp: "a")))
    #expect(await channel.send(RTCIceCandidate(candidate: "c", sdpMid: "0")))
    #expect(await channel.send(nil))
    #expect(await channel.send(.call))
    #expect(await channel.send(.error("\"why\"")))
    #expect(await channel.send(.other(name: "ping", json: " [1.5] ")))
    #expect(await !channel.send(RTCSessionDescription(type: .rollback, sdp: "")))
    #expect(await !channel.send(.other(name: "ping", json: "no JSON")))
    #expect(await !channel.send(.closed(code: 1_000, reason: "")))
    await channel.close()
    try await opposite.waitUntil { !$0.endings.isEmpty }
    #expect(await opposite.endings == [.normal])
    #expect(
      await opposite.heard == [
        #"{"offer":{"type":"offer","sdp":"v=0\r\n"}}"#,
        #"{"answer":{"type":"pranswer","sdp":"a"}}"#,
        #"{"candidate":{"candidate":"c","sdpMid":"0","sdpMLineIndex":null,"usernameFragment":null}}"#,
        #"{"candidate":null}"#, #"{"call":{}}"#, #"{"error":"\"why\""}"#, #"{"ping":[1.5]}"#,
      ]
    )
    var last: [SignalingMessage] = []
    for await message in channel.messages { last.append(message) }
    #expect(last == [.closed(code: 1_000, reason: "")])
    await opposite.stop()
  }

  @Test(arguments: [
    ("/ws?token=a%2Bb&x=1", "/ws?x=1", "Bearer a+b"),
    ("/ws?token=12345678", "/ws", "Bearer 12345678"),
    ("/ws?token=two%20words", "/ws?token=two%20words", nil), ("/ws?token=", "/ws?token=", nil),
    ("/ws", "/ws", nil),
  ])
  func `shows the token in a header, where it can stand there, and not in the request line`(
    asked: String,
    target: String,
    authorization: String?
  ) async throws {
    let opposite = try Opposite()
    let address = "ws://127.0.0.1:\(try await opposite.listen())\(asked)"
    let channel = try await SignalingChannel.connect(to: address, on: opposite.loop)
    #expect(await opposite.request?.target == target)
    #expect(await opposite.request?.headers["Authorization"] == authorization)
    await channel.close()
    await opposite.stop()
  }

  @Test func `says why there is no channel`() async throws {
    let opposite = try Opposite()
    let port = try await opposite.listen()
    let base = "ws://127.0.0.1:\(port)"
    #expect(await failure(base + "/locked", on: opposite.loop) == .refused(status: 401))
    #expect(await failure(base + "/nothing", on: opposite.loop) == .refused(status: 404))
    #expect(await failure(base + "/page", on: opposite.loop) == .refused(status: 200))
    guard case .address = await failure("http://127.0.0.1/ws", on: opposite.loop) else {
      Issue.record("http: is taken")
      return
    }
    let name = await failure("ws://camera.example/ws", on: opposite.loop)
    #expect(name == .unreachable(.unknownHost("camera.example")))
    for status in [200, 401, 403, 404, 426, 503] {
      #expect(!SignalingError.refused(status: status).description.isEmpty)
    }
    await opposite.stop()
  }

  @Test func `ends when the other side is no peer: no JSON, no object, or too much to read`()
    async throws
  {
    for greetings in [
      ["no JSON"], ["[1]"], [String](repeating: #"{"ping": 1}"#, count: 300),
    ] {
      let opposite = try Opposite(greetings: greetings)
      let address = "ws://127.0.0.1:\(try await opposite.listen())/ws"
      let channel = try await SignalingChannel.connect(to: address, on: opposite.loop)
      try await opposite.waitUntil { !$0.endings.isEmpty }
      let code: WebSocketCloseCode =
        greetings.count == 1 ? .unsupportedData : .policyViolation
      #expect(await opposite.endings == [code])
      var last: SignalingMessage?
      for await message in channel.messages { last = message }
      guard case .closed(code.rawValue, _) = last else {
        Issue.record("\(String(describing: last))")
        continue
      }
      await opposite.stop()
    }
  }

  @Test func `closes when nobody holds it any more`() async throws {
    let opposite = try Opposite()
    let address = "ws://127.0.0.1:\(try await opposite.listen())/ws"
    do { _ = try await SignalingChannel.connect(to: address, on: opposite.loop) }
    try await opposite.waitUntil { !$0.endings.isEmpty }
    #expect(await opposite.endings == [.goingAway])
    await opposite.stop()
  }
}
