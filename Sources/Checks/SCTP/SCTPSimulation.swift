// SPDX-License-Identifier: Apache-2.0
internal import SCTP
internal import Wire

/// Two associations and the network between them on virtual time.
struct SCTPSimulation {
  /// One end: its association, its link to the other, and what it has been told.
  struct End {
    var association: SCTPAssociation
    var link: Link
    var events: [SCTPEvent] = []
    /// Messages that came, in their order.
    var messages: [SCTPMessage] = []
    /// Whether its events are fetched.
    var isReading = true
  }

  var ends: [End] = []
  var now: Timestamp
  let seed: UInt64
  /// Which packets of an end are lost, by what they hold.
  var isLost: (_ end: Int, _ packet: [UInt8]) -> Bool = { _, _ in false }
  /// Every packet that left, when asked for.
  var log: [(end: Int, packet: [UInt8])]?
  private var idle = 0

  static let way = Transmit(
    from: SocketAddress(.v4(0x7F00_0001), port: 1),
    to: SocketAddress(.v4(0x7F00_0001), port: 2)
  )

  /// Two ends; nothing is sent yet.
  init(
    seed: UInt64,
    weather: Link.Weather = .init(),
    _ configurations: [SCTPConfiguration] = [.init(), .init()],
    at now: Timestamp = .zero
  ) {
    self.seed = seed
    self.now = now
    for (index, configuration) in configurations.enumerated() {
      let random = RandomSource.seeded(seed &* 5 &+ UInt64(index))
      ends.append(
        End(
          association: SCTPAssociation(configuration, random: random, at: now),
          link: Link(weather, seed: seed &* 31 &+ UInt64(index))
        )
      )
    }
  }

  /// Two ends that stand.
  static func connected(
    seed: UInt64,
    weather: Link.Weather = .init(),
    _ configurations: [SCTPConfiguration] = [.init(), .init()]
  ) throws -> SCTPSimulation {
    var simulation = SCTPSimulation(seed: seed, weather: weather, configurations)
    simulation.connect()
    try simulation.expectConnection()
    return simulation
  }

  /// Both sides begin.
  mutating func connect() {
    for index in ends.indices { ends[index].association.connect(at: now) }
    drain()
  }

  /// Lets time pass until both stand.
  mutating func expectConnection(within duration: Duration = .seconds(60)) throws {
    try expect(
      try run(for: duration) { $0.ends.allSatisfy { $0.association.state == .connected } },
      "seed \(seed): not connected: \(ends.map(\.association.state))"
    )
  }

  /// Puts a message in, which must be taken.
  mutating func send(
    _ message: SCTPMessage,
    _ options: SCTPSendOptions = SCTPSendOptions(),
    from end: Int = 0
  ) throws {
    let outcome = ends[end].association.send(message, options, at: now)
    try expectEqual(outcome, .queued, "seed \(seed): outcome")
    drain(end)
  }

  /// Lets time pass up to `duration`, or until `isDone` holds; answers whether it did.
  @discardableResult
  mutating func run(
    for duration: Duration,
    until isDone: (SCTPSimulation) -> Bool = { _ in false }
  ) throws -> Bool {
    let end = now + duration
    drain()
    while !isDone(self) {
      var next: Timestamp?
      for index in ends.indices {
        next = next.earlier(ends[index].association.deadline).earlier(ends[index].link.deadline)
      }
      guard let next, next <= end else {
        now = end
        for index in ends.indices { advance(index) }
        return isDone(self)
      }
      idle = next <= now ? idle + 1 : 0
      try expect(idle < 100_000, "seed \(seed): time stands still at \(now)")
      now = max(now, next)
      for index in ends.indices {
        while let (packet, _) = ends[index].link.receive(at: now) {
          ends[1 - index].association.receive(packet.span, at: now)
          drain(1 - index)
        }
        if let deadline = ends[index].association.deadline, deadline <= now { advance(index) }
      }
    }
    return true
  }

  /// Fetches events and packets of both.
  mutating func drain() {
    for index in ends.indices { drain(index) }
  }

  /// Fetches events and packets of one end.
  mutating func drain(_ index: Int) {
    if ends[index].isReading {
      while let event = ends[index].association.nextEvent() {
        if case .received(let message) = event {
          ends[index].messages.append(message)
        } else {
          ends[index].events.append(event)
        }
      }
    }
    while let packet = [UInt8](writing: { ends[index].association.nextTransmit(into: &$0) }) {
      log?.append((index, packet))
      guard !isLost(index, packet) else { continue }
      ends[index].link.send(packet, tag: Self.way, at: now)
    }
  }

  private mutating func advance(_ index: Int) {
    ends[index].association.advance(to: now)
    drain(index)
  }
}

extension SCTPMessage {
  /// A message whose bytes tell which one it is: `number` first, then a pattern.
  static func numbered(_ number: Int, bytes count: Int = 4, stream: UInt16 = 1) -> SCTPMessage {
    var payload: [UInt8] = []
    payload.append(bigEndian: UInt32(truncatingIfNeeded: number))
    while payload.count < count {
      payload.append(UInt8(truncatingIfNeeded: payload.count &* 7 &+ number))
    }
    return SCTPMessage(stream: stream, payloadProtocol: 53, payload: payload)
  }

  /// The number of a `numbered` message whose bytes are as they were; `nil` otherwise.
  var number: Int? {
    var reader = ByteReader(payload.span)
    guard let number = reader.readUInt32() else { return nil }
    for index in 4..<max(4, payload.count)
    where payload[index] != UInt8(truncatingIfNeeded: index &* 7 &+ Int(number)) {
      return nil
    }
    return Int(number)
  }
}
