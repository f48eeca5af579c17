// SPDX-License-Identifier: Apache-2.0
internal import ICE
internal import Wire

/// Two agents and the network between them on virtual time.
struct ICESimulation {
  /// One end: its agent, and what it has been told.
  struct End {
    var agent: ICEAgent
    var link: Link
    var events: [ICEEvent] = []
    /// When each state was entered first.
    var entered: [ICEConnectionState: Timestamp] = [:]
    /// What has been sent, to count replies.
    var sent = 0
  }

  var ends: [End] = []
  var now = Timestamp.zero
  let seed: UInt64
  /// An address of end 1 and how it looks from outside.
  var translation: (inside: SocketAddress, outside: SocketAddress)?
  private var idle = 0

  /// Two agents with an address in the same network each; nothing is signalled yet.
  init(
    seed: UInt64,
    roles: [ICERole] = [.controlled, .controlling],
    weather: Link.Weather = .init(),
    addresses: [[SocketAddress]] = [[Self.address(1)], [Self.address(2)]],
    configuration: ICEConfiguration = .init()
  ) {
    self.seed = seed
    for (index, role) in roles.enumerated() {
      var random = RandomSource.seeded(seed &* 7 &+ UInt64(index))
      let credentials = ICECredentials.random(using: &random)
      var agent = ICEAgent(
        role: role,
        credentials: credentials,
        random: random,
        configuration: configuration,
        at: now
      )
      for address in addresses[index] { _ = agent.addLocalCandidate(host: address) }
      let link = Link(weather, seed: seed &* 31 &+ UInt64(index))
      ends.append(End(agent: agent, link: link))
    }
  }

  /// 192.168.1.`host`:`port`.
  static func address(_ host: UInt8, port: UInt16 = 5_000) -> SocketAddress {
    SocketAddress(.v4(0xC0A8_0100 | UInt32(host)), port: port)
  }

  /// Tells end `index` the other's credentials, and its candidates if asked to.
  mutating func signal(to index: Int, candidates: Bool = true, isComplete: Bool = true) {
    let other = ends[1 - index].agent
    ends[index].agent.setRemoteCredentials(other.credentials, isLite: false)
    if candidates {
      for candidate in other.localCandidates {
        ends[index].agent.addRemoteCandidate(candidate, at: now)
      }
    }
    if isComplete { ends[index].agent.endOfRemoteCandidates() }
    drain()
  }

  /// Lets time pass up to `end`, or until `isDone` holds; answers whether it did.
  @discardableResult
  mutating func run(
    for duration: Duration,
    until isDone: (ICESimulation) -> Bool = { _ in false }
  ) throws -> Bool {
    let end = now + duration
    drain()
    while !isDone(self) {
      var next: Timestamp?
      for index in 0..<2 {
        next = next.earlier(ends[index].agent.deadline).earlier(ends[index].link.deadline)
      }
      guard let next, next <= end else {
        now = end
        return isDone(self)
      }
      idle = next > now ? 0 : idle + 1
      try expect(idle < 10_000, "seed \(seed): time stands still at \(now.nanoseconds)")
      now = max(now, next)
      for index in 0..<2 {
        while let (bytes, tag) = ends[index].link.receive(at: now) {
          deliver(bytes, tag, from: index)
        }
        ends[index].agent.advance(to: now)
      }
      drain()
    }
    return true
  }

  /// Hands a datagram to end `index` at once, from any address.
  mutating func inject(
    _ bytes: [UInt8],
    to index: Int,
    from source: SocketAddress,
    at local: SocketAddress
  ) {
    ends[index].agent.receive(bytes.span, from: source, to: local, at: now)
    drain()
  }

  /// Whether both ends have a path and the two are the same way.
  var isConnected: Bool {
    guard let first = ends[0].agent.path, let second = ends[1].agent.path else { return false }
    return outside(first.source) == second.destination
      && first.destination == outside(second.source)
  }

  /// Changes the weather of both directions.
  mutating func change(_ change: (inout Link.Weather) -> Void) {
    for index in 0..<2 { change(&ends[index].link.weather) }
  }

  /// What went wrong, with the seed.
  func report(_ what: String) -> String {
    let states = ends.map { "\($0.agent.role) \($0.agent.state)" }
    return "seed \(seed), \((now - .zero).inSeconds) s, \(states): \(what)"
  }

  private mutating func deliver(_ bytes: [UInt8], _ tag: Transmit, from index: Int) {
    let source = outside(tag.source)
    let local = tag.destination == translation?.outside ? translation?.inside : tag.destination
    guard let local else { return }
    ends[1 - index].agent.receive(bytes.span, from: source, to: local, at: now)
  }

  private func outside(_ address: SocketAddress) -> SocketAddress {
    guard let translation, address == translation.inside else { return address }
    return translation.outside
  }

  /// Sends what the agents want to send and collects what they tell.
  private mutating func drain() {
    for index in 0..<2 {
      while let (bytes, tag) = Self.transmit(&ends[index].agent) {
        ends[index].sent += 1
        ends[index].link.send(bytes, tag: tag, at: now)
      }
      while let event = ends[index].agent.nextEvent() {
        ends[index].events.append(event)
        guard case .stateChanged(let state) = event, ends[index].entered[state] == nil else {
          continue
        }
        ends[index].entered[state] = now
      }
    }
  }

  /// The next datagram of `agent`.
  static func transmit(_ agent: inout ICEAgent) -> (bytes: [UInt8], tag: Transmit)? {
    var tag: Transmit?
    let bytes = [UInt8](writing: { slot in
      tag = agent.nextTransmit(into: &slot)
      return tag != nil
    })
    guard let bytes, let tag else { return nil }
    return (bytes, tag)
  }
}
