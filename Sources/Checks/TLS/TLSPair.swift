// SPDX-License-Identifier: Apache-2.0
internal import TLS
internal import Wire

/// What the checks of TLS are made with: authorities and a server's credentials, made once.
enum TLSFixtures {
  /// The day by which everything is judged, 2026-06-01.
  static let date: Int64 = 1_780_272_000
  static let address = IPAddress.v4(0xC0A8_0107)

  static let authority: TLSAuthority = make("One", seed: 1)
  static let other: TLSAuthority = make("Other", seed: 2)
  static let issued = issue(authority, date)
  static let credentials = load(issued)

  static func make(_ title: String, seed: UInt64) -> TLSAuthority {
    var random = RandomSource.seeded(seed)
    let names = ["porch", "porch.local", "localhost"]
    guard
      let made = TLSAuthority.make(called: title, names: names, at: date, using: &random)
    else { preconditionFailure("no authority can be made") }
    return made
  }

  static func issue(
    _ authority: TLSAuthority,
    _ date: Int64
  ) -> (certificate: [UInt8], privateKey: [UInt8]) {
    var random = RandomSource.seeded(3)
    let issued = authority.issue(
      names: ["porch", "porch.local"],
      addresses: [address],
      at: date,
      using: &random
    )
    guard let issued else { preconditionFailure("no certificate can be made") }
    return issued
  }

  static func load(_ issued: (certificate: [UInt8], privateKey: [UInt8])) -> TLSCredentials {
    guard
      let credentials = try? TLSCredentials(
        certificate: issued.certificate,
        privateKey: issued.privateKey
      )
    else { preconditionFailure("what was issued is no pair") }
    return credentials
  }
}

/// A client and a server with two streams between them, on one virtual clock.
struct TLSPair: ~Copyable {
  var client: TLSSession
  var server: TLSSession
  var now = Timestamp.zero
  /// Most bytes that go through a stream at a time.
  var piece = Int.max
  var clientEvents: [TLSEvent] = []
  var serverEvents: [TLSEvent] = []
  var clientData: [UInt8] = []
  var serverData: [UInt8] = []
  /// What is under way.
  var toServer: [UInt8] = []
  var toClient: [UInt8] = []

  init(
    server name: TLSServerName = .name("porch.local"),
    credentials: TLSCredentials = TLSFixtures.credentials,
    authorities: [UInt8] = TLSFixtures.authority.certificate.bytes,
    date: Int64 = TLSFixtures.date,
    seed: UInt64
  ) throws {
    guard let authorities = TLSAuthorities(authorities) else {
      throw CheckFailure(description: "the authority's certificate cannot be read")
    }
    client = TLSSession(
      client: name,
      authorities: authorities,
      date: date,
      random: .seeded(seed &* 2 &+ 1),
      at: .zero
    )
    server = TLSSession(server: credentials, random: .seeded(seed &* 2 &+ 2), at: .zero)
  }

  var isConnected: Bool { client.state == .connected && server.state == .connected }

  /// Lets everything happen that can, without time passing.
  mutating func run() {
    repeat {
      work()
    } while deliver()
    work()
  }

  /// Lets both compute and hand out what they have.
  mutating func work() {
    Self.work(&client, &clientEvents, &clientData, &toServer, at: now)
    Self.work(&server, &serverEvents, &serverData, &toClient, at: now)
  }

  /// Brings one piece each way; `false` when nothing is under way.
  mutating func deliver() -> Bool {
    let one = Self.deliver(&toServer, to: &server, piece, at: now)
    let other = Self.deliver(&toClient, to: &client, piece, at: now)
    return one || other
  }

  /// Seals `bytes` by one side, block after block, and puts them on their way.
  static func send(_ bytes: [UInt8], by session: inout TLSSession, to stream: inout [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = session.write { slot in
        for byte in bytes[sent...].prefix(slot.freeCapacity) { slot.append(byte) }
      }
      guard count > 0 else { return }
      sent += count
      drain(&session, to: &stream)
    }
  }

  static func drain(_ session: inout TLSSession, to stream: inout [UInt8]) {
    while let block = [UInt8](writing: { session.nextTransmit(into: &$0) }) { stream += block }
  }

  private static func work(
    _ session: inout TLSSession,
    _ events: inout [TLSEvent],
    _ data: inout [UInt8],
    _ output: inout [UInt8],
    at now: Timestamp
  ) {
    if session.needsStep { session.step(at: now) }
    var read: [UInt8] = []
    while session.read({ read.append(copying: $0) }) {}
    data += read
    drain(&session, to: &output)
    while let event = session.nextEvent() { events.append(event) }
  }

  private static func deliver(
    _ stream: inout [UInt8],
    to session: inout TLSSession,
    _ piece: Int,
    at now: Timestamp
  ) -> Bool {
    guard !stream.isEmpty, session.canReceive else { return false }
    let bytes = Array(stream.prefix(min(piece, 10_000)))
    stream.removeFirst(bytes.count)
    session.receive(bytes.span, at: now)
    return true
  }
}
