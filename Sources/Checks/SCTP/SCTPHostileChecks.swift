// SPDX-License-Identifier: Apache-2.0
internal import SCTP
internal import Wire

extension Check {
  /// A peer that keeps to nothing; it costs a bounded amount of memory and ends nothing but itself.
  static let sctpHostility: [Check] = [
    Check("SCTP: a message that never ends closes the association") {
      for interleaved in [false, true] {
        var puppet = makePuppet(interleaved)
        for number in 0..<400 where puppet.closure == nil {
          let part = [UInt8](repeating: 1, count: 1_000)
          let flags: UInt8 = number == 0 ? 2 : 0
          let chunk =
            interleaved
            ? puppet.interleavedData(part, mid: 0, last: UInt32(number), flags: flags)
            : puppet.data(part, flags: flags)
          puppet.send([chunk])
          try expect(puppet.association.receiveBufferUsed <= 262_144 + 200, "kept too much")
        }
        let expected = SCTPClosure.protocolViolation("a message longer than max-message-size")
        try expectEqual(puppet.closure, expected, "closure")
        try expect(puppet.heard.contains { $0.first == 6 }, "no ABORT")
      }
    },
    Check("SCTP: beginnings without ends fill what there is and no more") {
      for interleaved in [false, true] {
        var puppet = makePuppet(interleaved)
        for number in 0..<20_000 where puppet.closure == nil {
          let payload = [UInt8](repeating: 1, count: 1)
          let stream = UInt16(number % 1_000)
          let chunk =
            interleaved
            ? puppet.interleavedData(
              payload,
              stream: stream,
              mid: UInt32(number),
              last: 0,
              flags: 2
            )
            : puppet.data(payload, stream: stream, ssn: UInt16(number % 60_000), flags: 2)
          puppet.send([chunk])
          let used = puppet.association.receiveBufferUsed
          try expect(used <= (1 << 20) + 262_144 + 1_000, "\(used) bytes kept")
        }
        let expected = SCTPClosure.protocolViolation(
          "more parts of messages than there is room for"
        )
        try expectEqual(puppet.closure, expected, "closure")
      }
    },
    Check("SCTP: messages behind one that never comes are kept within the window") {
      var puppet = makePuppet(false)
      let payload = [UInt8](repeating: 1, count: 1_000)
      for number in 1..<3_000 where puppet.closure == nil {
        puppet.send([puppet.data(payload, ssn: UInt16(number))])
        let used = puppet.association.receiveBufferUsed
        try expect(used <= (1 << 20) + 262_144 + 2_000, "\(used) bytes kept")
      }
      try expect(puppet.closure != nil, "it goes on")
      try expectEqual(puppet.messages, [], "messages")
    },
    Check("SCTP: holes beyond counting are refused, and the SACK fits into its packet") {
      var puppet = makePuppet(false)
      for number in 1...3_000 {
        puppet.send([puppet.data([1], flags: 7, tsn: 1 &+ UInt32(number) * 2)])
      }
      let sack = try found(puppet.lastSACK)
      try expectEqual(sack.blocks.count, 256, "blocks")
      try expectEqual(sack.cumulative, 0, "cumulative TSN")
      try expectEqual(puppet.messages.count, 256, "messages")
      // What closes a hole is still taken.
      puppet.send([puppet.data([1], flags: 7, tsn: 1)])
      try expectEqual(try found(puppet.lastSACK).cumulative, 1, "cumulative TSN")
      puppet.send([puppet.data([1], flags: 7, tsn: 40_000)])
      try expectEqual(puppet.messages.count, 257, "messages")
    },
    Check("SCTP: a reader that reads nothing closes the window, and opens it again") {
      var puppet = makePuppet(false)
      puppet.isReading = false
      let payload = [UInt8](repeating: 1, count: 1_000)
      for number in 0..<2_000 {
        let chunk = puppet.data(payload, ssn: UInt16(number), tsn: UInt32(1 + number))
        puppet.send([chunk])
      }
      try expectEqual(try found(puppet.lastSACK).window, 0, "window")
      try expect(puppet.association.receiveBufferUsed <= (1 << 20) + 2_000, "kept too much")
      puppet.heard = []
      puppet.isReading = true
      puppet.listen()
      try expectEqual(puppet.messages.count, 930, "messages")
      try expectEqual(try found(puppet.lastSACK).window, 1 << 20, "window")
    },
    Check("SCTP: answers do not pile up where nobody sends them") {
      var puppet = makePuppet(false)
      var association = puppet.association
      let beat = SCTPPuppet.packet(
        [SCTPPuppet.chunk(4, [0, 1, 0, 8, 1, 2, 3, 4])],
        tag: puppet.tag
      )
      for _ in 0..<10_000 { association.receive(beat.span, at: .zero) }
      puppet.association = association
      puppet.listen()
      try expectEqual(puppet.heard.count { $0.first == 5 }, 32, "answers")
      try expect(puppet.association.statistics.dropped.unsent >= 9_000, "not counted")
    },
    Check("SCTP: a wrong tag, port or checksum changes nothing") {
      var puppet = makePuppet(false)
      let good = SCTPPuppet.packet([puppet.data([7])], tag: puppet.tag)
      for (index, change) in [(0, 1), (3, 1), (5, 1), (7, 0x80), (9, 1), (20, 1)] {
        var bad = good
        bad[index] ^= UInt8(change)
        if index < 8 {
          bad.replace(at: 8, bigEndian: UInt32(0))
          bad.replace(at: 8, bigEndian: Checksum.crc32c(bad.span).byteSwapped)
        }
        puppet.send(raw: bad)
        try expectEqual(puppet.messages, [], "byte \(index)")
      }
      // ABORT with our own tag reflected wants the T bit; without it another's tag is refused.
      puppet.send([SCTPPuppet.chunk(6)], tag: SCTPPuppet.ourTag)
      puppet.send([SCTPPuppet.chunk(6, flags: 1)], tag: puppet.tag &+ 1)
      puppet.send([SCTPPuppet.chunk(14, flags: 1)], tag: SCTPPuppet.ourTag)
      try expectEqual(puppet.closure, nil, "closure")
      puppet.send(raw: good)
      try expectEqual(puppet.messages.count, 1, "messages")
      puppet.send([SCTPPuppet.chunk(6, flags: 1)], tag: SCTPPuppet.ourTag)
      try expectEqual(puppet.closure, .abortedByPeer("no cause"), "closure")
    },
    Check("SCTP: unknown chunks say by their upper bits what becomes of the rest") {
      for (type, isRead, isReported): (UInt8, Bool, Bool) in [
        (0x3F, false, false), (0x7F, false, true), (0xBF, true, false), (0xFF, true, true),
      ] {
        var puppet = makePuppet(false)
        puppet.send([SCTPPuppet.chunk(type, [1, 2, 3]), puppet.data([7])])
        try expectEqual(puppet.messages.count, isRead ? 1 : 0, "type \(type)")
        let errors = puppet.heard.filter { $0.first == 9 }
        let expected: [UInt8] = [9, 0, 0, 15, 0, 6, 0, 11, type, 0, 0, 7, 1, 2, 3]
        try expectEqual(errors, isReported ? [expected] : [], "type \(type)")
      }
    },
    Check("SCTP: SACKs of what was never sent, and blocks out of order, are dropped") {
      var puppet = makePuppet(false)
      _ = puppet.association.send(.numbered(1, bytes: 3_000), at: puppet.now)
      puppet.listen()
      let last = puppet.theirTSN &- 1
      let bad: [[UInt32]] = [
        [last &+ 4, 1 << 20, 0], [last &- 1, 1 << 20, 0], [last &+ 0x8000_0000, 1 << 20, 0],
        [last, 1 << 20, 0x0001_0000, 0x0002_0004], [last, 1 << 20, 0x0001_0000, 0x0003_0002],
        [last, 1 << 20, 0x0002_0000, 0x0002_0003, 0x0003_0003], [last, 1 << 20, 0x0001_0000],
        [last, 1 << 20, 0xFFFF_FFFF], [last, 1 << 20, 0x0001_0000, 0xFFFF_FFFF],
      ]
      for words in bad { puppet.send([SCTPPuppet.words(3, words)]) }
      let dropped = puppet.association.statistics.dropped
      try expectEqual(dropped.malformed + dropped.unexpected, bad.count, "dropped")
      puppet.send([SCTPPuppet.words(3, [last &+ 3, 1 << 20, 0])])
      puppet.wait(.seconds(10))
      try expectEqual(puppet.association.statistics.chunksRetransmitted, 0, "sent again")
    },
    Check("SCTP: a receiver that takes back what it acknowledged is sent it again") {
      var puppet = makePuppet(false)
      _ = puppet.association.send(.numbered(1, bytes: 3_000), at: puppet.now)
      puppet.listen()
      let last = puppet.theirTSN &- 1
      puppet.send([SCTPPuppet.words(3, [last &+ 1, 1 << 20, 0x0001_0000, 0x0002_0002])])
      puppet.send([SCTPPuppet.words(3, [last &+ 1, 1 << 20, 0])])
      puppet.heard = []
      puppet.wait(.seconds(2))
      let again = Set(puppet.heard.filter { $0.first == 0 }.map { Array($0[4..<8]) })
      try expectEqual(again.count, 2, "chunks sent again")
    },
    Check("SCTP: a window of zero is probed, and nobody is given up for it") {
      var puppet = makePuppet(false)
      _ = puppet.association.send(.numbered(1, bytes: 20_000), at: puppet.now)
      puppet.listen()
      let last = puppet.theirTSN &- 1
      let sent = UInt32(puppet.heard.count { $0.first == 0 })
      puppet.send([SCTPPuppet.words(3, [last &+ sent, 0, 0])])
      // A → DATA (probe) → Z; Z → SACK with a window of zero → A; for an hour.
      var probes = 0
      for _ in 0..<600 {
        puppet.heard = []
        puppet.wait(.seconds(6))
        probes += puppet.heard.count { $0.first == 0 }
        puppet.send([SCTPPuppet.words(3, [last &+ sent, 0, 0])])
      }
      try expectEqual(puppet.closure, nil, "closure")
      try expect((500...1_300).contains(probes), "\(probes) probes")
      puppet.heard = []
      puppet.send([SCTPPuppet.words(3, [last &+ sent, 1 << 20, 0])])
      try expect(puppet.heard.contains { $0.first == 0 }, "nothing was sent into the open window")
    },
    Check("SCTP: requests to reset out of number, of wrong streams, or of other kinds are refused")
    {
      var puppet = makePuppet(false)
      func result(_ words: [UInt32], type: UInt16) -> UInt32? {
        var value: [UInt8] = []
        var parameter: [UInt8] = []
        for word in words { parameter.append(bigEndian: word) }
        value.append(bigEndian: type)
        value.append(bigEndian: UInt16(parameter.count + 4))
        puppet.heard = []
        puppet.send([SCTPPuppet.chunk(0x82, value + parameter)])
        guard let answer = puppet.heard.first(where: { $0.first == 0x82 }), answer[5] == 16 else {
          return nil
        }
        return answer.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
      }
      // The first number is the initial TSN, 1; streams come in pairs of two bytes.
      try expectEqual(result([9, 0, 0, 0x0001_0002], type: 13), 5, "bad number")
      try expectEqual(result([1, 0, 0, 0x0001_0400], type: 13), 3, "wrong stream")
      try expectEqual(result([1, 0, 0, 0x0001_0002], type: 13), 3, "the same again")
      try expectEqual(result([2, 0, 0, 0x0001_0002], type: 13), 1, "performed")
      try expectEqual(result([2, 0, 0, 0x0001_0002], type: 13), 1, "the same again")
      try expectEqual(result([3], type: 15), 2, "all TSNs")
      try expectEqual(result([4, 0x0001_0000], type: 17), 2, "more streams")
      // Data up to TSN 5 is to come first.
      try expectEqual(result([5, 0, 5, 0x0003_0004], type: 13), 6, "in progress")
      try expectEqual(result([6, 0, 5, 0x0003_0004], type: 13), 4, "another one in progress")
      puppet.heard = []
      for _ in 0..<5 { puppet.send([puppet.data([1], flags: 7)]) }
      try expect(puppet.heard.contains { $0.first == 0x82 && $0.last == 1 }, "no answer came")
      let resets = puppet.events.filter {
        if case .incomingStreamsReset = $0 { true } else { false }
      }
      try expectEqual(
        resets,
        [.incomingStreamsReset([1, 2]), .incomingStreamsReset([3, 4])],
        "events"
      )
    },
    Check("SCTP: a SACK that is owed does not keep time from passing after a SHUTDOWN") {
      var puppet = makePuppet(false)
      // Z → DATA → A → SACK; Z → DATA → A, whose SACK waits; Z → SHUTDOWN → A → SHUTDOWN ACK.
      puppet.send([puppet.data([1], flags: 7)])
      puppet.send([puppet.data([1], flags: 7)])
      puppet.send([SCTPPuppet.words(7, [puppet.theirTSN &- 1])])
      try expect(puppet.heard.contains { $0.first == 8 }, "no SHUTDOWN ACK")
      puppet.now += .milliseconds(200)
      puppet.association.advance(to: puppet.now)
      puppet.listen()
      let deadline = try found(puppet.association.deadline)
      try expect(deadline > puppet.now, "the deadline stands at \(deadline)")
    },
    Check("SCTP: a peer may ask for a reset of our streams") {
      var puppet = makePuppet(false)
      puppet.send([SCTPPuppet.chunk(0x82, [0, 14, 0, 10, 0, 0, 0, 1, 0, 1, 0, 0])])
      let requests = puppet.heard.filter { $0.first == 0x82 && $0[5] == 13 }
      try expectEqual(requests.count, 1, "requests")
      try expectEqual(puppet.heard.filter { $0.first == 0x82 && $0[5] == 16 }.count, 1, "answers")
    },
  ]

  /// An association and a peer that does as it is told.
  static func makePuppet(_ interleaved: Bool) -> SCTPPuppet {
    SCTPPuppet(parameters: interleaved ? SCTPPuppet.interleaving : SCTPPuppet.allExtensions)
  }

  /// What must be there.
  static func found<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw CheckFailure(description: "nothing was heard") }
    return value
  }
}
