// SPDX-License-Identifier: Apache-2.0
private import HTTP
private import Wire

extension Check {
  /// Peers that break the rules, flood or do not read.
  static let webSocketRefusals: [Check] = [
    Check("ends with 1002 at whatever breaks the rules of framing") {
      let long = [UInt8](repeating: 0, count: 126)
      var cases: [(String, [ProbeFrame])] = [
        ("a new message inside another", [ProbeFrame.text("a").unfinished, .text("b")]),
        ("a continuation of nothing", [ProbeFrame(0)]),
        ("a continuation after the end", [.text("a"), ProbeFrame(0)]),
        ("a fragmented Ping", [ProbeFrame(9).unfinished]),
        ("a fragmented Close", [ProbeFrame.close(1_000).unfinished]),
        ("a long Ping", [ProbeFrame(9, long)]),
        ("a long Close", [ProbeFrame(8, [3, 0xE8] + long)]),
        ("half a code", [ProbeFrame(8, [3])]),
      ]
      for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8] {
        cases.append(("opcode \(opcode)", [ProbeFrame(opcode)]))
      }
      for reserved in 1...7 as ClosedRange<UInt8> {
        var frame = ProbeFrame.text("a")
        frame.reserved = reserved
        cases.append(("reserved bits \(reserved)", [frame]))
      }
      for (bytes, count) in [(2, 0), (2, 125), (8, 0), (8, 125), (8, 126), (8, 65_535)] {
        var frame = ProbeFrame(2, [UInt8](repeating: 1, count: count))
        frame.lengthBytes = bytes
        cases.append(("\(count) in \(bytes) bytes", [frame]))
      }
      let codes: [UInt16] = [0, 1, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999]
      for code in codes + [5_000, 0xFFFF] { cases.append(("code \(code)", [.close(code)])) }
      for (name, frames) in cases {
        for role in [WebSocketConnection.Role.server, .client] {
          var probe = WebSocketProbe.after(frames, role: role)
          if role == .client { probe.connection.peerClosed() }
          probe.settle()
          try expectEqual(probe.ending?.code, 1_002, "\(role): \(name)")
          try expectEqual(probe.peerEnding, 1_002, "\(role): \(name)")
          try expectEqual(probe.isClosed, true, "\(role): \(name)")
          try expectEqual(probe.connection.statistics.failures, 1, "\(role): \(name)")
        }
      }
    },
    Check("ends with 1002 at a plain frame of a client and a masked one of a server") {
      var server = WebSocketProbe()
      server.send(ProbeFrame.text("a").plain)
      var client = WebSocketProbe(.client)
      client.send(ProbeFrame.text("a"))
      for probe in [server, client] {
        try expectEqual(probe.ending?.code, 1_002)
        try expectEqual(probe.peerEnding, 1_002)
        try expectEqual(probe.messages, [])
      }
    },
    Check("ends with 1002 at a length with its highest bit, 1009 at one that is only huge") {
      for (top, code) in [(0x80, 1_002), (0xFF, 1_002), (0x7F, 1_009), (0, 1_009)] {
        var probe = WebSocketProbe()
        probe.send([0x82, 0xFF, UInt8(top), 0, 0, 0, 0xFF, 0, 0, 0, 1, 2, 3, 4])
        try expectEqual(probe.ending?.code, UInt16(code), "\(top)")
        try expectEqual(probe.isClosed, true)
      }
    },
    Check("ends with 1009 before it holds a byte more than the limit, fragments together") {
      var limits = WebSocketLimits()
      limits.message = 1_000
      var probe = WebSocketProbe(.server, limits)
      probe.send(ProbeFrame(2, [UInt8](repeating: 0, count: 1_000)))
      try expectEqual(probe.messages.count, 1)
      probe.send(ProbeFrame(2, [UInt8](repeating: 0, count: 600)).unfinished)
      probe.send(Array(ProbeFrame(0, [UInt8](repeating: 0, count: 401)).bytes.prefix(8)))
      try expectEqual(probe.ending?.code, 1_009)
      try expectEqual(probe.peerEnding, 1_009)
    },
    Check("ends with 1007 at a reason that is not UTF-8") {
      let probe = WebSocketProbe.after([ProbeFrame(8, [3, 0xE8, 0xC3])])
      try expectEqual(probe.ending?.code, 1_007)
      try expectEqual(probe.peerEnding, 1_007)
    },
    Check("ends with 1008 when its owner leaves what it is told, and says so before") {
      var limits = WebSocketLimits()
      limits.message = 65_536
      var connection = WebSocketConnection(.server, limits: limits, at: .zero)
      let message = ProbeFrame(2, [UInt8](repeating: 1, count: 30_000)).bytes
      var received = 0
      while connection.canReceive {
        connection.receive(message.span, at: .zero)
        received += 1
      }
      try expectEqual(received, 3)
      try expectEqual(connection.isOpen, true)
      connection.receive(message.span, at: .zero)
      try expectEqual(connection.isOpen, false)
      for _ in 0..<received {
        guard case .binary = connection.nextEvent() else {
          throw CheckFailure(description: "a message is lost")
        }
      }
      guard case .closed(.policyViolation, _) = connection.nextEvent() else {
        throw CheckFailure(description: "not closed by 1008")
      }
      var drained = WebSocketConnection(.server, at: .zero)
      for _ in 0..<100 {
        drained.receive(message.span, at: .zero)
        _ = drained.nextEvent()
      }
      try expectEqual(drained.canReceive, true)
    },
    Check("takes no message that does not fit into the queue, and every one when there is room") {
      var limits = WebSocketLimits()
      limits.queue = 10_000
      var probe = WebSocketProbe(.server, limits)
      let message = [UInt8](repeating: 1, count: 1_000)
      var taken = 0
      while probe.connection.send(binary: message) { taken += 1 }
      try expectEqual(taken, 9)
      try expect(probe.connection.bytesWaiting <= 10_000, "too much waits")
      for _ in 0..<1_000 {
        _ = probe.transmit(1_004)
        try expectEqual(probe.connection.send(binary: message), true)
        try expectEqual(probe.connection.send(binary: message), false)
      }
      probe.settle()
      try expectEqual(probe.peerEvents.count, 1_009)
      try expectEqual(probe.connection.statistics.messagesRefused, 1_001)
    },
    Check("holds few answers for a peer that sends Pings and reads nothing, then the latest") {
      var limits = WebSocketLimits()
      limits.queue = 1_000
      var connection = WebSocketConnection(.server, limits: limits, at: .zero)
      for index in 0..<10_000 {
        let ping = ProbeFrame(9, [UInt8](repeating: UInt8(index & 255), count: 125))
        connection.receive(ping.bytes.span, at: .zero)
      }
      try expect(connection.bytesWaiting <= 5_300, "\(connection.bytesWaiting) bytes wait")
      var probe = WebSocketProbe()
      probe.connection = connection
      probe.settle()
      try expectEqual(probe.sent.last, UInt8(9_999 & 255))
    },
    Check("takes a flood of the smallest frames in time that grows with its length") {
      var probe = WebSocketProbe()
      let empty = ProbeFrame.text("").bytes
      let flood = (0..<20_000).flatMap { _ in empty }
      probe.send(flood, by: 6_000)
      try expectEqual(probe.messages.count, 20_000)
      probe.send(ProbeFrame.text("").unfinished.bytes)
      let pieces = (0..<20_000).flatMap { _ in ProbeFrame(0).unfinished.bytes }
      probe.send(pieces, by: 6_000)
      try expectEqual(probe.ending == nil, true)
    },
  ]
}
