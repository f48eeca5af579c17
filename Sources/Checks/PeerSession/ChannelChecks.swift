// SPDX-License-Identifier: Apache-2.0
internal import PeerSession
internal import Wire

extension Check {
  /// Data channels between two sessions, on a virtual clock.
  public static let channels: [Check] = [
    Check("data channels carry text and bytes both ways, unchanged and in order", carries),
    Check(
      "data channels lose nothing at 5 % loss, and unreliable ones invent nothing",
      losesNothing
    ),
    Check("data channels come to a call that stands, from either side", joinsCall),
    Check("the DTLS client's data channels have even streams, the server's odd ones", numbers),
    Check(
      "a data channel is closed by either side at any point, and its stream is used again",
      closesChannels
    ),
    Check("a session with data channels is closed at any point, and both sides know", endsChannels),
    Check("data channels end with an error when the path fails for good", failsChannels),
    Check("1,024 data channels are open at once, and no more", fillsChannels),
    Check(
      "a m-line of data channels that is rejected ends them, and may come again",
      rejectsChannels
    ),
  ]

  /// A call whose channels are open, and nothing else in it unless `hasMedia`.
  private static func started(
    seed: UInt64,
    loss: Double = 0,
    hasMedia: Bool = false,
    setup: String = "actpass"
  ) throws -> CallSimulation {
    var weather = Link.Weather(latency: .milliseconds(10))
    weather.loss = loss
    var call = CallSimulation(seed: seed, weather: weather, trickles: seed % 2 == 0)
    call.rewritesOffer = { $0.replacing("a=setup:actpass", with: "a=setup:\(setup)") }
    call.hasMedia = hasMedia
    if hasMedia { _ = try call.add("camera", to: .caller) }
    for side in CallSimulation.Side.allCases {
      _ = try call.open(DataChannelParameters(label: "\(side)"), at: side)
    }
    try call.negotiate(from: .caller)
    call.rewritesOffer = nil
    try call.run(for: .seconds(20)) { call in
      CallSimulation.Side.allCases.allSatisfy { side in
        let entries = call[side].channels.entries
        return entries.count == 2 && entries.values.allSatisfy(\.isOpen)
      }
    }
    for side in CallSimulation.Side.allCases {
      for label in ["caller", "callee"] {
        let found = try call.channel(label, at: side)
        try expect(found.entry.isOpen, "seed \(seed): \(label) is not open at the \(side)")
        try expectEqual(
          found.entry.isOffered,
          label != "\(side)",
          "seed \(seed): who offered \(label)"
        )
      }
    }
    return call
  }

  private static let sizes = [0, 1, 1_100, 1_200, 16_384, 65_535, 262_144]

  private static func message(_ size: Int, _ random: inout RandomSource) -> DataChannelMessage {
    let isText = Bool.random(using: &random)
    let bytes = isText ? Array(random.text(size, of: "abc ").utf8) : random.bytes(size)
    return DataChannelMessage(isText: isText, bytes: bytes)
  }

  /// Sends messages of all sizes on every open channel of both ends, and waits for them.
  private static func exchange(
    _ call: inout CallSimulation,
    sizes: [Int] = sizes,
    _ what: String
  ) throws {
    var random = RandomSource.seeded(UInt64(sizes.count))
    for size in sizes {
      for side in CallSimulation.Side.allCases {
        for channel in call[side].session.dataChannels
        where channel.state == .open && call[side].channels.entries[channel.id]?.isReliable == true
        {
          let made = message(size, &random)
          var isSent = try call.send(made, on: channel.id, at: side)
          for _ in 0..<200 where !isSent {
            try call.run(for: .milliseconds(100))
            isSent = try call.send(made, on: channel.id, at: side)
          }
          try expect(isSent, "\(what): no room for \(size) bytes")
        }
      }
      call.drain()
    }
    try call.run(for: .seconds(60)) { call in
      CallSimulation.Side.allCases.allSatisfy { side in
        call[side].channels.entries.allSatisfy { id, entry in
          guard entry.isReliable, !entry.isClosed,
            let peer = call[side.other].channels.all(entry.label).last
          else {
            return true
          }
          return peer.entry.received.count >= entry.sent.count
        }
      }
    }
    try expectWhole(call, what)
  }

  private static func expectWhole(_ call: borrowing CallSimulation, _ what: String) throws {
    for side in CallSimulation.Side.allCases {
      for (_, entry) in call[side].channels.entries where entry.isReliable && !entry.isClosed {
        let heard = call[side.other].channels.all(entry.label).last?.entry.received ?? []
        let name = "\(what): \(entry.label) from the \(side)"
        try expectEqual(heard.count, entry.sent.count, "\(name): messages")
        try expect(heard == entry.sent, "\(name): what came is not what was sent")
      }
    }
  }

  private static func carries() throws {
    for (seed, setup) in zip(UInt64(8831)...8834, ["actpass", "active", "passive", "actpass"]) {
      var call = try started(seed: seed, hasMedia: seed == 8834, setup: setup)
      try exchange(&call, "seed \(seed)")
      for side in CallSimulation.Side.allCases {
        let transport = call[side].session.dataTransport
        try expectEqual(transport?.state, .connected, "seed \(seed): transport")
        try expectEqual(transport?.maximumMessage, 262_144, "seed \(seed): longest message")
        try expectEqual(transport?.maximumChannels, 1_024, "seed \(seed): channels")
        try expectEqual(call[side].session.droppedChannelMessages, 0, "seed \(seed): dropped")
        let id = try call.channel("caller", at: side).id
        let tooLong = DataChannelMessage(
          isText: false,
          bytes: [UInt8](repeating: 0, count: 262_145)
        )
        let instant = call.now
        let outcome = call[side].session.send(tooLong, on: id, at: instant)
        try expectEqual(outcome, .tooLong, "seed \(seed): a long message")
        try expectEqual(call[side].session.bufferedAmount(of: id), 0, "seed \(seed): buffered")
      }
    }
  }

  private static func losesNothing() throws {
    for seed in UInt64(8840)...8843 {
      var call = try started(seed: seed, loss: 0.05, hasMedia: seed % 2 == 0)
      try exchange(&call, "seed \(seed)")
      var unreliable = DataChannelParameters(label: "once", isOrdered: false)
      unreliable.maximumRetransmissions = 0
      var hurried = DataChannelParameters(label: "hurried")
      hurried.lifetime = 50
      for parameters in [unreliable, hurried] {
        let id = try call.open(parameters, at: .caller)
        try call.run(for: .seconds(3)) { call in
          !call.callee.channels.all(parameters.label).isEmpty
        }
        var random = RandomSource.seeded(seed)
        for _ in 0..<300 {
          _ = try call.send(message(700, &random), on: id, at: .caller)
          try call.run(for: .milliseconds(5))
        }
        try call.run(for: .seconds(5))
        let said = call.caller.channels.entries[id]?.sent ?? []
        let heard = try call.channel(parameters.label, at: .callee).entry.received
        let what = "seed \(seed): \(parameters.label)"
        try expect(heard.count > 200, "\(what): only \(heard.count) of \(said.count)")
        try expectEqual(Set(heard).count, heard.count, "\(what): some came twice")
        try expect(Set(heard).isSubset(of: Set(said)), "\(what): what was never sent")
        if parameters.isOrdered {
          try expect(said.filter(Set(heard).contains) == heard, "\(what): order")
        }
      }
      try exchange(&call, sizes: [10, 20_000], "seed \(seed), afterwards")
    }
  }

  private static func joinsCall() throws {
    for (seed, side) in zip(UInt64(8850)...8851, CallSimulation.Side.allCases) {
      var call = CallSimulation(seed: seed)
      call.isPerfect = true
      for end in CallSimulation.Side.allCases { _ = try call.add("camera", to: end) }
      try call.run(for: .seconds(3)) { $0.isConnected }
      try expect(call.isConnected, "seed \(seed): not connected")
      try call.run(for: .seconds(1))
      _ = try call.settle()
      _ = try call.open(DataChannelParameters(label: "late", subprotocol: "json"), at: side)
      try expect(call[side].session.needsNegotiation, "seed \(seed): no need")
      try call.run(for: .seconds(3)) { call in !call[side.other].channels.all("late").isEmpty }
      let found = try call.channel("late", at: side.other)
      let parameters = call[side.other].session.dataChannel(found.id)?.parameters
      try expectEqual(parameters?.subprotocol, "json", "seed \(seed): subprotocol")
      try exchange(&call, "seed \(seed)")
      for end in CallSimulation.Side.allCases {
        try expect(!call[end].session.needsNegotiation, "seed \(seed): a need is left")
      }
      try call.run(for: .seconds(1))
      let (arrived, lost) = try call.settle()
      try expect(arrived > 10, "seed \(seed): only \(arrived) pictures")
      try expectEqual(lost, 0, "seed \(seed): pictures lost")
    }
  }

  private static func numbers() throws {
    for (seed, setup) in zip(UInt64(8860)...8861, ["active", "passive"]) {
      var call = try started(seed: seed, setup: setup)
      // Who takes an active offer waits, and is the server.
      let client: CallSimulation.Side = setup == "active" ? .caller : .callee
      for side in CallSimulation.Side.allCases {
        let stream = try call.channel("\(side)", at: side).entry.stream
        try expectEqual(stream.map { Int($0) }, side == client ? 0 : 1, "\(setup): \(side)")
      }
      for stream in [2, 3] as [UInt16] {
        var agreed = DataChannelParameters(label: "agreed \(stream)")
        agreed.negotiatedStream = stream
        for side in CallSimulation.Side.allCases { _ = try call.open(agreed, at: side) }
        let again = call.caller.session.openChannel(agreed, at: call.now)
        try expectEqual(again, nil, "\(setup): the stream \(stream) again")
      }
      let next = try call.open(DataChannelParameters(label: "next"), at: client)
      try expectEqual(call[client].session.dataChannel(next)?.stream, 4, "\(setup): next stream")
      try call.run(for: .seconds(1))
      try exchange(&call, sizes: [0, 5_000], setup)
    }
  }
}
