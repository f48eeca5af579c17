// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import Wire

/// How a link treats its datagrams; every chance follows from the pair's seed.
struct DTLSLink: Sendable {
  /// Probability that a datagram is lost, 0 to 1.
  var loss = 0.0
  /// Probability that it arrives twice.
  var duplication = 0.0
  /// The shortest time it is under way.
  var latency: Duration = .milliseconds(10)
  /// How much longer it may take: this reorders.
  var jitter: Duration = .zero
}

/// Two sessions on one virtual clock, with a link between them.
struct DTLSPair: ~Copyable {
  /// A datagram under way.
  private struct Flight {
    let arrival: Timestamp
    let bytes: [UInt8]
    let isForServer: Bool
  }

  var client: DTLSSession
  var server: DTLSSession
  var now = Timestamp.zero
  var link: DTLSLink
  /// What each side told, oldest first.
  var clientEvents: [DTLSEvent] = []
  var serverEvents: [DTLSEvent] = []
  /// How many datagrams were sent by either side.
  private(set) var sent = 0
  private var random: RandomSource
  private var flights: [Flight] = []

  init(
    link: DTLSLink = DTLSLink(),
    seed: UInt64,
    clientFingerprint: DTLSFingerprint? = nil,
    serverFingerprint: DTLSFingerprint? = nil,
    configuration: DTLSConfiguration = DTLSConfiguration()
  ) throws {
    let one = try DTLSIdentities.one
    let other = try DTLSIdentities.other
    let client = try DTLSSession(
      role: .client,
      identity: one,
      remoteFingerprints: [serverFingerprint ?? other.fingerprint],
      at: .zero,
      random: .seeded(seed &* 2 &+ 1),
      configuration: configuration
    )
    let server = try DTLSSession(
      role: .server,
      identity: other,
      remoteFingerprints: [clientFingerprint ?? one.fingerprint],
      at: .zero,
      random: .seeded(seed &* 2 &+ 2),
      configuration: configuration
    )
    self.link = link
    random = .seeded(seed)
    self.client = client
    self.server = server
  }

  /// Begins on both sides.
  mutating func start() {
    server.start(at: now)
    client.start(at: now)
  }

  /// Whether both sides are connected.
  var isConnected: Bool { client.state == .connected && server.state == .connected }

  /// The keys that each side has told, when both have.
  var keys: (client: DTLSKeys, server: DTLSKeys)? {
    guard let one = Self.keys(clientEvents), let other = Self.keys(serverEvents) else { return nil }
    return (one, other)
  }

  static func keys(_ events: [DTLSEvent]) -> DTLSKeys? {
    for case .connected(let keys) in events { return keys }
    return nil
  }

  static func failure(_ events: [DTLSEvent]) -> DTLSFailure? {
    for case .failed(let failure) in events { return failure }
    return nil
  }

  static func received(_ events: [DTLSEvent]) -> [[UInt8]] {
    events.compactMap { if case .received(let data) = $0 { data } else { nil } }
  }

  /// Runs until both are connected, one has failed, nothing can happen any more, or `limit` is over.
  ///
  /// `meddle` sees each datagram when it is sent, by number, and answers what is sent instead.
  mutating func run(
    for limit: Duration = .seconds(40),
    untilQuiet: Bool = false,
    meddle: (_ number: Int, _ bytes: [UInt8], _ isForServer: Bool) -> [[UInt8]] = { _, bytes, _ in
      [bytes]
    }
  ) {
    let end = now + limit
    collect(meddle)
    while untilQuiet || !isConnected {
      let arrival = flights.map(\.arrival).min()
      let timers = client.deadline.earlier(server.deadline)
      guard let next = arrival.earlier(timers), next <= end else { return }
      now = max(now, next)
      client.advance(to: now)
      server.advance(to: now)
      let due = flights.filter { $0.arrival <= now }
      flights.removeAll { $0.arrival <= now }
      for flight in due {
        if flight.isForServer {
          server.receive(flight.bytes.span, at: now)
        } else {
          client.receive(flight.bytes.span, at: now)
        }
      }
      collect(meddle)
      if client.state == .failed, server.state == .failed { return }
    }
  }

  /// Gives `bytes` to one side at once, past the link.
  mutating func inject(_ bytes: [UInt8], toServer: Bool) {
    if toServer {
      server.receive(bytes.span, at: now)
    } else {
      client.receive(bytes.span, at: now)
    }
  }

  private mutating func collect(_ meddle: (Int, [UInt8], Bool) -> [[UInt8]]) {
    while let bytes = Self.datagram(of: &client) {
      send(meddle(sent, bytes, true), isForServer: true)
    }
    while let bytes = Self.datagram(of: &server) {
      send(meddle(sent, bytes, false), isForServer: false)
    }
    while let event = client.nextEvent() { clientEvents.append(event) }
    while let event = server.nextEvent() { serverEvents.append(event) }
  }

  private mutating func send(_ datagrams: [[UInt8]], isForServer: Bool) {
    sent += 1
    for bytes in datagrams where Double.random(in: 0..<1, using: &random) >= link.loss {
      let copies = Double.random(in: 0..<1, using: &random) < link.duplication ? 2 : 1
      for _ in 0..<copies {
        let jitter = Int64.random(in: 0...link.jitter.inNanoseconds, using: &random)
        let arrival = now + link.latency + .nanoseconds(jitter)
        flights.append(Flight(arrival: arrival, bytes: bytes, isForServer: isForServer))
      }
    }
  }

  /// The next datagram of `session`; `nil` when there is none.
  static func datagram(of session: inout DTLSSession) -> [UInt8]? {
    var count = 0
    let buffer = InlineArray<1500, UInt8> { slot in
      if session.nextTransmit(into: &slot) { count = slot.count }
      while !slot.isFull { slot.append(0) }
    }
    guard count > 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in 0..<count { bytes.append(buffer[index]) }
    return bytes
  }
}

/// Two identities, made once: keys are dear.
enum DTLSIdentities {
  private static let made = Result<(DTLSIdentity, DTLSIdentity), any Error> {
    var random = RandomSource.seeded(8827)
    return (try DTLSIdentity.make(using: &random), try DTLSIdentity.make(using: &random))
  }

  static var one: DTLSIdentity { get throws { try made.get().0 } }
  static var other: DTLSIdentity { get throws { try made.get().1 } }
}
