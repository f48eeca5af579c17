// SPDX-License-Identifier: Apache-2.0
private import SCTP
private import Wire

extension Check {
  /// Packets of a peer of SCTP, each inside DTLS.
  static let museumSCTP: [Check] = [
    Check(
      "a chunk has a length of zero",
      after:
        "sipsorcery-org/sipsorcery #1758, aiortc/aiortc #1424, kbandla/dpkt #583, CVE-2021-3655"
    ) {
      for type: UInt8 in 0...255 {
        for length: UInt8 in 0..<4 {
          var puppet = makePuppet(false)
          let before = puppet.association.statistics.dropped.malformed
          puppet.send([[type, 0, 0, length]])
          puppet.send([SCTPPuppet.chunk(0x84), [type, 0, 0, length] + SCTPPuppet.chunk(4)])
          let dropped = puppet.association.statistics.dropped.malformed - before
          try expectEqual(dropped, 2, "malformed of type \(type), length \(length)")
          try expectAlive(&puppet)
        }
      }
    },
    Check(
      "a parameter of INIT or INIT ACK has a length of zero",
      after: "sctplab/usrsctp #352, sctplab/usrsctp #570"
    ) {
      let fixed: [UInt8] = [9, 9, 9, 9, 0, 1, 0, 0, 0, 16, 0, 16, 0, 0, 0, 1]
      for type: [UInt8] in [[0, 7], [0x80, 8], [0xC0, 0], [0x80, 1], [0xFF, 0xFF]] {
        for length: UInt8 in 0..<4 {
          var association = SCTPAssociation(.init(), random: .seeded(1), at: .zero)
          association.connect(at: .zero)
          let offer = [UInt8](writing: { association.nextTransmit(into: &$0) }) ?? []
          var reader = ByteReader(offer.span)
          reader.skip(16)
          let tag = reader.readUInt32() ?? 0
          let parameters = fixed + type + [0, length] + type + [0, 4]
          for (kind, tag): (UInt8, UInt32) in [(1, 0), (2, tag)] {
            let packet = SCTPPuppet.packet([SCTPPuppet.chunk(kind, parameters)], tag: tag)
            association.receive(packet.span, at: .zero)
          }
          try expectEqual(association.statistics.dropped.malformed, 2, "malformed")
          try expectEqual(association.state, .connecting, "state")
        }
      }
    },
    Check("every kind of chunk comes before anything stands", after: "pion/sctp #189") {
      for isCalling in [false, true] {
        for type: UInt8 in 0...255 where type != 1 {
          var association = SCTPAssociation(.init(), random: .seeded(1), at: .zero)
          if isCalling { association.connect(at: .zero) }
          for tag: UInt32 in [0, 1, 0xFFFF_FFFF] {
            let chunk = SCTPPuppet.chunk(type, [UInt8](repeating: 1, count: 20))
            association.receive(SCTPPuppet.packet([chunk], tag: tag).span, at: .zero)
          }
          try expectEqual(association.state, isCalling ? .connecting : .closed, "type \(type)")
          while association.nextEvent() != nil {}
        }
      }
    },
    Check("a chunk is too short for what it must hold", after: "pion/sctp #339") {
      for type: UInt8 in [0, 1, 2, 3, 4, 5, 7, 9, 10, 0x40, 0x82, 0xC0, 0xC2] {
        for count in 0..<16 {
          for interleaved in [false, true] {
            var puppet = makePuppet(interleaved)
            let isData = type == 0 || type == 0x40
            // DATA where I-DATA was agreed, and data without a byte, rightly end it.
            guard !isData || count < 12 && interleaved == (type == 0x40) else { continue }
            puppet.send([SCTPPuppet.chunk(type, [UInt8](repeating: 0, count: count))])
            if type != 7 { try expectAlive(&puppet) }
          }
        }
      }
    },
    Check(
      "a SACK counts more blocks and duplicates than it has",
      after: "GHSA-jwjp-4649-v8jp, sipsorcery-org/sipsorcery #1772"
    ) {
      for counts: UInt32 in [0xFFFF_0000, 0x0000_FFFF, 0xFFFF_FFFF, 0x0001_0000, 0x0000_0001] {
        var puppet = makePuppet(false)
        puppet.send([SCTPPuppet.words(3, [puppet.theirTSN &- 1, 9, counts])])
        try expectEqual(puppet.association.statistics.dropped.malformed, 1, "malformed")
        try expectAlive(&puppet)
      }
    },
    Check("the 65,536th message of a stream is sent", after: "algesten/sctp-proto #5") {
      var simulation = try SCTPSimulation.connected(seed: 1)
      for number in 0..<65_540 {
        let outcome = simulation.ends[0].association.send(.numbered(number), at: simulation.now)
        try expectEqual(outcome, .queued, "outcome of \(number)")
        if number % 1_000 == 0 { try simulation.run(for: .milliseconds(100)) }
      }
      try simulation.run(for: .seconds(60)) { $0.ends[1].messages.count == 65_540 }
      try expectEqual(simulation.ends[1].messages.last?.number, 65_539, "last message")
    },
    Check(
      "the numbers of messages wrap at the receiver",
      after: "algesten/sctp-proto #8, algesten/str0m #482, webrtc-rs/webrtc #393"
    ) {
      // FORWARD TSN brings the stream near its end.
      var puppet = makePuppet(false)
      for ssn: UInt32 in [0x7FF0, 0xFFD0, 0xFFFE] {
        puppet.send([SCTPPuppet.words(0xC0, [puppet.tsn, 0x0001_0000 | ssn])])
        puppet.tsn &+= 1
      }
      for ssn: UInt16 in [0xFFFF, 0, 1] { puppet.send([puppet.data([1], ssn: ssn)]) }
      try expectEqual(puppet.messages.count, 3, "messages by SSN")
      var other = makePuppet(true)
      for mid: UInt32 in [0x7FFF_FFF0, 0xFFFF_FFD0, 0xFFFF_FFFE] {
        other.send([SCTPPuppet.words(0xC2, [other.tsn, 0x0001_0000, mid])])
        other.tsn &+= 1
      }
      for mid: UInt32 in [0xFFFF_FFFF, 0, 1] {
        other.send([other.interleavedData([1], mid: mid, last: 53, flags: 3)])
      }
      try expectEqual(other.messages.count, 3, "messages by MID")
    },
    Check(
      "a FORWARD TSN passes over parts of a message, which then go on",
      after: "sctplab/usrsctp #547"
    ) {
      for interleaved in [false, true] {
        var puppet = makePuppet(interleaved)
        let part = [UInt8](repeating: 1, count: 100)
        for number: UInt32 in 0..<6 {
          let flags: UInt8 = number == 0 ? 2 : number == 5 ? 1 : 0
          let chunk =
            interleaved
            ? puppet.interleavedData(part, mid: 0, last: number, flags: flags)
            : puppet.data(part, flags: flags)
          puppet.send([chunk])
          let skip: [UInt32] = interleaved ? [0x0001_0000, 0] : [0x0001_0000]
          let type: UInt8 = interleaved ? 0xC2 : 0xC0
          if number == 2 { puppet.send([SCTPPuppet.words(type, [puppet.tsn &- 1] + skip)]) }
          if number == 3 { puppet.send([SCTPPuppet.words(type, [puppet.tsn &+ 9] + skip)]) }
        }
        try expectEqual(puppet.messages, [], "messages")
        try expectEqual(puppet.association.state, .connected, "state")
      }
    },
    Check(
      "addresses are to be added, deleted and authenticated",
      after: "sctplab/usrsctp #380, sctplab/usrsctp #386, CVE-2020-15969"
    ) {
      for type: UInt8 in [0xC1, 0x80, 0x0F] {
        var puppet = makePuppet(false)
        let address: [UInt8] = [0, 0, 0, 1, 0, 5, 0, 8, 127, 0, 0, 1]
        for parameter: UInt8 in [1, 2, 4] {
          puppet.send([SCTPPuppet.chunk(type, address + [0xC0, parameter, 0, 16] + address)])
        }
        try expectEqual(puppet.association.statistics.dropped.unexpected, 3, "unexpected")
        try expectAlive(&puppet)
      }
    },
    Check(
      "an INIT names addresses that are cut short, and keys beyond all length",
      after: "CVE-2019-20503, CVE-2020-6831"
    ) {
      let parameters: [[UInt8]] = [
        [0, 5, 0, 5, 127, 0, 0, 0], [0, 6, 0, 8, 1, 2, 3, 4], [0, 5, 0, 4],
        [0, 12, 0, 5, 1, 0, 0, 0],
        [0x80, 2, 1, 4] + [UInt8](repeating: 1, count: 256),
        [0x80, 3, 1, 0] + [UInt8](repeating: 0xFF, count: 252),
        [0x80, 4, 0, 5, 1, 0, 0, 0],
      ]
      for parameter in parameters {
        var puppet = SCTPPuppet(parameters: SCTPPuppet.allExtensions + parameter)
        try expectAlive(&puppet)
      }
    },
    Check("what goes out tells of no place in memory", after: "CVE-2020-6514") {
      var packets: [[UInt8]] = []
      for _ in 0..<2 {
        var simulation = SCTPSimulation(seed: 4)
        simulation.log = []
        simulation.connect()
        try simulation.expectConnection()
        packets.append(simulation.log?.flatMap(\.packet) ?? [])
      }
      try expect(!packets[0].isEmpty, "nothing was sent")
      try expectEqual(packets[0], packets[1], "packets of the same seed")
    },
    Check(
      "the chunk that finds no room is the last of a burst, and the reader comes back",
      after: "webrtc-rs/rtc #217"
    ) {
      var configuration = SCTPConfiguration()
      configuration.maximumReceiveBuffer = 20_000
      var simulation = try SCTPSimulation.connected(seed: 5, [.init(), configuration])
      simulation.ends[1].isReading = false
      for number in 0..<60 { try simulation.send(.numbered(number, bytes: 900)) }
      try simulation.run(for: .seconds(120))
      try expectEqual(simulation.ends[0].association.state, .connected, "state")
      simulation.ends[1].isReading = true
      try simulation.run(for: .seconds(10)) { $0.ends[1].messages.count == 60 }
      try expectEqual(simulation.ends[1].messages.map(\.number), Array(0..<60), "messages")
    },
    Check("windows are as large as their field allows", after: "sctplab/usrsctp #375") {
      var puppet = SCTPPuppet(window: .max)
      for _ in 0..<3 {
        _ = puppet.association.send(.numbered(1, bytes: 100_000), at: puppet.now)
        puppet.listen()
        let sent = UInt32(puppet.heard.count { $0.first == 0 })
        puppet.send([SCTPPuppet.words(3, [puppet.theirTSN &- 1 &+ sent, .max, 0])])
      }
      try expectAlive(&puppet)
    },
    Check(
      "an ERROR or an ABORT is full of causes",
      after: "CVE-2026-49759, erlang/otp #11213"
    ) {
      let causes = [UInt8]([[UInt8]](repeating: [0, 6, 0, 8, 1, 2, 3, 4], count: 140).joined())
      for cause in [causes, causes + [0, 3, 0, 0], [0, 13, 0xFF, 0xFF], [0, 13, 0, 3], [0]] {
        var puppet = makePuppet(false)
        puppet.send([SCTPPuppet.chunk(9, cause)])
        try expectAlive(&puppet)
        puppet.send([SCTPPuppet.chunk(6, cause)])
        if case .abortedByPeer(let text) = puppet.closure {
          try expect(text.utf8.count <= 200, "a text of \(text.utf8.count) bytes")
        } else {
          try expect(false, "not aborted")
        }
      }
    },
    Check(
      "unordered fragments begin twice, end twice, and lack their middle",
      after: "sctplab/usrsctp #266"
    ) {
      for order in 0..<24 {
        var puppet = makePuppet(false)
        var flags: [UInt8] = [6, 6, 5, 5]
        var code = order
        for index in stride(from: 3, to: 0, by: -1) {
          flags.swapAt(index, code % (index + 1))
          code /= index + 1
        }
        for flag in flags { puppet.send([puppet.data([1, 2], flags: flag)]) }
        try expect(puppet.messages.count <= 2, "\(puppet.messages.count) messages of \(flags)")
        try expectEqual(puppet.association.state, .connected, "state after \(flags)")
      }
    },
    Check(
      "a message is sent on a stream that is being closed, and after the end",
      after: "algesten/str0m #883"
    ) {
      var puppet = makePuppet(false)
      puppet.association.resetStreams([1], at: puppet.now)
      for _ in 0..<2 {
        let outcome = puppet.association.send(.numbered(1), at: puppet.now)
        try expectEqual(outcome, .streamClosing, "outcome")
        puppet.listen()
      }
      puppet.send([SCTPPuppet.words(0x82, [0x0010_000C, puppet.theirTSN, 1])])
      try expectEqual(puppet.association.send(.numbered(1), at: puppet.now), .queued, "outcome")
      puppet.send([SCTPPuppet.chunk(6)])
      try expectEqual(puppet.association.send(.numbered(1), at: puppet.now), .ended, "outcome")
      puppet.association.resetStreams([1], at: puppet.now)
      puppet.association.shutdown(at: puppet.now)
      puppet.association.abort("again", at: puppet.now)
      puppet.wait(.seconds(100))
      try expectEqual(puppet.closure, .abortedByPeer("no cause"), "closure")
    },
  ]

  /// Expects that a good message still arrives.
  private static func expectAlive(_ puppet: inout SCTPPuppet) throws {
    try expectEqual(puppet.association.state, .connected, "state")
    puppet.events = []
    let chunk =
      puppet.association.isInterleaved
      ? puppet.interleavedData([7], mid: 0, last: 53, flags: 7) : puppet.data([7], flags: 7)
    puppet.send([chunk])
    try expectEqual(puppet.messages.map(\.payload), [[7]], "the message after it")
  }
}
