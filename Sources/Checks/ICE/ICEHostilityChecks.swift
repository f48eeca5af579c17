// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

extension Check {
  /// Strangers, and peers that know the password and mean harm.
  static let iceHostility: [Check] = [
    Check("10,000 spoofed requests get no reply, change nothing, and delay nothing") {
      var simulation = ICESimulation(seed: 7)
      simulation.signal(to: 0, candidates: false)
      let before = simulation.ends[0].agent.credentials
      let peer = simulation.ends[1].agent.credentials
      var random = RandomSource.seeded(7)
      let stranger = ICESimulation.address(66, port: 6_666)
      for number in 0..<10_000 {
        var request = ICEPeer(local: before, remote: peer, random: random).request
        random = .seeded(UInt64(number))
        switch number % 4 {
        case 0: request.authenticate(key: random.bytes(24))
        case 1: request.append(.messageIntegrity, value: random.bytes(20))
        case 2: request.append(.useCandidate)
        default: request.authenticate(key: Array(peer.password.utf8))
        }
        request.addFingerprint()
        simulation.inject(
          request.bytes,
          to: 0,
          from: stranger,
          at: ICESimulation.address(1)
        )
      }
      try expectEqual(simulation.ends[0].sent, 0, "replies")
      try expectEqual(simulation.ends[0].agent.statistics.badIntegrity, 10_000, "counted")
      try expectEqual(simulation.ends[0].agent.state, .checking, "state")
      try expect(
        !simulation.ends[0].agent.accepts(from: stranger, to: ICESimulation.address(1)),
        "the stranger is accepted"
      )
      simulation.signal(to: 1)
      let isDone = try simulation.run(for: .milliseconds(50), until: \.isConnected)
      try expect(isDone, simulation.report("delayed"))
    },
    Check("forged responses change nothing, whatever they match") {
      var simulation = ICESimulation(seed: 8, weather: .init(latency: .milliseconds(50)))
      simulation.signal(to: 0)
      var agent = simulation.ends[0].agent
      agent.advance(to: .zero)
      let peer = ICESimulation.address(2)
      let local = ICESimulation.address(1)
      // The check as an eavesdropper sees it.
      var spied = ICESimulation(seed: 8)
      spied.ends[0].link.weather.latency = .zero
      spied.signal(to: 0)
      guard let (bytes, _) = spied.ends[0].link.receive(at: .zero),
        let check = STUNMessage(parsing: bytes.span)
      else { throw CheckFailure(description: "no check was sent") }
      let key = Array(simulation.ends[1].agent.credentials.password.utf8)
      for number in 0..<6 {
        let isError = number % 2 == 1
        var answer = STUNWriter(isError ? .failure : .success, transaction: check.transaction)
        if isError { answer.append(errorCode: 487) } else { answer.append(mappedAddress: local) }
        if number / 2 == 0 { answer.authenticate(key: Array("wrong".utf8)) }
        // Authentic, but from elsewhere: an eavesdropper relays it.
        if number / 2 == 1 { answer.authenticate(key: key) }
        answer.addFingerprint()
        let source = number / 2 == 1 ? ICESimulation.address(66) : peer
        agent.receive(answer.bytes.span, from: source, to: local, at: .zero)
        try expectEqual(agent.state, .checking, "state after forgery \(number)")
        try expectEqual(agent.path, nil, "path after forgery \(number)")
        try expectEqual(agent.role, .controlled, "role after forgery \(number)")
      }
      var answer = STUNWriter(.success, transaction: check.transaction)
      answer.append(mappedAddress: local)
      answer.authenticate(key: key)
      agent.receive(answer.bytes.span, from: peer, to: local, at: .zero)
      try expectEqual(agent.path, Transmit(from: local, to: peer), "path after the real one")
    },
    Check("no answer is more than 1.3 times its request") {
      for isV6 in [false, true] {
        var simulation = ICESimulation(seed: 9)
        let stranger = SocketAddress(
          isV6 ? .v6(high: 0x2001_0DB8 << 32, low: 9, scope: 0) : .v4(0x0A00_0009),
          port: 9
        )
        let local = SocketAddress(
          isV6 ? .v6(high: 0x2001_0DB8 << 32, low: 1, scope: 0) : .v4(0x0A00_0001),
          port: 5_000
        )
        _ = simulation.ends[0].agent.addLocalCandidate(host: local)
        let ours = simulation.ends[0].agent.credentials
        for unknown in 0..<12 {
          for role in 0..<2 {
            var random = RandomSource.seeded(UInt64(unknown))
            var request = STUNWriter(.request, transaction: .random(using: &random))
            request.append(.username, value: Array("\(ours.usernameFragment):x".utf8))
            for type in 0..<unknown { request.append(type: 0x7000 + UInt16(type), value: []) }
            if role == 1 { request.append(.iceControlled, number: UInt64(0)) }
            request.authenticate(key: Array(ours.password.utf8))
            var agent = simulation.ends[0].agent
            agent.receive(request.bytes.span, from: stranger, to: local, at: .zero)
            guard let (answer, _) = ICESimulation.transmit(&agent) else {
              throw CheckFailure(description: "no answer")
            }
            let factor = Double(answer.count) / Double(request.bytes.count)
            try expect(factor <= 1.3, "\(request.bytes.count) bytes gave \(answer.count)")
            try expect(ICESimulation.transmit(&agent) == nil, "more than one answer")
          }
        }
      }
    },
    Check("a peer with the password that floods from 2,000 ports meets limits, and others stay") {
      var simulation = try connected(seed: 10)
      let ours = simulation.ends[0].agent.credentials
      let theirs = simulation.ends[1].agent.credentials
      let path = simulation.ends[0].agent.path
      var random = RandomSource.seeded(10)
      for number in 0..<2_000 {
        var request = ICEPeer(local: ours, remote: theirs, random: random).request
        random = .seeded(UInt64(number))
        request.append(.priority, number: UInt32.max)
        request.append(.useCandidate)
        request.authenticate(key: Array(ours.password.utf8))
        request.addFingerprint()
        let source = ICESimulation.address(66, port: UInt16(1_000 + number))
        simulation.inject(request.bytes, to: 0, from: source, at: ICESimulation.address(1))
        if number % 50 == 0 { try simulation.run(for: .milliseconds(20)) }
      }
      try expect(simulation.ends[0].agent.statistics.overLimit > 0, "no limit was met")
      try simulation.run(for: .seconds(120))
      try expectEqual(simulation.ends[0].agent.path, path, "path")
      try expectEqual(simulation.ends[0].agent.state, .completed, "state")
    },
    Check("10,000 signalled candidates cost limited pairs and no connection") {
      var simulation = ICESimulation(seed: 11)
      simulation.signal(to: 0, candidates: false, isComplete: false)
      for number in 0..<10_000 {
        let candidate = ICECandidate(
          foundation: "1",
          priority: .max,
          address: .ip(.v4(0x0A00_0000 | UInt32(number))),
          port: 9,
          kind: .host
        )
        simulation.ends[0].agent.addRemoteCandidate(candidate, at: .zero)
      }
      simulation.signal(to: 1)
      let isDone = try simulation.run(for: .seconds(5), until: \.isConnected)
      try expect(isDone, simulation.report("not connected"))
    },
    Check("a lite peer, which only answers, is connected to and nominated at") {
      for loss in [0.0, 0.2] {
        let ours = ICESimulation.address(1)
        let theirs = ICESimulation.address(2)
        var random = RandomSource.seeded(12)
        let credentials = ICECredentials.random(using: &random)
        var agent = ICEAgent(
          role: .controlled,
          credentials: .random(using: &random),
          random: random,
          at: .zero
        )
        _ = agent.addLocalCandidate(host: ours)
        agent.setRemoteCredentials(credentials, isLite: true)
        try expectEqual(agent.role, .controlling, "role")
        agent.addRemoteCandidate(
          ICECandidate(
            foundation: "1",
            priority: 2_130_706_431,
            address: .ip(theirs.ip),
            port: theirs.port,
            kind: .host
          ),
          at: .zero
        )
        agent.endOfRemoteCandidates()
        var now = Timestamp.zero
        var isNominated = false
        while agent.state != .completed, now < .zero + .seconds(20) {
          now = max(now, agent.deadline ?? .distantFuture)
          agent.advance(to: now)
          while let (bytes, tag) = ICESimulation.transmit(&agent) {
            guard let check = STUNMessage(parsing: bytes.span),
              check.isAuthentic(bytes.span, key: Array(credentials.password.utf8)),
              Double.random(in: 0..<1, using: &random) >= loss
            else { continue }
            isNominated = isNominated || check.usesCandidate
            var answer = STUNWriter(.success, transaction: check.transaction)
            answer.append(mappedAddress: tag.source)
            answer.authenticate(key: Array(credentials.password.utf8))
            answer.addFingerprint()
            agent.receive(answer.bytes.span, from: theirs, to: ours, at: now)
          }
        }
        try expectEqual(agent.state, .completed, "state")
        try expect(isNominated, "USE-CANDIDATE was not sent")
      }
    },
  ]
}

/// Makes requests as the peer of an agent would.
struct ICEPeer {
  /// The agent's credentials.
  let local: ICECredentials
  /// The peer's own.
  let remote: ICECredentials
  var random: RandomSource

  /// A request with the right user name, to be authenticated.
  var request: STUNWriter {
    var random = random
    var writer = STUNWriter(.request, transaction: .random(using: &random))
    let username = "\(local.usernameFragment):\(remote.usernameFragment)"
    writer.append(.username, value: Array(username.utf8))
    return writer
  }
}
