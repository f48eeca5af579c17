// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

extension Check {
  /// Two agents over a simulated network.
  static let iceConnections: [Check] = [
    Check("two agents connect at once on a good network, and agree on the pair") {
      for seed in 0..<100 {
        var simulation = ICESimulation(seed: UInt64(seed))
        simulation.signal(to: 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .milliseconds(300)) { simulation in
          simulation.ends.allSatisfy { $0.agent.state == .completed }
        }
        try expect(isDone && simulation.isConnected, simulation.report("not completed"))
      }
    },
    Check("two agents connect through loss of up to 30 %, reordering and duplication") {
      for seed in 0..<160 {
        let weather = Link.Weather(
          latency: .milliseconds(1 + seed % 80),
          jitter: .milliseconds(seed % 30),
          loss: Double(seed % 4) / 10,
          duplication: Double(seed % 3) / 10,
          reordering: Double(seed % 5) / 10
        )
        var simulation = ICESimulation(seed: UInt64(seed), weather: weather)
        simulation.signal(to: 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(20)) { simulation in
          simulation.isConnected && simulation.ends.allSatisfy { $0.agent.state == .completed }
        }
        try expect(isDone, simulation.report("not connected"))
      }
    },
    Check("a peer that signals no candidates, or only names, becomes peer-reflexive") {
      for seed in 0..<100 {
        let loss = Double(seed % 4) / 10
        var simulation = ICESimulation(seed: UInt64(seed), weather: .init(loss: loss))
        simulation.signal(to: 0, candidates: false, isComplete: false)
        if let name = ICECandidate(
          parsing: "1 1 udp 2113937151 0c2a1f86-27d1-4d8a-8c8e-bd9a4de2f9e5.local 5000 typ host"
        ) {
          simulation.ends[0].agent.addRemoteCandidate(name, at: simulation.now)
        }
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(20), until: \.isConnected)
        try expect(isDone, simulation.report("not connected"))
        let statistics = simulation.ends[0].agent.statistics
        try expectEqual(statistics.namedCandidates, 1, "names counted")
      }
    },
    Check("several addresses of both families end in one pair that both sides select") {
      for seed in 0..<60 {
        let addresses = (1...2).map { host -> [SocketAddress] in
          let global = IPAddress.v6(high: 0x2001_0DB8 << 32, low: UInt64(host), scope: 0)
          let local = IPAddress.v6(high: 0xFE80 << 48, low: UInt64(host), scope: UInt32(host))
          return [
            ICESimulation.address(UInt8(host)), SocketAddress(global, port: 5_000),
            SocketAddress(.v4(0x0A00_0000 | UInt32(host)), port: 5_000),
            SocketAddress(local, port: 5_000),
          ]
        }
        let weather = Link.Weather(latency: .milliseconds(10), loss: Double(seed % 3) / 10)
        var simulation = ICESimulation(
          seed: UInt64(seed),
          weather: weather,
          addresses: addresses
        )
        simulation.signal(to: 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(60)) { simulation in
          simulation.isConnected && simulation.ends.allSatisfy { $0.agent.state == .completed }
        }
        try expect(isDone, simulation.report("not completed"))
      }
    },
    Check("a role conflict is settled, whichever role both claim") {
      for seed in 0..<100 {
        let role: ICERole = seed % 2 == 0 ? .controlling : .controlled
        var simulation = ICESimulation(
          seed: UInt64(seed),
          roles: [role, role],
          weather: .init(loss: Double(seed % 4) / 10)
        )
        simulation.signal(to: 0, candidates: seed % 3 != 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(30)) { simulation in
          simulation.isConnected && simulation.ends.allSatisfy { $0.agent.state == .completed }
        }
        try expect(isDone, simulation.report("not completed"))
        let roles = simulation.ends.map(\.agent.role)
        try expect(roles[0] != roles[1], simulation.report("same roles"))
      }
    },
    Check("checks that come before the peer's credentials are answered and followed later") {
      for seed in 0..<100 {
        var simulation = ICESimulation(seed: UInt64(seed), roles: [.controlling, .controlled])
        simulation.signal(to: 1)
        try simulation.run(for: .milliseconds(700))
        try expect(simulation.ends[0].agent.path == nil, simulation.report("path too early"))
        try expect(simulation.ends[0].agent.lastHeard != nil, simulation.report("deaf"))
        simulation.signal(to: 0, candidates: false)
        let isDone = try simulation.run(for: .milliseconds(300)) { simulation in
          simulation.isConnected && simulation.ends[0].agent.state == .completed
        }
        try expect(isDone, simulation.report("not connected"))
      }
    },
    Check("a peer behind a translator is met at its outside address") {
      for seed in 0..<60 {
        let roles: [ICERole] =
          seed % 2 == 0 ? [.controlled, .controlling] : [.controlling, .controlled]
        var simulation = ICESimulation(seed: UInt64(seed), roles: roles)
        simulation.translation = (
          inside: ICESimulation.address(2),
          outside: SocketAddress(.v4(0xCB00_7105), port: 61_000)
        )
        simulation.signal(to: 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(5)) { simulation in
          simulation.isConnected && simulation.ends[0].agent.state == .completed
        }
        try expect(isDone, simulation.report("not connected"))
        let outside = simulation.ends[0].agent.path?.destination
        try expectEqual(outside, simulation.translation?.outside, "destination")
      }
    },
    Check("a restart with new credentials finds a path again while data goes the old way") {
      for seed in 0..<60 {
        let weather = Link.Weather(latency: .milliseconds(20), loss: Double(seed % 3) / 10)
        var simulation = ICESimulation(seed: UInt64(seed), weather: weather)
        simulation.signal(to: 0)
        simulation.signal(to: 1)
        try simulation.run(for: .seconds(20), until: \.isConnected)
        var random = RandomSource.seeded(UInt64(seed) &+ 9_000)
        for index in 0..<2 {
          simulation.ends[index].agent.restart(with: .random(using: &random))
          let path = simulation.ends[index].agent.path
          try expect(path != nil, simulation.report("the old path is gone"))
        }
        simulation.signal(to: 0, candidates: seed % 2 == 0)
        simulation.signal(to: 1)
        let isDone = try simulation.run(for: .seconds(20)) { simulation in
          simulation.ends.allSatisfy { $0.agent.roundTripTime != nil && $0.agent.path != nil }
        }
        try expect(isDone && simulation.isConnected, simulation.report("not connected again"))
        try simulation.run(for: .seconds(35))
        try expect(simulation.isConnected, simulation.report("not connected for long"))
      }
    },
    Check("patience: nothing fails before 39.5 s, and then it does") {
      for seed in 0..<20 {
        var simulation = ICESimulation(seed: UInt64(seed), weather: .init(loss: 1))
        simulation.signal(to: 0, candidates: seed % 2 == 0, isComplete: seed % 3 == 0)
        try simulation.run(for: .milliseconds(39_499))
        try expectEqual(simulation.ends[0].agent.state, .checking, "state before")
        try simulation.run(for: .seconds(40))
        try expectEqual(simulation.ends[0].agent.state, .failed, "state after")
        try expectEqual(simulation.ends[0].agent.deadline, nil, "deadline after")
      }
    },
  ]
}
