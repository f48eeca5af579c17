// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// The handshake and the frames of a WebSocket.
  static let museumWebSocket: [Check] = [
    Check(
      "a frame's length has its highest bit set",
      after: "CVE-2026-43678, GHSA-qcc5-f287-vgmq"
    ) {
      for top: UInt8 in [0x80, 0xC0, 0xFF] {
        try ends(with: 1_002, [0x82, 0xFF, top, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])
      }
    },
    Check(
      "a frame's length wraps when key or one byte more are added to it",
      after: "baresip/re #1584, ASPLes/nopoll #84"
    ) {
      for last in 0xF8...0xFF as ClosedRange<UInt8> {
        let length = [UInt8](repeating: 0xFF, count: 7) + [last]
        try ends(with: 1_002, [0x82, 0xFF] + length + [1, 2, 3, 4, 5])
        try ends(with: 1_002, [0x82, 0x7F] + length + [5], role: .client)
        let largest = [0x7F] + [UInt8](repeating: 0xFF, count: 6) + [last]
        try ends(with: 1_009, [0x82, 0xFF] + largest + [1, 2, 3, 4, 5])
        try ends(with: 1_009, [0x82, 0x7F] + largest + [5], role: .client)
      }
    },
    Check(
      "the length of a second fragment wraps when the first is added to it",
      after: "userver-framework/userver #1249"
    ) {
      let limit = WebSocketLimits().message
      let first = ProbeFrame(2, [1]).unfinished.bytes
      var tooMany: [UInt8] = []
      tooMany.append(bigEndian: UInt64(limit))
      let lengths: [([UInt8], UInt16)] = [
        ([UInt8](repeating: 0xFF, count: 8), 1_002),
        ([0x7F] + [UInt8](repeating: 0xFF, count: 7), 1_009),
        ([0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1_002), (tooMany, 1_009),
      ]
      for (length, code) in lengths {
        try ends(with: code, first + [0x80, 0xFF] + length + [1, 2, 3, 4])
      }
      // As much as fits, to the byte.
      var probe = WebSocketProbe()
      probe.send(first + ProbeFrame(0, [UInt8](repeating: 2, count: limit - 1)).bytes)
      try expectEqual(probe.messages.count, 1, "messages")
    },
    Check("a frame announces four gigabytes", after: "c4punks/CWIST #119, CVE-2016-10542") {
      let limit = UInt64(WebSocketLimits().message)
      for length: UInt64 in [limit + 1, 1 << 24, 1 << 32, 1 << 40] {
        var frame: [UInt8] = [0x82, 0xFF]
        frame.append(bigEndian: length)
        try ends(with: 1_009, frame + [1, 2, 3, 4])
      }
    },
    Check("a read ends inside the length of a frame", after: "nodejs/node #49478") {
      for size in [2, 3, 4, 7, 9, 13] {
        var probe = WebSocketProbe()
        for count in [300, 65_536] {
          let message = [UInt8](repeating: 5, count: count)
          let bytes = ProbeFrame(2, message).bytes
          probe.send(Array(bytes.prefix(size)))
          try expectEqual(probe.messages.count, count == 300 ? 0 : 1, "after \(size) bytes")
          try expectEqual(probe.ending == nil, true, "after \(size) bytes")
          probe.send(Array(bytes.dropFirst(size)))
        }
        try expectEqual(probe.messages.count, 2, "messages")
      }
    },
    Check("a reserved bit is set though nothing was agreed", after: "mercurius-js/mercurius #939") {
      try ends(with: 1_002, [0xA2, 0x80, 1, 2, 3, 4])
      try ends(with: 1_002, [0xC1, 0x81, 0, 0, 0, 0, 0x61])
    },
    Check(
      "a handshake offers extensions and subprotocols that have the names of other things",
      after: "capriza/node-busmq #56, theturtle32/WebSocket-Node #32"
    ) {
      for value in ["constructor", ",;constructor", "__proto__", "hasOwnProperty;x=1", ",,,"] {
        let response = try handshake(["Sec-WebSocket-Extensions: \(value)"])
        try expect(response.utf8.starts(with: "HTTP/1.1 101".utf8), "\(value): \(response)")
      }
      for value in ["constructor", "unknown", "a, b, c"] {
        let response = try handshake(["Sec-WebSocket-Protocol: \(value)"])
        try expect(response.utf8.starts(with: "HTTP/1.1 101".utf8), "\(value): \(response)")
        try expect(!response.utf8.contains(UInt8(ascii: ";")), "something was agreed: \(response)")
      }
    },
    Check(
      "a handshake's lists are thousands of blanks, commas and backslashes",
      after: "CVE-2021-32640, CVE-2020-7662"
    ) {
      for filler in [" ", ",", "\t", "\\", ", ", "\"\\"] {
        let value = "a" + String(repeating: filler, count: 7_000 / filler.utf8.count) + "x"
        for name in ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Upgrade"] {
          let time = try ContinuousClock().measure {
            for _ in 0..<3 { _ = try handshake(["\(name): \(value)"]) }
          }
          try expect(time < .seconds(30), "\(name) of '\(filler)' took \(time)")
        }
      }
      let response = try handshake([])
      try expect(response.utf8.starts(with: "HTTP/1.1 101".utf8), "a good one: \(response)")
    },
  ]

  /// Throws unless the WebSocket ends with `code`, tells its peer so, and no message comes of `bytes`.
  private static func ends(
    with code: UInt16,
    _ bytes: [UInt8],
    role: WebSocketConnection.Role = .server
  ) throws {
    var probe = WebSocketProbe(role)
    probe.send(bytes)
    let name = "\(role): \(Text.hex(Array(bytes.prefix(20))))"
    try expectEqual(probe.ending?.code, code, name)
    try expectEqual(probe.peerEnding, code, "told: \(name)")
    try expectEqual(probe.messages.count, 0, "messages: \(name)")
    try expectEqual(probe.connection.statistics.failures, 1, "failures: \(name)")
  }

  /// What a handshake with these lines more is answered.
  private static func handshake(_ lines: [String]) throws -> String {
    let fixed = [
      "GET /ws HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket",
      "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    var probe = HTTPProbe()
    probe.answer = nil
    probe.send((fixed + lines).map { $0 + "\r\n" }.joined() + "\r\n")
    guard let request = probe.requests.first else { return probe.received }
    switch WebSocketHandshake.answer(to: request, subprotocols: ["porthole"]) {
    case .accepted(let response, let subprotocol):
      let fields = response.headers.fields.map { "\($0.name): \($0.value)\n" }.joined()
      return "HTTP/1.1 101\n" + fields + (subprotocol == nil ? "" : ";")
    case .refused(let response):
      return "HTTP/1.1 \(response.status)"
    }
  }
}
