// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// WebSocket: handshake, messages, hostile peers and deadlines.
  public static let webSocket: [Check] =
    webSocketHandshake + webSocketClients + webSocketMessages + webSocketRefusals + webSocketTimes
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
  /// Both sides of a WebSocket, and a client from its request on.
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
    FuzzTarget("websocketclient", seeds: ClientProbe.seeds) { input in
      // The first byte says how the rest is cut.
      var probe = ClientProbe()
      probe.receive(Array(input.dropFirst()), by: max(1, Int(input.first ?? 0)))
      probe.wait(.seconds(100))
      precondition(probe.events.count == 1, "a handshake ends \(probe.events.count) times")
      precondition(probe.handshake.deadline == nil, "something is due after the end")
      precondition(probe.isClosed, "a WebSocket outlives its deadlines")
      if case .failed(let reason) = probe.events[0] {
        precondition(reason.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "no sentence")
      }
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
}
