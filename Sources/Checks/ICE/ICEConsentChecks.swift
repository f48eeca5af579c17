// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

extension Check {
  /// Consent and outages over a simulated network.
  static let iceConsent: [Check] = [
    Check("sending stops at most 30 s after the last response, after a word of warning") {
      for seed in 0..<100 {
        var simulation = try connected(seed: UInt64(seed))
        try simulation.run(for: .milliseconds(seed * 137))
        let start = simulation.now
        simulation.change { $0.isDown = true }
        let isOver = try simulation.run(for: .seconds(31)) { simulation in
          simulation.ends.allSatisfy { $0.agent.state == .failed }
        }
        try expect(isOver, simulation.report("still sending"))
        for end in simulation.ends {
          let failed = (end.entered[.failed] ?? .distantFuture) - start
          try expect(failed <= .seconds(30), simulation.report("failed after \(failed)"))
          try expect(end.agent.path == nil, simulation.report("there is a path"))
          let warned = (end.entered[.disconnected] ?? .distantFuture) - start
          try expect(warned <= .milliseconds(7_200), simulation.report("warned after \(warned)"))
          try expectEqual(end.agent.deadline, nil, "deadline")
        }
        simulation.change { $0.isDown = false }
        let sent = simulation.ends.map(\.sent)
        try simulation.run(for: .seconds(60))
        try expectEqual(simulation.ends.map(\.sent), sent, "datagrams after failure")
      }
    },
    Check("an outage of 5 s, and one of 20 s, is survived") {
      for seed in 0..<100 {
        var simulation = try connected(seed: UInt64(seed))
        try simulation.run(for: .milliseconds(seed * 211))
        let path = simulation.ends[0].agent.path
        simulation.change { $0.isDown = true }
        try simulation.run(for: seed % 2 == 0 ? .seconds(5) : .seconds(20))
        try expectEqual(simulation.ends[0].agent.path, path, "path during the outage")
        simulation.change { $0.isDown = false }
        let isBack = try simulation.run(for: .seconds(7)) { simulation in
          simulation.ends.allSatisfy { [.connected, .completed].contains($0.agent.state) }
        }
        try expect(isBack, simulation.report("not connected again"))
        try simulation.run(for: .seconds(30))
        try expectEqual(simulation.ends[0].agent.path, path, "path after the outage")
      }
    },
    Check("a connection in peace stays so: consent each 4 to 6 s, no alarm, no other traffic") {
      for seed in 0..<10 {
        var simulation = try connected(seed: UInt64(seed))
        try simulation.run(for: .seconds(2))
        let before = simulation.ends.map(\.sent)
        simulation.ends[0].entered = [:]
        try simulation.run(for: .seconds(600))
        try expectEqual(simulation.ends[0].entered.isEmpty, true, "no change of state")
        for (end, before) in zip(simulation.ends, before) {
          // 100…150 requests of its own and as many answers.
          let count = end.sent - before
          try expect((200...301).contains(count), simulation.report("\(count) datagrams"))
          try expect(
            (99...152).contains(end.agent.statistics.consentRequestsSent),
            simulation.report("\(end.agent.statistics.consentRequestsSent) consent checks")
          )
        }
        try expect(
          (simulation.ends[0].agent.roundTripTime ?? .zero) == .milliseconds(2),
          simulation.report(
            "round trip \(String(describing: simulation.ends[0].agent.roundTripTime))"
          )
        )
      }
    },
    Check("loss of 20 % in both directions does not cost consent within five minutes") {
      for seed in 0..<20 {
        var simulation = try connected(seed: UInt64(seed))
        simulation.change { $0.loss = 0.2 }
        try simulation.run(for: .seconds(300))
        try expect(simulation.isConnected, simulation.report("lost"))
      }
    },
    Check("a peer that is heard but never answers does not keep consent") {
      for seed in 0..<20 {
        var simulation = try connected(seed: UInt64(seed))
        try simulation.run(for: .seconds(1))
        // Only what end 0 sends is lost: the peer's requests still come.
        simulation.ends[0].link.weather.isDown = true
        let start = simulation.now
        try simulation.run(for: .seconds(30)) { $0.ends[0].agent.path == nil }
        try expect(simulation.ends[0].agent.path == nil, simulation.report("still sending"))
        try expect(simulation.now - start <= .seconds(30), simulation.report("too late"))
      }
    },
    Check("close ends everything at once") {
      var simulation = try connected(seed: 1)
      let local = ICESimulation.address(1)
      let remote = ICESimulation.address(2)
      try expect(simulation.ends[0].agent.accepts(from: remote, to: local), "not accepted")
      simulation.ends[0].agent.close()
      try simulation.run(for: .seconds(1))
      let sent = simulation.ends[0].sent
      try simulation.run(for: .seconds(60))
      try expectEqual(simulation.ends[0].sent, sent, "datagrams after close")
      try expectEqual(simulation.ends[0].agent.state, .closed, "state")
      try expectEqual(simulation.ends[0].agent.path, nil, "path")
      try expect(!simulation.ends[0].agent.accepts(from: remote, to: local), "accepted")
      try expectEqual(simulation.ends[1].agent.state, .failed, "the peer's state")
    },
  ]

  /// Two agents that have connected on a good network.
  static func connected(seed: UInt64) throws -> ICESimulation {
    var simulation = ICESimulation(seed: seed)
    simulation.signal(to: 0)
    simulation.signal(to: 1)
    let isDone = try simulation.run(for: .seconds(1)) { simulation in
      simulation.isConnected && simulation.ends.allSatisfy { $0.agent.state == .completed }
    }
    try expect(isDone, simulation.report("not connected"))
    return simulation
  }
}
