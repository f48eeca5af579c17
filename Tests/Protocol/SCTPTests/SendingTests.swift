// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import SCTP

/// What waits, what is under way, and how much of it may be.
@Suite struct SendingTests {
  private let now = Timestamp.zero
  private let room = SendQueue.Room(bytes: 1_000, full: 1_000, isShared: false)

  @Test func `a ring is a queue`() {
    var ring = RingBuffer(filler: -1)
    var model: [Int] = []
    var random = RandomSource.seeded(1)
    for number in 0..<5_000 {
      if Int.random(in: 0..<5, using: &random) < 3 {
        ring.append(number)
        model.append(number)
      } else {
        #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      }
      #expect(ring.count == model.count)
      #expect(ring.first == model.first)
      if let last = model.indices.last { #expect(ring[last] == model[last]) }
    }
  }

  @Test func `a message is cut where packets end and its numbers go on`() {
    var queue = SendQueue()
    queue.append(message(2_500), .init(), at: now)
    queue.append(message(10), .init(), at: now)
    var cuts: [OutgoingChunk] = []
    while case .chunk(let chunk) = queue.next(room, canGiveUp: true, at: now) {
      cuts.append(chunk)
    }
    #expect(cuts.map(\.range) == [0..<1_000, 1_000..<2_000, 2_000..<2_500, 0..<10])
    #expect(cuts.map(\.isBeginning) == [true, false, false, true])
    #expect(cuts.map(\.isEnd) == [false, false, true, true])
    #expect(cuts.map(\.fragment.rawValue) == [0, 1, 2, 0])
    #expect(cuts.map(\.header.mid.rawValue) == [0, 0, 0, 1])
    #expect(queue.isEmpty)
    #expect(queue.bytes == 0)
    #expect(queue.low == [1])
  }

  @Test func `what fits into an empty packet is not cut to fill a shared one`() {
    var queue = SendQueue()
    queue.append(message(900), .init(), at: now)
    let shared = SendQueue.Room(bytes: 800, full: 1_000, isShared: true)
    guard case .nothing = queue.next(shared, canGiveUp: true, at: now) else {
      Issue.record("it was cut")
      return
    }
    guard case .chunk(let chunk) = queue.next(room, canGiveUp: true, at: now) else {
      Issue.record("it was not sent")
      return
    }
    #expect(chunk.range == 0..<900)
  }

  @Test func `messages too old to begin take no number`() {
    var queue = SendQueue()
    queue.append(message(10), .init(lifetime: .milliseconds(5)), at: now)
    queue.append(message(11), .init(), at: now)
    let cut = queue.next(room, canGiveUp: true, at: now + .milliseconds(5))
    guard case .chunk(let chunk) = cut else {
      Issue.record("nothing came")
      return
    }
    #expect(chunk.range.count == 11)
    #expect(chunk.header.mid == MID(rawValue: 0))
    #expect(queue.expired == 1)
  }

  @Test func `with I-DATA at most three long messages are begun at once, short ones pass`() {
    var queue = SendQueue()
    queue.isInterleaved = true
    for stream: UInt16 in 1...5 { queue.append(message(3_000, stream: stream), .init(), at: now) }
    queue.append(message(10, stream: 6), .init(), at: now)
    var streams: [UInt16] = []
    for _ in 0..<7 {
      if case .chunk(let chunk) = queue.next(room, canGiveUp: true, at: now) {
        streams.append(chunk.header.stream)
      }
    }
    #expect(streams == [1, 2, 3, 6, 1, 2, 3])
    var rest = 0
    while case .chunk(let chunk) = queue.next(room, canGiveUp: true, at: now) {
      rest += chunk.range.count
    }
    #expect(rest == 9_000)
    #expect(queue.isEmpty)
  }

  @Test func `three SACKs that pass over a chunk lose it, and once again only if it was overtaken`()
  {
    var outstanding = filled(10)
    for end: UInt16 in 2...4 {
      let progress = outstanding.acknowledge(sack(0, [(2, end)]), isRecovering: false, at: now)
      #expect(progress?.hasLoss == (end == 4))
    }
    #expect(outstanding.lostCount == 1)
    let tsn = outstanding.takeLost(fitting: 100, at: now)
    #expect(tsn == TSN(rawValue: 1))
    // Sent before the retransmission: they tell nothing about it.
    for end: UInt16 in 5...10 {
      let progress = outstanding.acknowledge(sack(0, [(2, end)]), isRecovering: true, at: now)
      #expect(progress?.hasLoss == false)
    }
    for _ in 0..<4 { _ = outstanding.append(chunk(), at: now) }
    for end: UInt16 in 11...13 {
      let progress = outstanding.acknowledge(sack(0, [(2, end)]), isRecovering: true, at: now)
      #expect(progress?.hasLoss == (end == 13))
    }
  }

  @Test func `what is in flight is counted through every fate`() {
    var outstanding = filled(10)
    #expect(outstanding.bytesInFlight == 10 * 70)
    _ = outstanding.acknowledge(sack(2, [(3, 4)]), isRecovering: false, at: now)
    #expect(outstanding.bytesInFlight == 6 * 70)
    outstanding.loseAll()
    #expect(outstanding.bytesInFlight == 0)
    #expect(outstanding.lostCount == 6)
    // The receiver takes back what it told.
    _ = outstanding.acknowledge(sack(2, []), isRecovering: false, at: now)
    #expect(outstanding.bytesInFlight == 2 * 70)
    let tsn = outstanding.takeLost(fitting: 50, at: now)
    #expect(tsn == TSN(rawValue: 3))
    #expect(outstanding.bytesInFlight == 3 * 70)
    _ = outstanding.acknowledge(sack(10, []), isRecovering: false, at: now)
    #expect(outstanding.isEmpty)
    #expect(outstanding.bytesInFlight == 0)
    #expect(outstanding.lostCount == 0)
    #expect(outstanding.acknowledge(sack(9, []), isRecovering: false, at: now) == nil)
    #expect(outstanding.acknowledge(sack(11, []), isRecovering: false, at: now) == nil)
  }

  @Test func `a round trip is measured on chunks sent once`() {
    var outstanding = filled(2)
    let later = now + .milliseconds(30)
    let first = outstanding.acknowledge(sack(1, []), isRecovering: false, at: later)
    #expect(first?.roundTripTime == .milliseconds(30))
    outstanding.loseAll()
    _ = outstanding.takeLost(fitting: 100, at: later)
    let second = outstanding.acknowledge(
      sack(2, []),
      isRecovering: false,
      at: later + .milliseconds(30)
    )
    #expect(second?.bytes == 70)
    #expect(second?.roundTripTime == nil)
  }

  @Test func `a message given up is passed over as a whole`() throws {
    var outstanding = OutstandingData(initial: TSN(rawValue: 1))
    for number: UInt64 in 0..<3 {
      for part in 0..<2 {
        var chunk = chunk(id: number, isEnd: part == 1)
        chunk.header.mid = MID(rawValue: UInt32(number))
        if number < 2 { chunk.header.maximumRetransmissions = 0 }
        _ = outstanding.append(chunk, at: now)
      }
    }
    outstanding.loseAll()
    let (given, unfinished) = outstanding.abandonExpired(at: now)
    #expect(given == 2)
    #expect(unfinished.isEmpty)
    #expect(outstanding.lostCount == 2)
    let forward = try #require(outstanding.forwardTSN(maximumSkips: 10, isInterleaved: false))
    #expect(forward.cumulativeTSN == TSN(rawValue: 4))
    #expect(forward.skips == [.init(stream: 1, mid: MID(rawValue: 1))])
  }

  @Test func `the window grows by packets, halves at a loss, and falls to one at a timeout`() {
    var window = CongestionWindow(packet: 1_000)
    #expect(window.bytes == 4_000)
    // Slow start.
    for _ in 0..<4 { grow(&window, by: 2_000) }
    #expect(window.bytes == 8_000)
    // What is not used does not grow.
    window.acknowledge(
      .init(isCumulative: true, bytes: 2_000),
      inFlight: 3_000,
      cumulative: TSN(rawValue: 1)
    )
    #expect(window.bytes == 8_000)
    window.lose(recoveryEnd: TSN(rawValue: 9))
    #expect(window.bytes == 4_000)
    // One loss for all that was under way.
    window.lose(recoveryEnd: TSN(rawValue: 9))
    #expect(window.bytes == 4_000)
    grow(&window, by: 1_000, cumulative: 8)
    #expect(window.isRecovering)
    grow(&window, by: 1_000, cumulative: 9)
    #expect(!window.isRecovering)
    // Slow start up to the threshold, then one packet for a window.
    let before = window.bytes
    for _ in 0..<before / 1_000 { grow(&window, by: 1_000, cumulative: 10) }
    #expect(window.bytes == before + 1_000)
    window.timeOut()
    #expect(window.bytes == 1_000)
  }

  @Test func `a burst is four packets, then what is acknowledged or a millisecond later`() {
    var window = CongestionWindow(packet: 1_000)
    window.refill(at: now)
    window.spend(4_000, at: now)
    #expect(window.isExhausted)
    window.refill(at: now + .microseconds(900))
    #expect(window.isExhausted)
    window.refill(at: window.nextBurst)
    #expect(!window.isExhausted)
  }

  @Test func `the timeout follows the round trip, doubles, and stays within its limits`() {
    var timeout = RetransmissionTimeout(SCTPConfiguration())
    #expect(timeout.current == .milliseconds(500))
    timeout.measure(.milliseconds(20))
    #expect(timeout.smoothed == .milliseconds(20))
    #expect(timeout.current == .milliseconds(400))
    timeout.backOff()
    #expect(timeout.current == .milliseconds(800))
    for _ in 0..<10 { timeout.backOff() }
    #expect(timeout.current == .seconds(6))
    timeout.measure(.seconds(1))
    #expect(timeout.current > .milliseconds(400))
    timeout.measure(.seconds(-1))
    timeout.measure(.seconds(1_000))
    #expect(timeout.current <= .seconds(6))
  }

  private func grow(_ window: inout CongestionWindow, by bytes: Int, cumulative: UInt32 = 1) {
    window.acknowledge(
      .init(isCumulative: true, bytes: bytes),
      inFlight: window.bytes,
      cumulative: TSN(rawValue: cumulative)
    )
  }

  private func message(_ count: Int, stream: UInt16 = 1) -> SCTPMessage {
    SCTPMessage(
      stream: stream,
      payloadProtocol: 53,
      payload: [UInt8](repeating: 1, count: count)
    )
  }

  private func chunk(id: UInt64 = 1, isEnd: Bool = true) -> OutgoingChunk {
    var chunk = OutgoingChunk.none
    chunk.header.id = OutgoingMessageID(rawValue: id)
    chunk.header.stream = 1
    chunk.payload = [UInt8](repeating: 1, count: 50)
    chunk.range = 0..<50
    chunk.isEnd = isEnd
    return chunk
  }

  private func filled(_ count: Int) -> OutstandingData {
    var outstanding = OutstandingData(initial: TSN(rawValue: 1))
    for _ in 0..<count { _ = outstanding.append(chunk(), at: now) }
    return outstanding
  }

  private func sack(_ cumulative: UInt32, _ blocks: [(UInt16, UInt16)]) -> SelectiveAcknowledgement
  {
    SelectiveAcknowledgement(
      cumulativeTSN: TSN(rawValue: cumulative),
      window: 100_000,
      blocks: blocks.map { .init(start: $0.0, end: $0.1) }
    )
  }
}
