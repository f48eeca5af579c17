// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

/// The dialogue of one agent with a peer that the test plays.
@Suite struct ICEAgentTests {
  private let local = SocketAddress(.v4(0xC0A8_0101), port: 5_000)
  private let remote = SocketAddress(.v4(0xC0A8_0102), port: 6_000)
  private let ours = ICECredentials(
    usernameFragment: "oursours",
    password: "ourpasswordourpassword12"
  )
  private let theirs = ICECredentials(
    usernameFragment: "them",
    password: "theirpasswordtheirpassw1"
  )

  private func agent(_ role: ICERole = .controlled) -> ICEAgent {
    var agent = ICEAgent(role: role, credentials: ours, random: .seeded(1), at: .zero)
    _ = agent.addLocalCandidate(host: local)
    agent.setRemoteCredentials(theirs, isLite: false)
    return agent
  }

  private func request(_ fill: (inout STUNWriter) -> Void = { _ in }) -> [UInt8] {
    var writer = STUNWriter(.request, transaction: STUNTransactionID(high: 5, low: 6))
    writer.append(.username, value: Array("oursours:them".utf8))
    writer.append(.priority, number: UInt32(1_862_270_975))
    fill(&writer)
    writer.authenticate(key: Array(ours.password.utf8))
    writer.addFingerprint()
    return writer.bytes
  }

  private func success(to check: STUNMessage) -> [UInt8] {
    var writer = STUNWriter(.success, transaction: check.transaction)
    writer.append(mappedAddress: local)
    writer.authenticate(key: Array(theirs.password.utf8))
    writer.addFingerprint()
    return writer.bytes
  }

  private func sent(_ agent: inout ICEAgent) -> [(message: STUNMessage, path: Transmit)] {
    var result: [(message: STUNMessage, path: Transmit)] = []
    while true {
      var path: Transmit?
      let bytes = [UInt8](writing: { slot in
        path = agent.nextTransmit(into: &slot)
        return path != nil
      })
      guard let bytes, let path else { return result }
      guard let message = STUNMessage(of: bytes) else {
        Issue.record("not STUN: \(bytes)")
        continue
      }
      #expect(message.fingerprint == .valid)
      result.append((message, path))
    }
  }

  @Test func `follows an unknown peer's nomination, with the events in order`() throws {
    var agent = agent()
    // peer → request with USE-CANDIDATE → agent
    agent.receive(request { $0.append(.useCandidate) }.span, from: remote, to: local, at: .zero)
    #expect(agent.accepts(from: remote, to: local))
    #expect(agent.path == nil)
    // agent → answer, then its own check → peer
    let dialogue = sent(&agent)
    #expect(dialogue.map(\.message.messageClass) == [.success, .request])
    #expect(dialogue[0].message.mappedAddress == remote)
    #expect(dialogue[1].message.controlled != nil)
    #expect(dialogue[1].message.priority == 1_862_270_719)
    #expect(dialogue.allSatisfy { $0.path == Transmit(from: local, to: remote) })
    // peer → answer → agent
    let answer = success(to: dialogue[1].message)
    agent.receive(answer.span, from: remote, to: local, at: .zero + .milliseconds(3))
    #expect(agent.nextEvent() == .pathChanged(Transmit(from: local, to: remote)))
    #expect(agent.nextEvent() == .stateChanged(.connected))
    #expect(agent.nextEvent() == nil)
    #expect(agent.roundTripTime == .milliseconds(3))
    agent.endOfRemoteCandidates()
    #expect(agent.state == .completed)
  }

  @Test func `refuses a request with an attribute that has to be understood`() {
    var agent = agent()
    let bytes = request { $0.append(type: 0x7ABC, value: [1]) }
    agent.receive(bytes.span, from: remote, to: local, at: .zero)
    let answers = sent(&agent)
    #expect(answers.map(\.message.errorCode) == [420])
    #expect(!agent.accepts(from: remote, to: local))
  }

  @Test func `settles a conflict of roles by the tie-breaker`() {
    // Each row: our role, the attribute of the peer, its tie-breaker, who gives way.
    let rows: [(ICERole, STUNAttribute, UInt64, ICERole, UInt16?)] = [
      (.controlling, .iceControlling, .max, .controlled, nil),
      (.controlling, .iceControlling, 0, .controlling, 487),
      (.controlled, .iceControlled, 0, .controlling, nil),
      (.controlled, .iceControlled, .max, .controlled, 487),
      (.controlled, .iceControlling, .max, .controlled, nil),
    ]
    for (role, attribute, tieBreaker, expected, code) in rows {
      var agent = agent(role)
      let bytes = request { $0.append(attribute, number: tieBreaker) }
      agent.receive(bytes.span, from: remote, to: local, at: .zero)
      #expect(agent.role == expected)
      #expect(sent(&agent).first?.message.errorCode == code)
      let isChanged = agent.nextEvent() == .roleChanged(expected)
      #expect(isChanged == (role != expected))
    }
  }

  @Test func `drops requests for others, from others, and at addresses that are no candidates`() {
    var agent = agent()
    var other = STUNWriter(.request, transaction: STUNTransactionID(high: 5, low: 6))
    other.append(.username, value: Array("oursours:thex".utf8))
    other.authenticate(key: Array(ours.password.utf8))
    let bytes = other.bytes
    agent.receive(bytes.span, from: remote, to: local, at: .zero)
    #expect(agent.statistics.badUsername == 1)
    let elsewhere = SocketAddress(local.ip, port: 1)
    agent.receive(request().span, from: remote, to: elsewhere, at: .zero)
    #expect(agent.statistics.ignored == 1)
    var damaged = request()
    damaged[damaged.count - 1] ^= 1
    agent.receive(damaged.span, from: remote, to: local, at: .zero)
    #expect(agent.statistics.badFingerprint == 1)
    agent.receive([1, 2, 3].span, from: remote, to: local, at: .zero)
    #expect(agent.statistics.malformed == 1)
    let indication = STUNWriter(.indication, transaction: STUNTransactionID(high: 1, low: 1)).bytes
    agent.receive(indication.span, from: remote, to: local, at: .zero)
    #expect(agent.statistics.ignored == 2)
    #expect(sent(&agent).isEmpty)
    #expect(agent.lastHeard == nil)
  }

  @Test func `lets IPv6 and IPv4 take turns, and link-local and loopback addresses come last`() {
    var agent = ICEAgent(role: .controlled, credentials: ours, random: .seeded(1), at: .zero)
    let addresses = ["10.0.0.1", "127.0.0.1", "10.0.0.2", "fe80::1", "2001:db8::1", "2001:db8::2"]
    for address in addresses {
      guard let ip = IPAddress(address) else { continue }
      #expect(agent.addLocalCandidate(host: SocketAddress(ip, port: 5)) != nil)
      #expect(agent.addLocalCandidate(host: SocketAddress(ip, port: 5)) == nil)
    }
    let ordered = agent.localCandidates.sorted { $0.priority > $1.priority }
    #expect(
      ordered.map(\.address.description) == [
        "2001:db8::1", "10.0.0.1", "2001:db8::2", "10.0.0.2", "fe80::1", "127.0.0.1",
      ]
    )
    #expect(Set(ordered.map(\.foundation)).count == 6)
    #expect(ordered.allSatisfy { ICECandidate(parsing: $0.description) == $0 })
  }

  @Test func `refuses local addresses that no peer can use`() throws {
    var configuration = ICEConfiguration()
    configuration.allowsLoopback = false
    configuration.maximumLocalCandidates = 1
    var agent = ICEAgent(
      role: .controlled,
      credentials: ours,
      random: .seeded(1),
      configuration: configuration,
      at: .zero
    )
    for address in ["0.0.0.0", "::", "127.0.0.1", "224.0.0.1", "255.255.255.255"] {
      let ip = try #require(IPAddress(address))
      #expect(agent.addLocalCandidate(host: SocketAddress(ip, port: 5)) == nil, "\(address)")
    }
    #expect(agent.addLocalCandidate(host: SocketAddress(local.ip, port: 0)) == nil)
    #expect(agent.addLocalCandidate(host: local) != nil)
    #expect(agent.addLocalCandidate(host: remote) == nil)
  }

  @Test func `counts and ignores remote candidates that it cannot use`() throws {
    var agent = agent()
    let lines = [
      "1 1 tcp 1 192.168.1.2 9 typ host tcptype active", "1 2 udp 1 192.168.1.2 6000 typ host",
      "1 1 udp 1 0.0.0.0 6000 typ host", "1 1 udp 1 224.0.0.1 6000 typ host",
      "1 1 udp 1 192.168.1.2 0 typ host", "1 1 udp 1 192.168.1.2 6000 typ host ufrag past",
    ]
    for line in lines {
      agent.addRemoteCandidate(try #require(ICECandidate(parsing: line)), at: .zero)
    }
    #expect(agent.statistics.ignoredCandidates == lines.count)
    let name = try #require(ICECandidate(parsing: "1 1 udp 1 a.local 5 typ host"))
    agent.addRemoteCandidate(name, at: .zero)
    #expect(agent.statistics.namedCandidates == 1)
    agent.endOfRemoteCandidates()
    let late = try #require(ICECandidate(parsing: "1 1 udp 1 192.168.1.2 6000 typ host"))
    agent.addRemoteCandidate(late, at: .zero)
    #expect(agent.statistics.ignoredCandidates == lines.count + 1)
    #expect(sent(&agent).isEmpty)
  }

  @Test func `retransmits after 0.5, 1, 2, 4, 8 and 16 s, seven times in all`() throws {
    var agent = agent()
    let candidate = try #require(ICECandidate(parsing: "1 1 udp 1 192.168.1.2 6000 typ host"))
    agent.addRemoteCandidate(candidate, at: .zero)
    var times: [Int64] = []
    var identifiers: Set<STUNTransactionID> = []
    var now = Timestamp.zero
    while true {
      for (message, _) in sent(&agent) {
        times.append(now.nanoseconds / 1_000_000)
        identifiers.insert(message.transaction)
      }
      guard let deadline = agent.deadline else { break }
      now = max(now, deadline)
      agent.advance(to: now)
    }
    #expect(times == [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500])
    #expect(identifiers.count == 1)
    #expect(agent.state == .failed)
    #expect(now == .zero + .milliseconds(39_500))
  }

  @Test func `pairs only what can reach each other, link-local addresses within our zone`() throws {
    var agent = ICEAgent(role: .controlled, credentials: ours, random: .seeded(1), at: .zero)
    let zoned = SocketAddress(.v6(high: 0xFE80 << 48, low: 1, scope: 3), port: 5)
    for address in [local, zoned, SocketAddress(.v4(0x7F00_0001), port: 5)] {
      _ = agent.addLocalCandidate(host: address)
    }
    agent.setRemoteCredentials(theirs, isLite: false)
    for line in [
      "1 1 udp 3 192.168.1.2 6000 typ host", "2 1 udp 2 fe80::2 6000 typ host",
      "3 1 udp 1 2001:db8::2 6000 typ host",
    ] {
      agent.addRemoteCandidate(try #require(ICECandidate(parsing: line)), at: .zero)
    }
    agent.advance(to: .zero + .milliseconds(20))
    agent.advance(to: .zero + .milliseconds(40))
    let remoteZoned = SocketAddress(.v6(high: 0xFE80 << 48, low: 2, scope: 3), port: 6_000)
    let expected = [Transmit(from: local, to: remote), Transmit(from: zoned, to: remoteZoned)]
    #expect(sent(&agent).map(\.path) == expected)
  }

  @Test func `drops and counts a datagram that the caller's slot cannot hold`() {
    var agent = agent()
    agent.receive(request().span, from: remote, to: local, at: .zero)
    var path: Transmit?
    let bytes = [UInt8](writing: { slot in
      while slot.freeCapacity > 20 { slot.append(0) }
      path = agent.nextTransmit(into: &slot)
      return true
    })
    #expect(path == nil)
    #expect(bytes?.count == 4_076)
    #expect(agent.statistics.unsent == 2)
  }

  @Test func `takes an IPv4 address wrapped in IPv6 for what it is`() {
    var agent = agent()
    func wrapped(_ address: SocketAddress) -> SocketAddress {
      guard case .v4(let bits) = address.ip else { return address }
      return SocketAddress(
        .v6(high: 0, low: 0xFFFF << 32 | UInt64(bits), scope: 0),
        port: address.port
      )
    }
    agent.receive(request().span, from: wrapped(remote), to: wrapped(local), at: .zero)
    #expect(sent(&agent).first?.message.mappedAddress == remote)
    #expect(agent.accepts(from: remote, to: local))
    #expect(agent.accepts(from: wrapped(remote), to: wrapped(local)))
    #expect(!agent.accepts(from: local, to: remote))
  }
}
