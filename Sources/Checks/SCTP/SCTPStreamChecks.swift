// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import SCTP
internal import Wire

extension Check {
  /// What has to do with streams: partial reliability, resets, interleaving.
  static let sctpStreams: [Check] = [
    Check("SCTP: a message that is too old is given up, those after it arrive (seeds 1 to 4)") {
      for seed: UInt64 in 1...4 {
        for interleaved in [false, true] {
          try giveUp(seed: seed, interleaved, .init(lifetime: .milliseconds(60)))
          try giveUp(seed: seed, interleaved, .init(isOrdered: false, lifetime: .milliseconds(60)))
        }
      }
    },
    Check("SCTP: a message of no retransmission is given up at its first loss (seeds 1 to 4)") {
      for seed: UInt64 in 1...4 {
        for interleaved in [false, true] {
          try giveUp(seed: seed, interleaved, .init(maximumRetransmissions: 0))
          try giveUp(seed: seed, interleaved, .init(isOrdered: false, maximumRetransmissions: 0))
        }
      }
    },
    Check("SCTP: a lost FORWARD TSN is sent again") {
      for interleaved in [false, true] {
        var simulation = try SCTPSimulation.connected(seed: 3, pair(interleaved, interleaved))
        // A → DATA → lost; A → FORWARD TSN → lost, twice.
        let counter = LossCounter()
        simulation.isLost = { end, packet in
          guard end == 0, packet.count > 12 else { return false }
          let isForward = packet[12] == 0xC0 || packet[12] == 0xC2
          return counter.isLost(isForward: isForward, isData: packet[12] == 0 || packet[12] == 0x40)
        }
        try simulation.send(.numbered(0), .init(maximumRetransmissions: 0))
        try simulation.run(for: .seconds(1))
        try simulation.send(.numbered(1))
        let isDone = try simulation.run(for: .seconds(30)) { $0.ends[1].messages.count == 1 }
        let lost = counter.forwards
        try expect(isDone && lost == 2, "the message did not come, \(lost) lost")
        try expectEqual(simulation.ends[1].messages.map(\.number), [1], "messages")
        let statistics = simulation.ends[0].association.statistics
        try expectEqual(statistics.messagesAbandoned, 1, "given up")
      }
    },
    Check("SCTP: the rest of a long message is given up when its time is over") {
      for interleaved in [false, true] {
        var simulation = try SCTPSimulation.connected(
          seed: 4,
          weather: .init(latency: .milliseconds(50), rate: .kilobits(500)),
          pair(interleaved, interleaved)
        )
        try simulation.send(.numbered(0, bytes: 250_000), .init(lifetime: .milliseconds(500)))
        try simulation.send(.numbered(1))
        let isDone = try simulation.run(for: .seconds(30)) { $0.ends[1].messages.count == 1 }
        try expect(isDone, "the second message did not come")
        try expectEqual(simulation.ends[1].messages.map(\.number), [1], "messages")
        let statistics = simulation.ends[0].association.statistics
        try expect(statistics.bytesSent < 150_000, "\(statistics.bytesSent) bytes were sent")
        try expectEqual(simulation.ends[1].association.receiveBufferUsed, 0, "kept")
      }
    },
    Check("SCTP: streams are reset under loss with data queued, and used again (seeds 1 to 8)") {
      for seed: UInt64 in 1...8 {
        for interleaved in [false, true] {
          try reset(seed: seed, pair(interleaved, interleaved))
        }
      }
    },
    Check("SCTP: a message for a stream that is being reset is refused") {
      var simulation = try SCTPSimulation.connected(seed: 5)
      simulation.ends[0].association.resetStreams([1], at: simulation.now)
      let outcome = simulation.ends[0].association.send(.numbered(1), at: simulation.now)
      try expectEqual(outcome, .streamClosing, "outcome")
      let beyond = SCTPMessage.numbered(1, stream: 1024)
      try expectEqual(
        simulation.ends[0].association.send(beyond, at: simulation.now),
        .noSuchStream,
        "outcome"
      )
    },
    Check("SCTP: with I-DATA a short message overtakes a long one of another stream") {
      for (interleaved, expected) in [(true, [2, 1]), (false, [1, 2])] {
        var simulation = try SCTPSimulation.connected(
          seed: 6,
          weather: .init(latency: .milliseconds(20), rate: .kilobits(2_000)),
          pair(interleaved, interleaved)
        )
        try simulation.send(.numbered(1, bytes: 200_000, stream: 1))
        try simulation.send(.numbered(2, stream: 2))
        try simulation.run(for: .seconds(20)) { $0.ends[1].messages.count == 2 }
        try expectEqual(simulation.ends[1].messages.map(\.number), expected, "order")
      }
    },
    Check("SCTP: streams take turns") {
      for interleaved in [false, true] {
        var simulation = SCTPSimulation(seed: 7, pair(interleaved, interleaved))
        for stream: UInt16 in 0..<4 {
          for number in 0..<20 {
            let message = SCTPMessage.numbered(number, bytes: 1_000, stream: stream)
            try simulation.send(message)
          }
        }
        simulation.connect()
        try simulation.run(for: .seconds(20)) { $0.ends[1].messages.count == 80 }
        let streams = simulation.ends[1].messages.map(\.stream)
        try expectEqual(streams, (0..<80).map { UInt16($0 % 4) }, "streams")
      }
    },
    Check("SCTP: I-DATA and zero checksum are used where both sides agree, in each direction") {
      for first in 0..<4 {
        for second in 0..<4 {
          var configurations = pair(first & 1 != 0, second & 1 != 0)
          configurations[0].acceptsZeroChecksum = first & 2 != 0
          configurations[1].acceptsZeroChecksum = second & 2 != 0
          try agree(configurations)
        }
      }
    },
    Check("SCTP: TSN and SSN wrap") {
      for interleaved in [false, true] {
        var configurations = pair(interleaved, interleaved)
        for index in 0...1 { configurations[index].initialTSN = UInt32.max - 100 }
        var simulation = try SCTPSimulation.connected(
          seed: 8,
          weather: .init(loss: 0.01),
          configurations
        )
        var next = 0
        while simulation.ends[1].messages.count < 70_000 {
          while next < 70_000, simulation.ends[0].association.bufferedAmount(of: 1) < 8_000 {
            let outcome = simulation.ends[0].association.send(.numbered(next), at: simulation.now)
            try expectEqual(outcome, .queued, "outcome")
            next += 1
          }
          try simulation.run(for: .milliseconds(20))
          try expect(simulation.now < .zero + .seconds(3_600), "stuck")
        }
        try expectEqual(simulation.ends[1].messages.map(\.number), Array(0..<70_000), "messages")
      }
    },
  ]

  private static func pair(_ first: Bool, _ second: Bool) -> [SCTPConfiguration] {
    var configurations = [SCTPConfiguration(), SCTPConfiguration()]
    configurations[0].offersInterleaving = first
    configurations[1].offersInterleaving = second
    return configurations
  }

  /// Some messages of limited patience among reliable ones, at 20 % loss.
  private static func giveUp(
    seed: UInt64,
    _ interleaved: Bool,
    _ options: SCTPSendOptions
  ) throws {
    var simulation = try SCTPSimulation.connected(seed: seed, pair(interleaved, interleaved))
    for index in 0...1 {
      simulation.ends[index].link.weather = .init(latency: .milliseconds(20), loss: 0.2)
    }
    for number in 0..<200 {
      let isReliable = number % 10 == 0
      let kind = isReliable ? SCTPSendOptions(isOrdered: options.isOrdered) : options
      try simulation.send(.numbered(number, bytes: number % 3 == 0 ? 3_000 : 300), kind)
      try simulation.run(for: .milliseconds(5))
    }
    try simulation.send(.numbered(1_000))
    try simulation.run(for: .seconds(40))
    let numbers = simulation.ends[1].messages.map(\.number)
    let isDone = numbers.count { $0.map { $0 % 10 == 0 } ?? false } == 21
    try expect(isDone, "seed \(seed): \(numbers)")
    try expect(Set(numbers).count == numbers.count, "seed \(seed): a message came twice")
    if options.isOrdered {
      try expect(numbers == numbers.sorted { ($0 ?? 0) < ($1 ?? 0) }, "seed \(seed): order")
    }
    let abandoned = simulation.ends[0].association.statistics.messagesAbandoned
    try expect(abandoned > 0, "seed \(seed): nothing was given up")
    try expect(numbers.count + abandoned >= 201, "seed \(seed): \(numbers.count), \(abandoned)")
    try expectEqual(simulation.ends[1].association.receiveBufferUsed, 0, "seed \(seed): kept")
  }

  /// Sends on three streams, resets two of them while data waits, three times.
  private static func reset(seed: UInt64, _ configurations: [SCTPConfiguration]) throws {
    var simulation = try SCTPSimulation.connected(
      seed: seed,
      weather: .init(latency: .milliseconds(20), loss: 0.15),
      configurations
    )
    for round in 0..<3 {
      simulation.ends[1].messages = []
      for end in 0...1 { simulation.ends[end].events = [] }
      for number in 0..<30 {
        for stream: UInt16 in 1...3 {
          try simulation.send(.numbered(number, bytes: 900, stream: stream))
        }
      }
      simulation.ends[0].association.resetStreams([1, 2, 2], at: simulation.now)
      let isDone = try simulation.run(for: .seconds(120)) { simulation in
        simulation.ends[1].messages.count == 90
          && streams(resetBy: simulation.ends[0].events) == [1, 2]
      }
      try expect(isDone, "seed \(seed), round \(round): \(simulation.ends.map(\.events))")
      try expectEqual(
        streams(resetBy: simulation.ends[1].events),
        [1, 2],
        "seed \(seed): incoming"
      )
      for stream: UInt16 in 1...3 {
        let numbers = simulation.ends[1].messages.filter { $0.stream == stream }.map(\.number)
        try expectEqual(numbers, Array(0..<30), "seed \(seed), round \(round), stream \(stream)")
      }
    }
  }

  private static func streams(resetBy events: [SCTPEvent]) -> [UInt16] {
    var streams: [UInt16] = []
    for event in events {
      switch event {
      case .outgoingStreamsReset(let some), .incomingStreamsReset(let some): streams += some
      default: continue
      }
    }
    return streams.sorted()
  }

  private static func agree(_ configurations: [SCTPConfiguration]) throws {
    var simulation = SCTPSimulation(seed: 9, configurations)
    simulation.log = []
    simulation.connect()
    try simulation.expectConnection()
    let count = simulation.log?.count ?? 0
    for index in 0...1 { try simulation.send(.numbered(3, bytes: 5_000), from: index) }
    try simulation.run(for: .seconds(1))
    let isInterleaved = configurations.allSatisfy(\.offersInterleaving)
    for (index, end) in simulation.ends.enumerated() {
      try expectEqual(end.association.isInterleaved, isInterleaved, "interleaving")
      try expectEqual(end.messages.map(\.number), [3], "messages")
      let packets = simulation.log?.dropFirst(count).filter { $0.end == index }.map(\.packet) ?? []
      let isZero = packets.allSatisfy { $0[8..<12].allSatisfy { $0 == 0 } }
      try expectEqual(isZero, configurations[1 - index].acceptsZeroChecksum, "no checksums")
    }
    let first = simulation.log?.prefix(2).map(\.packet) ?? []
    try expect(first.allSatisfy { !$0[8..<12].allSatisfy { $0 == 0 } }, "INIT has a checksum")
  }
}

/// Loses the first data and the first two FORWARD TSN.
private final class LossCounter {
  private(set) var forwards = 0
  private var data = 0

  func isLost(isForward: Bool, isData: Bool) -> Bool {
    if isForward, forwards < 2 {
      forwards += 1
      return true
    }
    if isData, data < 1 {
      data += 1
      return true
    }
    return false
  }
}
