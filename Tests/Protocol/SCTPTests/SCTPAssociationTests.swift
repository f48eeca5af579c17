// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import SCTP

/// Dialogues of two associations, packet by packet.
@Suite struct SCTPAssociationTests {
  private var a = SCTPAssociation(.init(), random: .seeded(1), at: .zero)
  private var z = SCTPAssociation(.init(), random: .seeded(2), at: .zero)
  private let now = Timestamp.zero

  @Test mutating func `four packets connect, and no more are sent`() throws {
    a.connect(at: now)
    #expect(a.state == .connecting)
    // A → INIT → Z, which keeps nothing.
    try pass(\.a, \.z, .initiation)
    #expect(z.state == .closed)
    // A ← INIT ACK ← Z
    try pass(\.z, \.a, .initiationAcknowledgement)
    // A → COOKIE ECHO → Z
    try pass(\.a, \.z, .cookieEcho)
    #expect(z.state == .connected)
    #expect(a.state == .connecting)
    // A ← COOKIE ACK ← Z
    try pass(\.z, \.a, .cookieAcknowledgement)
    #expect(a.state == .connected)
    expectSilence()
    let (fromA, fromZ) = (a.nextEvent(), z.nextEvent())
    #expect(fromA == .connected)
    #expect(fromZ == .connected)
    #expect(a.negotiatedStreams?.outgoing == 1024)
  }

  @Test mutating func `a second packet is acknowledged at once, a lone one later`() throws {
    try connect()
    // A → DATA → Z → SACK → A: the first of all.
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    try pass(\.z, \.a, .selectiveAcknowledgement)
    // A → DATA → Z, and nothing yet.
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    expectSilence()
    let deadline = try #require(z.deadline)
    #expect(deadline > now && deadline <= now + .milliseconds(200))
    z.advance(to: deadline)
    try pass(\.z, \.a, .selectiveAcknowledgement)
    // A → DATA → Z, A → DATA → Z → SACK → A
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    try pass(\.z, \.a, .selectiveAcknowledgement)
    expectSilence()
  }

  @Test mutating func `a SACK travels with data that goes the other way`() throws {
    try connect()
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    try pass(\.z, \.a, .selectiveAcknowledgement)
    // A → DATA → Z, Z → SACK, DATA → A
    try send(\.a, 10)
    try pass(\.a, \.z, .data)
    try send(\.z, 10)
    try pass(\.z, \.a, .selectiveAcknowledgement, .data)
  }

  @Test mutating func `what is lost is sent again after the timeout, and not before`() throws {
    try connect()
    try send(\.a, 10)
    // A → DATA → lost
    _ = a.nextPacket()
    #expect(a.deadline == now + .milliseconds(500))
    a.advance(to: now + .milliseconds(499))
    expectSilence()
    a.advance(to: now + .milliseconds(500))
    try pass(\.a, \.z, .data)
    #expect(a.statistics.chunksRetransmitted == 1)
    #expect(a.statistics.retransmissionTimeouts == 1)
    let event = z.nextEvent()
    #expect(event == .connected)
    let message = z.nextEvent()
    #expect(message == .received(.init(stream: 1, payloadProtocol: 53, payload: bytes(10))))
  }

  @Test mutating func `small messages share a packet, and a long one is cut`() throws {
    try connect()
    for _ in 0..<3 { try send(\.a, 10) }
    try pass(\.a, \.z, .data, .data, .data)
    try pass(\.z, \.a, .selectiveAcknowledgement)
    try send(\.a, 2_000)
    let first = a.nextPacket()?.count ?? 0
    #expect(first <= 1_163 && first > 1_100)
    let second = a.nextPacket()?.count ?? 0
    #expect(second < 1_000 && second > 800)
  }

  @Test mutating func `what a program does wrong is an outcome`() throws {
    var outcome = a.send(message(0), at: now)
    #expect(outcome == .empty)
    outcome = a.send(message(262_145), at: now)
    #expect(outcome == .tooLong)
    outcome = a.send(.init(stream: 1024, payloadProtocol: 53, payload: [1]), at: now)
    #expect(outcome == .noSuchStream)
    for _ in 0..<7 {
      outcome = a.send(message(262_144), at: now)
      #expect(outcome == .queued)
    }
    outcome = a.send(message(262_144), at: now)
    #expect(outcome == .bufferFull)
    #expect(a.bufferedAmount(of: 1) == 7 * 262_144)
    a.abort("", at: now)
    outcome = a.send(message(1), at: now)
    #expect(outcome == .ended)
  }

  @Test mutating func `the buffered amount tells when it has fallen to its threshold`() throws {
    try connect()
    while a.nextEvent() != nil {}
    a.setBufferedAmountLowThreshold(1_500, of: 1)
    try send(\.a, 3_000)
    #expect(a.bufferedAmount(of: 1) == 3_000)
    _ = a.nextPacket()
    #expect(a.bufferedAmount(of: 1) < 2_000)
    var event = a.nextEvent()
    #expect(event == nil)
    _ = a.nextPacket()
    event = a.nextEvent()
    #expect(event == .bufferedAmountLow(stream: 1))
  }

  @Test mutating func `three packets end it`() throws {
    try connect()
    a.shutdown(at: now)
    // A → SHUTDOWN → Z → SHUTDOWN ACK → A → SHUTDOWN COMPLETE → Z
    try pass(\.a, \.z, .shutdown)
    try pass(\.z, \.a, .shutdownAcknowledgement)
    #expect(a.state == .ended)
    try pass(\.a, \.z, .shutdownComplete)
    #expect(z.state == .ended)
    #expect(a.deadline == nil)
    #expect(z.deadline == nil)
    expectSilence()
  }

  @Test mutating func `nothing is written where there is no room`() throws {
    try connect()
    try send(\.a, 10)
    let none = a.nextPacket(room: 511)
    #expect(none == nil)
    let packet = a.nextPacket(room: 512)
    #expect(packet != nil)
  }

  // MARK: Steps

  private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

  private func message(_ count: Int) -> SCTPMessage {
    SCTPMessage(stream: 1, payloadProtocol: 53, payload: bytes(count))
  }

  private mutating func send(_ end: WritableKeyPath<Self, SCTPAssociation>, _ count: Int) throws {
    let outcome = self[keyPath: end].send(message(count), at: now)
    try #require(outcome == .queued)
  }

  private mutating func connect() throws {
    a = SCTPAssociation(plain, random: .seeded(1), at: now)
    z = SCTPAssociation(plain, random: .seeded(2), at: now)
    a.connect(at: now)
    try pass(\.a, \.z, .initiation)
    try pass(\.z, \.a, .initiationAcknowledgement)
    try pass(\.a, \.z, .cookieEcho)
    try pass(\.z, \.a, .cookieAcknowledgement)
  }

  private var plain: SCTPConfiguration {
    var configuration = SCTPConfiguration()
    configuration.offersInterleaving = false
    return configuration
  }

  /// Expects a packet with these chunks from one, and hands it to the other.
  private mutating func pass(
    _ from: WritableKeyPath<Self, SCTPAssociation>,
    _ to: WritableKeyPath<Self, SCTPAssociation>,
    _ chunks: ChunkType...
  ) throws {
    let next = self[keyPath: from].nextPacket()
    let packet = try #require(next)
    let types = ChunkReader.reading(Array(packet.dropFirst(12))).chunks.map(\.type)
    #expect(types == chunks.map(\.rawValue))
    self[keyPath: to].receive(packet, at: now)
  }

  private mutating func expectSilence() {
    let (fromA, fromZ) = (a.nextPacket(), z.nextPacket())
    #expect(fromA == nil)
    #expect(fromZ == nil)
  }
}
