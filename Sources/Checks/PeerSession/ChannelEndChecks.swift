// SPDX-License-Identifier: Apache-2.0
internal import PeerSession
internal import Wire

/// How data channels and their transport end.
extension Check {
  static func closesChannels() throws {
    for (seed, loss) in zip(UInt64(8870)...8872, [0, 0.05, 0.2]) {
      var call = try connected(seed: seed, loss: loss)
      for point in 0..<40 {
        let what = "seed \(seed), point \(point)"
        let side: CallSimulation.Side = point % 2 == 0 ? .caller : .callee
        let closer = point % 4 < 2 ? side : side.other
        let label = "channel \(point)"
        let id = try call.open(DataChannelParameters(label: label), at: side)
        let content = DataChannelMessage(isText: false, bytes: [UInt8](repeating: 7, count: 30_000))
        var isSent = 0
        if call[side].session.dataChannel(id)?.state == .open {
          isSent = try call.send(content, on: id, at: side) ? 1 : 0
        }
        call.drain()
        try call.run(for: .milliseconds(Int64(point)))
        if let closed = call[closer].channels.all(label).first {
          let instant = call.now
          call[closer].session.closeChannel(closed.id, at: instant)
          // Once more does nothing.
          call[closer].session.closeChannel(closed.id, at: instant)
          call.drain()
        } else {
          // The other end does not know it yet.
          try call.run(for: .seconds(20)) { !$0[closer].channels.all(label).isEmpty }
          let instant = call.now
          call[closer].session.closeChannel(try call.channel(label, at: closer).id, at: instant)
          call.drain()
        }
        try call.run(for: .seconds(60)) { call in
          CallSimulation.Side.allCases.allSatisfy { side in
            call[side].channels.all(label).last?.entry.isClosed == true
          }
        }
        for end in CallSimulation.Side.allCases {
          let entry = try call.channel(label, at: end).entry
          try expect(entry.isClosed, "\(what): not closed at the \(end)")
          try expectEqual(entry.failure, nil, "\(what): failure at the \(end)")
          try expectEqual(entry.isClosing, end != closer, "\(what): closing at the \(end)")
          try expect(entry.stream ?? 0 < 4, "\(what): stream \(entry.stream ?? 0)")
        }
        // What was sent before the close arrives, unless it is the reader who closed.
        if closer == side {
          let heard = try call.channel(label, at: side.other).entry.received.count
          try expectEqual(heard, isSent, "\(what): messages that came")
        }
      }
      for side in CallSimulation.Side.allCases {
        try expectEqual(call[side].session.dataChannels.count, 0, "seed \(seed): channels left")
        let counts = call[side].session.dataChannelCounts
        // The one that made the transport is among them.
        try expectEqual(counts.opened, 41, "seed \(seed): opened")
        try expectEqual(counts.closed, 41, "seed \(seed): closed")
      }
    }
  }

  static func endsChannels() throws {
    for side in CallSimulation.Side.allCases {
      for point in 0..<24 {
        let what = "the \(side) closes at point \(point)"
        var call = CallSimulation(seed: 8880)
        call.hasMedia = false
        for end in CallSimulation.Side.allCases {
          for number in 0..<3 {
            _ = try call.open(DataChannelParameters(label: "\(end) \(number)"), at: end)
          }
        }
        try call.negotiate(from: .caller)
        try call.run(for: .milliseconds(Int64(point * point)))
        call[side].session.close()
        call.drain()
        let sent = call[side].session.statistics.datagramsSent
        let instant = call.now
        let late = call[side].session.openChannel(DataChannelParameters(label: ""), at: instant)
        try expectEqual(late, nil, "\(what): a channel afterwards")
        try call.run(for: .seconds(90))
        try expectEqual(call[side].session.statistics.datagramsSent, sent, "\(what): datagrams")
        try expectEqual(call[side].session.dataChannels.count, 0, "\(what): channels left")
        let other = call[side.other].session.dataChannels.filter { $0.state != .connecting }
        try expectEqual(other.count, 0, "\(what): channels left at the other")
        for (_, entry) in call[side.other].channels.entries where entry.isOpen {
          try expect(entry.isClosed && entry.failure != nil, "\(what): \(entry.label) is not over")
        }
      }
    }
  }

  static func failsChannels() throws {
    var call = try connected(seed: 8890, loss: 0)
    for side in CallSimulation.Side.allCases {
      _ = try call.open(DataChannelParameters(label: "\(side)"), at: side)
    }
    try call.run(for: .seconds(2))
    for side in CallSimulation.Side.allCases { call[side].link.weather.loss = 1 }
    try call.run(for: .seconds(120))
    for side in CallSimulation.Side.allCases {
      try expectEqual(call[side].session.state, .failed, "state of the \(side)")
      try expectEqual(call[side].channels.transport.last, .closed, "transport of the \(side)")
      for (_, entry) in call[side].channels.entries {
        try expect(entry.isClosed && entry.failure != nil, "\(entry.label) is not over")
      }
    }
  }

  static func fillsChannels() throws {
    var call = try connected(seed: 8900, loss: 0)
    for number in 0..<512 {
      for side in CallSimulation.Side.allCases {
        _ = try call.open(DataChannelParameters(label: "\(side) \(number)"), at: side)
      }
      if number % 64 == 0 { try call.run(for: .milliseconds(50)) }
    }
    try call.run(for: .seconds(5))
    for side in CallSimulation.Side.allCases {
      try expectEqual(call[side].session.dataChannels.count, 1_024, "channels of the \(side)")
      let open = call[side].session.dataChannels.allSatisfy { $0.state == .open }
      try expect(open, "not all are open at the \(side)")
      let instant = call.now
      let more = call[side].session.openChannel(DataChannelParameters(label: "more"), at: instant)
      try expectEqual(more, nil, "one more at the \(side)")
    }
    let instant = call.now
    for channel in call.caller.session.dataChannels {
      call.caller.session.closeChannel(channel.id, at: instant)
    }
    try call.run(for: .seconds(30))
    for side in CallSimulation.Side.allCases {
      try expectEqual(call[side].session.dataChannels.count, 0, "channels left at the \(side)")
    }
  }

  static func rejectsChannels() throws {
    var call = CallSimulation(seed: 8910)
    call.isPerfect = false
    _ = try call.add("camera", to: .caller)
    _ = try call.open(DataChannelParameters(label: "first"), at: .caller)
    try call.negotiate(from: .caller)
    try call.run(for: .seconds(2))
    try expect(try call.channel("first", at: .callee).entry.isOpen, "not open")
    call.rewritesOffer = { offer in
      offer.replacing("m=application 9", with: "m=application 0")
        .replacing("a=group:BUNDLE 0 1", with: "a=group:BUNDLE 0")
    }
    // The caller believes to have offered them; what it is answered counts.
    try call.negotiate(from: .caller)
    call.rewritesOffer = nil
    for side in CallSimulation.Side.allCases {
      call.drain()
      let entry = try call.channel("first", at: side).entry
      try expect(entry.isClosed && entry.failure != nil, "not over at the \(side)")
      try expectEqual(call[side].session.dataTransport, nil, "transport of the \(side)")
      try expect(!call[side].session.needsNegotiation, "a need at the \(side)")
    }
    _ = try call.open(DataChannelParameters(label: "second"), at: .callee)
    try expect(call.callee.session.needsNegotiation, "no need")
    try call.negotiate(from: .callee)
    try call.expectAgreement("again")
    try call.run(for: .seconds(2))
    try expect(try call.channel("second", at: .caller).entry.isOpen, "not open again")
  }

  /// A call with nothing but a transport for channels, which is connected.
  private static func connected(seed: UInt64, loss: Double) throws -> CallSimulation {
    var weather = Link.Weather(latency: .milliseconds(5))
    weather.loss = loss
    var call = CallSimulation(seed: seed, weather: weather)
    call.hasMedia = false
    let id = try call.open(DataChannelParameters(label: "first"), at: .caller)
    try call.negotiate(from: .caller)
    try call.run(for: .seconds(30)) { call in !call.callee.channels.all("first").isEmpty }
    let instant = call.now
    call.caller.session.closeChannel(id, at: instant)
    call.drain()
    try call.run(for: .seconds(30)) { call in
      CallSimulation.Side.allCases.allSatisfy { call[$0].session.dataChannels.isEmpty }
    }
    for side in CallSimulation.Side.allCases {
      try expectEqual(
        call[side].session.dataChannels.count,
        0,
        "seed \(seed): channels of the \(side)"
      )
      call[side].channels.clear()
    }
    return call
  }
}
