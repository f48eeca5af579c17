// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

extension FuzzTarget {
  /// The STUN parser, the candidate parser, and the agent as a peer with the password can drive it.
  public static let ice: [FuzzTarget] = [
    FuzzTarget("stun", seeds: STUNVectors.all) { input in
      _ = ICEAgent.isSTUN(input.span)
      _ = ICEAgent.requestedUsernameFragment(input.span)
      if let message = STUNMessage(parsing: input.span) {
        _ = message.isAuthentic(input.span, key: STUNVectors.password)
        _ = message.hasUsername("evtj:h6vY".utf8, in: input.span)
      }
      // The agent is the one that the sample request is for, but for a changed byte here and there.
      var agent = ICEAgent(
        role: .controlled,
        credentials: ICECredentials(
          usernameFragment: "evtj",
          password: "VOkJxbRl1RmTxUk/WvJxBt"
        ),
        random: .seeded(1),
        at: .zero
      )
      _ = agent.addLocalCandidate(host: ICESimulation.address(1))
      agent.receive(
        input.span,
        from: ICESimulation.address(2),
        to: ICESimulation.address(1),
        at: .zero
      )
    },
    FuzzTarget("candidate", seeds: ICECandidateSamples.texts.map { Array($0.utf8) }) { input in
      let text = String(decoding: input, as: UTF8.self)
      guard let candidate = ICECandidate(parsing: text) else { return }
      let again = ICECandidate(parsing: candidate.description)
      precondition(again != nil, "what was printed is not read: \(candidate)")
    },
    FuzzTarget("ice", seeds: ICECommands.seeds) { input in
      var commands = ICECommands(input)
      commands.run()
    },
  ]
}

/// Lines as browsers write them.
enum ICECandidateSamples {
  static let texts = [
    "candidate:1 1 udp 2130706431 192.168.1.7 50000 typ host",
    "candidate:842163049 1 udp 1677729535 203.0.113.5 61000 typ srflx raddr 192.168.1.7 "
      + "rport 50000 generation 0 ufrag EsAw network-cost 999",
    "candidate:0 1 UDP 2122252543 8d9a7f0e-1d2c-4b3a-9f8e-7d6c5b4a3f2e.local 51000 typ host",
    "2 1 tcp 2105524479 2001:db8::7 9 typ host tcptype active",
    "candidate:3 2 udp 41885439 198.51.100.9 3478 typ relay raddr 203.0.113.5 rport 61000",
    "candidate:4 1 udp 2130706430 fe80::1%eth0 50000 typ host",
  ]
}

/// A sequence of calls of an agent, interpreted from bytes; requests and answers in it are authentic.
struct ICECommands {
  static let seeds: [[UInt8]] = [
    [7, 0, 1, 2, 0, 0, 1, 2, 1, 1, 0, 9, 3, 1, 4, 10, 0, 200, 10, 0, 250],
    [2, 1, 3, 0, 7, 0, 3, 0, 2, 1, 3, 1, 0, 50, 3, 0, 0, 255, 0, 255, 0, 255],
    [7, 0, 1, 9, 9, 4, 87, 4, 20, 5, 0, 0x80, 0x29, 8, 6, 0, 10, 3, 3, 3, 0, 255],
    [8, 1, 7, 1, 2, 2, 2, 255, 5, 1, 0, 0x24, 4, 11, 0, 40, 3, 0, 0, 60, 10],
  ]

  private var input: ArraySlice<UInt8>
  private var agent: ICEAgent
  private var now = Timestamp.zero
  private var random = RandomSource.seeded(4)
  private var remote: ICECredentials
  /// The last checks that the agent sent.
  private var checks: [(message: STUNMessage, tag: Transmit)] = []

  init(_ input: [UInt8]) {
    // Long inputs show nothing that short ones do not.
    self.input = input.prefix(512)
    remote = .random(using: &random)
    var configuration = ICEConfiguration()
    configuration.maximumRemoteCandidates = 6
    configuration.maximumPairs = 8
    configuration.maximumQueuedDatagrams = 16
    agent = ICEAgent(
      role: input.count % 2 == 0 ? .controlled : .controlling,
      credentials: .random(using: &random),
      random: random,
      configuration: configuration,
      at: now
    )
    _ = agent.addLocalCandidate(host: ICESimulation.address(1))
    _ = agent.addLocalCandidate(host: Self.linkLocal(1))
  }

  /// Interprets everything; traps where the agent breaks a promise.
  mutating func run() {
    while let command = input.popFirst() {
      step(command % 12)
      drain()
      var advances = 0
      while let deadline = agent.deadline, deadline <= now {
        agent.advance(to: now)
        drain()
        advances += 1
        precondition(advances < 100, "time stands still")
      }
      precondition(agent.state != .failed || agent.path == nil, "failed, but with a path")
    }
  }

  private mutating func step(_ command: UInt8) {
    switch command {
    case 0: now += .milliseconds(Int(byte()) * Int(byte()))
    case 1: addCandidate()
    case 2: request { commands, writer in commands.addUsual(&writer) }
    case 3: answer { $1.append(mappedAddress: $0.address()) }
    case 4: answer(.failure) { $1.append(errorCode: 300 + UInt16($0.byte())) }
    case 5: request { $0.addAny(&$1) }
    case 6: agent.endOfRemoteCandidates()
    case 7: signal()
    case 8: agent.restart(with: .random(using: &random))
    case 9: _ = agent.addLocalCandidate(host: address())
    case 10: answer { $0.addAny(&$1) }
    default: agent.receive(rest().span, from: address(), to: local(), at: now)
    }
  }

  private mutating func signal() {
    if byte() % 4 == 0 { remote = .random(using: &random) }
    agent.setRemoteCredentials(remote, isLite: byte() % 8 == 0)
  }

  private mutating func addCandidate() {
    let address = address()
    let candidate = ICECandidate(
      foundation: String(byte()),
      component: Int(byte() % 3),
      priority: UInt32(byte()) << 24 | 0xFF_FFFF,
      address: .ip(address.ip),
      port: address.port,
      kind: .host
    )
    agent.addRemoteCandidate(candidate, at: now)
  }

  private mutating func request(_ fill: (inout ICECommands, inout STUNWriter) -> Void) {
    var writer = ICEPeer(local: agent.credentials, remote: remote, random: random).request
    _ = random.next()
    fill(&self, &writer)
    writer.authenticate(key: Array(agent.credentials.password.utf8))
    writer.addFingerprint()
    agent.receive(writer.bytes.span, from: address(), to: local(), at: now)
  }

  private mutating func answer(
    _ messageClass: STUNMessage.Class = .success,
    _ fill: (inout ICECommands, inout STUNWriter) -> Void
  ) {
    guard !checks.isEmpty else { return }
    let (message, tag) = checks[Int(byte()) % checks.count]
    var writer = STUNWriter(messageClass, transaction: message.transaction)
    fill(&self, &writer)
    writer.authenticate(key: Array(remote.password.utf8))
    writer.addFingerprint()
    agent.receive(writer.bytes.span, from: tag.destination, to: tag.source, at: now)
  }

  private mutating func addUsual(_ writer: inout STUNWriter) {
    let flags = byte()
    writer.append(.priority, number: UInt32(byte()) << 24 | UInt32(flags))
    if flags & 1 != 0 { writer.append(.useCandidate) }
    let tieBreaker: UInt64 = flags & 4 != 0 ? .max : 0
    writer.append(flags & 2 != 0 ? .iceControlled : .iceControlling, number: tieBreaker)
  }

  private mutating func addAny(_ writer: inout STUNWriter) {
    for _ in 0..<Int(byte() % 4) {
      let type = UInt16(byte()) << 8 | UInt16(byte())
      writer.append(type: type, value: (0..<Int(byte() % 24)).map { _ in byte() })
    }
  }

  /// Fetches what the agent has to send and tell, and checks what it sends.
  private mutating func drain() {
    while let (bytes, tag) = ICESimulation.transmit(&agent) {
      guard let message = STUNMessage(parsing: bytes.span), message.fingerprint == .valid else {
        preconditionFailure("what the agent sends is not whole STUN")
      }
      guard message.messageClass == .request else { continue }
      checks.append((message, tag))
      if checks.count > 8 { checks.removeFirst() }
    }
    while agent.nextEvent() != nil {}
  }

  private mutating func byte() -> UInt8 {
    input.popFirst() ?? 0
  }

  private mutating func rest() -> [UInt8] {
    let count = Int(byte())
    defer { input = input.dropFirst(count) }
    return Array(input.prefix(count))
  }

  private mutating func local() -> SocketAddress {
    byte() % 2 == 0 ? ICESimulation.address(1) : Self.linkLocal(1)
  }

  private mutating func address() -> SocketAddress {
    let number = byte()
    switch number % 5 {
    case 0: return Self.linkLocal(UInt64(number))
    case 1: return SocketAddress(.v4(UInt32(number) << 24), port: 1)
    case 2:
      return SocketAddress(.v6(high: 0, low: 0xFFFF_0A00_0000 | UInt64(number), scope: 0), port: 7)
    default: return ICESimulation.address(number, port: UInt16(byte()) << 8)
    }
  }

  private static func linkLocal(_ host: UInt64) -> SocketAddress {
    SocketAddress(.v6(high: 0xFE80 << 48, low: host, scope: 2), port: 5_000)
  }
}

extension Check {
  /// The seeded mutation run of each target.
  static let iceMutations: [Check] = zip(FuzzTarget.ice, [20_000, 20_000, 4_000]).map {
    target,
    count in
    Check("\(count) mutations of \(target.name) do no harm") {
      target.mutate(count: count, seed: 5)
    }
  }
}
