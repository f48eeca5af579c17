// SPDX-License-Identifier: Apache-2.0
internal import SCTP
internal import Wire

extension Check {
  /// How associations begin, begin anew and end.
  static let sctpHandshakes: [Check] = [
    Check("SCTP: one side begins, the other only answers") {
      var simulation = SCTPSimulation(seed: 1)
      simulation.ends[0].association.connect(at: simulation.now)
      try simulation.expectConnection(within: .seconds(1))
      try expectEqual(simulation.ends.map(\.events), [[.connected], [.connected]], "events")
      try exchange(&simulation)
    },
    Check("SCTP: any one packet of the handshake may be lost") {
      for crossing in [false, true] {
        for end in 0...1 {
          for number in 0..<6 {
            var simulation = SCTPSimulation(seed: 2)
            let counter = Counter()
            simulation.isLost = { from, _ in from == end && counter.next() == number }
            simulation.ends[0].association.connect(at: simulation.now)
            if crossing { simulation.ends[1].association.connect(at: simulation.now) }
            try simulation.expectConnection(within: .seconds(3))
            try exchange(&simulation)
          }
        }
      }
    },
    Check("SCTP: connects under 30 % loss (seeds 1 to 50)") {
      for seed: UInt64 in 1...50 {
        var simulation = SCTPSimulation(seed: seed, weather: .init(loss: 0.3))
        simulation.connect()
        try simulation.expectConnection(within: .seconds(120))
        for index in 0...1 { simulation.ends[index].link.weather.loss = 0 }
        try exchange(&simulation)
      }
    },
    Check("SCTP: a peer that is not there is given up") {
      var simulation = SCTPSimulation(seed: 3)
      simulation.isLost = { _, _ in true }
      simulation.ends[0].association.connect(at: simulation.now)
      try simulation.run(for: .seconds(120))
      try expectEqual(simulation.ends[0].events, [.closed(.timedOut)], "events")
      try expectEqual(simulation.ends[0].association.deadline, nil, "deadline")
      try expectEqual(simulation.ends[0].association.statistics.packetsSent, 9, "INITs")
    },
    Check("SCTP: a peer that falls silent is given up while data waits") {
      var simulation = try SCTPSimulation.connected(seed: 4)
      simulation.isLost = { _, _ in true }
      try simulation.send(.numbered(1))
      try simulation.run(for: .seconds(120))
      try expectEqual(simulation.ends[0].events.last, .closed(.timedOut), "last event")
    },
    Check("SCTP: a peer that falls silent is given up by its heartbeats") {
      var simulation = try SCTPSimulation.connected(seed: 4)
      simulation.isLost = { _, _ in true }
      try simulation.run(for: .seconds(600))
      for end in simulation.ends {
        try expectEqual(end.events.last, .closed(.timedOut), "last event")
      }
    },
    Check("SCTP: a peer that began anew is known, and streams begin anew (case A)") {
      var simulation = try SCTPSimulation.connected(seed: 5)
      for number in 0..<5 { try simulation.send(.numbered(number)) }
      try simulation.run(for: .seconds(1))
      // What is on the way is lost on both sides.
      try simulation.send(.numbered(5, bytes: 100_000))
      simulation.ends[1].association = SCTPAssociation(
        .init(),
        random: .seeded(99),
        at: simulation.now
      )
      simulation.ends[1].events = []
      simulation.ends[1].association.connect(at: simulation.now)
      try simulation.expectConnection(within: .seconds(5))
      try expectEqual(
        simulation.ends[0].events.filter { $0 != .bufferedAmountLow(stream: 1) },
        [.connected, .restarted],
        "events"
      )
      try expectEqual(simulation.ends[1].events, [.connected], "events")
      simulation.ends[1].messages = []
      try exchange(&simulation)
    },
    Check("SCTP: an old cookie is refused, and the handshake begins anew") {
      var configuration = SCTPConfiguration()
      configuration.cookieLifetime = .milliseconds(500)
      var simulation = SCTPSimulation(
        seed: 6,
        weather: .init(latency: .milliseconds(300)),
        [.init(), configuration]
      )
      simulation.ends[0].association.connect(at: simulation.now)
      try simulation.run(for: .milliseconds(600))
      // The COOKIE ECHO takes too long.
      simulation.ends[0].link.weather.latency = .seconds(2)
      try simulation.run(for: .milliseconds(400))
      simulation.ends[0].link.weather.latency = .milliseconds(100)
      simulation.ends[1].link.weather.latency = .milliseconds(100)
      try simulation.expectConnection(within: .seconds(20))
      try exchange(&simulation)
    },
    Check("SCTP: what was sent before the shutdown arrives under 20 % loss (seeds 1 to 20)") {
      for seed: UInt64 in 1...20 {
        var simulation = try SCTPSimulation.connected(seed: seed, weather: .init(loss: 0.2))
        for number in 0..<50 { try simulation.send(.numbered(number, bytes: 2_000)) }
        simulation.ends[0].association.shutdown(at: simulation.now)
        try expectEqual(
          simulation.ends[0].association.send(.numbered(1), at: simulation.now),
          .ended,
          "outcome"
        )
        try simulation.run(for: .seconds(300)) {
          $0.ends.allSatisfy { $0.association.state == .ended }
        }
        try expectEqual(simulation.ends[1].messages.map(\.number), Array(0..<50), "seed \(seed)")
        try expectEqual(simulation.ends[0].events.last, .closed(.shutdown), "seed \(seed)")
        // The last packet of all may be lost for good: then the other side gives up.
        let isKnown = [.closed(.shutdown), .closed(.timedOut)].contains(
          simulation.ends[1].events.last
        )
        try expect(isKnown, "seed \(seed): \(simulation.ends[1].events)")
      }
    },
    Check("SCTP: both sides shut down at once") {
      var simulation = try SCTPSimulation.connected(seed: 7)
      for index in 0...1 { simulation.ends[index].association.shutdown(at: simulation.now) }
      try simulation.run(for: .seconds(5))
      for end in simulation.ends { try expectEqual(end.events.last, .closed(.shutdown), "end") }
    },
    Check("SCTP: an abort ends both sides and tells why") {
      var simulation = try SCTPSimulation.connected(seed: 8)
      simulation.ends[0].association.abort("enough", at: simulation.now)
      try simulation.run(for: .seconds(1))
      try expectEqual(simulation.ends[0].events.last, .closed(.aborted), "ours")
      let expected = SCTPEvent.closed(.abortedByPeer("userInitiatedAbort: enough"))
      try expectEqual(simulation.ends[1].events.last, expected, "theirs")
    },
    Check("SCTP: 24 hours of nothing but heartbeats, then a message") {
      var simulation = try SCTPSimulation.connected(seed: 9, weather: .init(loss: 0.05))
      try simulation.run(for: .seconds(86_400))
      for end in simulation.ends {
        try expectEqual(end.association.state, .connected, "state")
        let sent = end.association.statistics.packetsSent
        try expect((2_000...12_000).contains(sent), "\(sent) packets")
      }
      try exchange(&simulation)
    },
  ]

  /// A message each way.
  private static func exchange(_ simulation: inout SCTPSimulation) throws {
    for index in 0...1 {
      try simulation.send(.numbered(7, bytes: 3_000), from: index)
    }
    let isDone = try simulation.run(for: .seconds(20)) {
      $0.ends.allSatisfy { $0.messages.last?.number == 7 }
    }
    try expect(isDone, "seed \(simulation.seed): the messages did not arrive")
  }
}

/// Counts in a closure.
private final class Counter {
  private var count = -1

  func next() -> Int {
    count += 1
    return count
  }
}
