// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Messages, fragments, control frames and the closing handshake.
  static let webSocketMessages: [Check] = [
    Check("reads and writes the frames of RFC 6455 section 5.7") {
      var server = WebSocketProbe()
      server.send([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
      server.send([0x89, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
      try expectEqual(server.events, [.text("Hello")])
      try expectEqual(server.sent, [0x8A, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
      var client = WebSocketProbe(.client)
      client.send([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
      client.send([0x01, 0x03, 0x48, 0x65, 0x6C])
      client.send([0x80, 0x02, 0x6C, 0x6F])
      client.send([0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256))
      client.send([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 8, count: 65_536))
      try expectEqual(
        client.events,
        [
          .text("Hello"), .text("Hello"), .binary([UInt8](repeating: 7, count: 256)),
          .binary([UInt8](repeating: 8, count: 65_536)),
        ]
      )
    },
    Check("sends back messages of every length, either way, however they are cut") {
      for role in [WebSocketConnection.Role.server, .client] {
        for size in [1, 3, 1_000, 100_000] {
          var probe = WebSocketProbe(role)
          probe.echoes = true
          var expected: [WebSocketEvent] = []
          let lengths = [0, 1, 124, 125, 126, 127, 128, 4_095, 65_535, 65_536]
          for length in lengths where size > 3 || length < 4_096 {
            let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let letters = payload.map { 0x41 + $0 % 26 }
            var frames = [ProbeFrame(2, payload), ProbeFrame(1, letters)]
            if role == .client { frames = frames.map(\.plain) }
            probe.send(frames.flatMap(\.bytes), by: size)
            expected.append(.binary(payload))
            expected.append(.text(String(decoding: letters, as: UTF8.self)))
          }
          try expect(probe.events == expected, "\(role) in pieces of \(size): told otherwise")
          try expect(probe.peerEvents == expected, "\(role) in pieces of \(size): sent otherwise")
          let statistics = probe.connection.statistics
          try expectEqual(statistics.messagesReceived, expected.count)
          try expectEqual(statistics.messagesSent, expected.count)
        }
      }
    },
    Check("joins fragments, with control frames between them") {
      let probe = WebSocketProbe.after([
        ProbeFrame.text("a").unfinished, ProbeFrame(9, [1]), ProbeFrame(0).unfinished,
        ProbeFrame(0, [0xC3]).unfinished, ProbeFrame(10, [9]), ProbeFrame(9, [2]),
        ProbeFrame(0, [0xA9]), ProbeFrame(2, [1]).unfinished, ProbeFrame(0, [2]),
      ])
      try expectEqual(probe.events, [.text("aé"), .binary([1, 2])])
      try expectEqual(probe.sent, [0x8A, 1, 1, 0x8A, 1, 2])
    },
    Check("takes every UTF-8 text, and none that is not, in one frame and in many") {
      let texts: [([UInt8], Bool)] = [
        (
          Array("κόσμε €𝄞\u{10FFFF}\u{FFFE}\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}".utf8),
          true
        ),
        ([0xC0, 0x80], false), ([0xC1, 0xBF], false), ([0xE0, 0x9F, 0xBF], false),
        ([0xED, 0xA0, 0x80], false), ([0xED, 0xBF, 0xBF], false),
        ([0xF0, 0x8F, 0xBF, 0xBF], false),
        ([0xF4, 0x90, 0x80, 0x80], false), ([0xF5, 0x80, 0x80, 0x80], false), ([0x80], false),
        ([0xFF], false), ([0xFE], false), ([0xC3], false), ([0xE2, 0x82], false),
        ([0xF0, 0x9D, 0x84], false), ([0xC3, 0x41], false), ([0xE2, 0x41, 0x80], false),
        ([0x41, 0xF8, 0x88, 0x80, 0x80, 0x80], false), ([0xCE, 0xBA, 0xE1, 0xBD], false),
      ]
      for (bytes, isText) in texts {
        var single = WebSocketProbe()
        single.send(ProbeFrame(1, bytes))
        var parts = WebSocketProbe()
        parts.send(ProbeFrame(1).unfinished)
        for byte in bytes { parts.send(ProbeFrame(0, [byte]).unfinished) }
        parts.send(ProbeFrame(0))
        for probe in [single, parts] {
          if isText {
            try expectEqual(probe.events, [.text(String(decoding: bytes, as: UTF8.self))])
          } else {
            try expectEqual(probe.ending?.code, 1_007, Text.hex(bytes))
            try expectEqual(probe.peerEnding, 1_007, Text.hex(bytes))
            try expectEqual(probe.isClosed, true, Text.hex(bytes))
            try expectEqual(probe.messages, [])
          }
        }
      }
    },
    Check("answers every Ping in order, as long as the answers are taken") {
      var probe = WebSocketProbe()
      let pings = (0..<10).flatMap { ProbeFrame(9, [UInt8]($0..<(100 + $0))).bytes }
      probe.send(pings)
      try expectEqual(probe.sent, (0..<10).flatMap { [0x8A, 100] + [UInt8]($0..<(100 + $0)) })
    },
    Check("answers a Close with its code, and is done when that is sent") {
      var payloads: [([UInt8], UInt16)] = [([], 1_005)]
      let codes: [UInt16] = [1_000, 1_001, 1_002, 1_003, 1_007, 1_011, 1_014, 3_000, 4_999]
      for code in codes { payloads.append((ProbeFrame.close(code, "né").payload, code)) }
      for (payload, code) in payloads {
        let probe = WebSocketProbe.after([ProbeFrame(8, payload)])
        let reason = payload.isEmpty ? "" : "né"
        let closed = WebSocketEvent.closed(WebSocketCloseCode(rawValue: code), reason: reason)
        try expectEqual(probe.events, [closed, .close])
        let answer = payload.prefix(2)
        try expectEqual(probe.sent, [0x88, UInt8(answer.count)] + answer)
        try expectEqual(probe.connection.deadline, nil)
      }
    },
    Check("closes by itself: what waits is sent, what comes is not told, and the peer's code is") {
      var probe = WebSocketProbe()
      probe.connection.send(text: "last")
      probe.connection.close(.goingAway, reason: "The board restarts.", at: probe.now)
      try expectEqual(probe.connection.send(text: "too late"), false)
      probe.connection.close(.normal, at: probe.now)
      probe.settle()
      try expectEqual(
        probe.peerEvents,
        [.text("last"), .closed(.goingAway, reason: "The board restarts.")]
      )
      probe.send(ProbeFrame.text("unheard"))
      probe.send(ProbeFrame(9, [1]))
      try expectEqual(probe.events, [])
      probe.send(ProbeFrame.close(1_001))
      try expectEqual(probe.events, [.closed(.goingAway, reason: ""), .close])
      try expectEqual(probe.sent.suffix(1), [UInt8(ascii: ".")], "nothing follows the Close")
    },
    Check("ignores whatever follows a Close") {
      var probe = WebSocketProbe()
      probe.send(ProbeFrame.close(1_000).bytes + ProbeFrame.text("x").bytes + [0xFF, 0xFF])
      probe.send(ProbeFrame.text("y"))
      try expectEqual(probe.events, [.closed(.normal, reason: ""), .close])
      try expectEqual(probe.connection.statistics.failures, 0)
      try expectEqual(probe.connection.statistics.bytesDiscarded, 16)
    },
    Check("sends no code that may not be sent, and no reason longer than a frame takes") {
      for code in [WebSocketCloseCode.noStatus, .abnormal, .init(rawValue: 999)] {
        var probe = WebSocketProbe()
        probe.connection.close(code, reason: "x", at: .zero)
        probe.settle()
        try expectEqual(probe.sent, [0x88, 0])
      }
      var probe = WebSocketProbe()
      probe.connection.close(.normal, reason: String(repeating: "é", count: 100), at: .zero)
      probe.settle()
      let reason = String(repeating: "é", count: 61)
      try expectEqual(probe.peerEvents, [.closed(.normal, reason: reason)])
    },
    Check("as a client, lets the server close the socket first") {
      var probe = WebSocketProbe(.client)
      probe.connection.close(.normal, at: .zero)
      probe.send(ProbeFrame.close(1_000).plain)
      try expectEqual(probe.events, [.closed(.normal, reason: "")])
      probe.connection.peerClosed()
      probe.settle()
      try expectEqual(probe.events, [.closed(.normal, reason: ""), .close])
    },
    Check("masks every frame of a client with another key") {
      var probe = WebSocketProbe(.client)
      probe.connection.send(binary: [0, 0, 0, 0])
      probe.connection.send(binary: [0, 0, 0, 0])
      probe.settle()
      try expectEqual(probe.peerEvents, [.binary([0, 0, 0, 0]), .binary([0, 0, 0, 0])])
      try expectEqual(probe.sent.count, 20)
      try expectEqual(probe.sent[1], 0x84)
      try expect(probe.sent[2..<6] != probe.sent[12..<16], "one key for both")
    },
  ]
}
