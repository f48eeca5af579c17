// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// WebSocket: handshake, messages, hostile peers and deadlines.
  public static let webSocket: [Check] =
    webSocketHandshake + webSocketMessages + webSocketRefusals + webSocketTimes
    + webSocketMutations

  private static let webSocketMutations: [Check] = [
    Check("survives damaged frames and answers within its limits, and always ends") {
      for target in FuzzTarget.webSocket { target.mutate(count: 6_000, seed: 0x6455) }
    },
    Check("tells the same however the bytes are cut") {
      for seed in FuzzTarget.webSocketSeeds {
        for role in [WebSocketConnection.Role.server, .client] {
          var whole = WebSocketProbe(role)
          whole.send(seed)
          for size in [1, 2, 3, 7, 50] {
            var cut = WebSocketProbe(role)
            cut.send(seed, by: size)
            try expectEqual(cut.events, whole.events, "pieces of \(size)")
            try expectEqual(cut.sent.count, whole.sent.count, "pieces of \(size)")
          }
        }
      }
    },
  ]
}

extension FuzzTarget {
  /// Both sides of a WebSocket, and a client's reading of the handshake's answer.
  public static let webSocket: [FuzzTarget] = [
    FuzzTarget("websocket", seeds: webSocketSeeds.map { [6] + $0 } + webSocketSeeds) { input in
      // The first byte says whose side is fed and how the rest is cut.
      let first = input.first ?? 0
      var limits = WebSocketLimits()
      limits.message = 300
      limits.queue = 500
      var probe = WebSocketProbe(first & 1 == 0 ? .server : .client, limits)
      probe.echoes = true
      probe.send(Array(input.dropFirst()), by: max(1, Int(first >> 1)))
      if first & 2 == 0 {
        probe.connection.close(at: probe.now)
        probe.settle()
      }
      precondition(probe.connection.bytesWaiting == 0, "something is left unsent")
      probe.wait(.seconds(100))
      precondition(probe.isClosed, "a WebSocket outlives its deadlines")
      var closes = 0
      for (index, event) in probe.events.enumerated() {
        switch event {
        case .text(let text): precondition(text.utf8.count <= 300, "a text is too long")
        case .binary(let bytes): precondition(bytes.count <= 300, "a message is too long")
        case .closed:
          closes += 1
          precondition(index == probe.events.count - 2, "something follows the end")
        case .close: precondition(index == probe.events.count - 1, "something follows the close")
        }
      }
      precondition(closes == 1, "not ended once")
      precondition(probe.peer.statistics.failures == 0, "a peer finds fault with what is sent")
    },
    FuzzTarget("websocketanswer", seeds: webSocketAnswers) { input in
      var random = RandomSource.seeded(4)
      var client = WebSocketClientHandshake(
        authority: HTTPAuthority(.name("a")),
        target: "/ws",
        subprotocols: ["c"],
        random: &random
      )
      let half = input.count / 2
      _ = client.receive(input.span.extracting(0..<half))
      _ = client.receive(input.span.extracting(half..<input.count))
    },
  ]

  static let webSocketSeeds: [[UInt8]] = {
    let frames: [ProbeFrame] = [
      .text("Hello"), .text("κόσμε €𝄞"), ProbeFrame(2, [UInt8](0...200)), ProbeFrame(9, [1, 2]),
      ProbeFrame.text("a").unfinished, ProbeFrame(9), ProbeFrame(0, [0xC3]).unfinished,
      ProbeFrame(0, [0xA9]), ProbeFrame(10, [3]), .close(1_000, "done"),
    ]
    var wide = ProbeFrame(2, [1])
    wide.lengthBytes = 8
    return [
      frames.flatMap(\.bytes), frames.flatMap(\.plain.bytes),
      frames.reversed().flatMap(\.bytes), ProbeFrame(8).bytes, ProbeFrame(8).plain.bytes,
      ProbeFrame.text("x").bytes + wide.bytes, wide.plain.bytes,
      ProbeFrame(2, [UInt8](repeating: 5, count: 300)).bytes + ProbeFrame.close(4_000).bytes,
    ]
  }()

  static let webSocketAnswers: [[UInt8]] = {
    var random = RandomSource.seeded(4)
    let client = WebSocketClientHandshake(
      authority: HTTPAuthority(.name("a")),
      target: "/ws",
      subprotocols: ["c"],
      random: &random
    )
    var probe = HTTPProbe()
    probe.answer = nil
    probe.send(client.request)
    guard let request = probe.requests.first,
      case .accepted(let response, _) = WebSocketHandshake.answer(to: request, subprotocols: ["c"])
    else { return [] }
    _ = probe.connection.upgrade(response, at: .zero)
    probe.settle()
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
    return [Array(probe.received.utf8) + [0x81, 0], Array(refusal.utf8)]
  }()
}
