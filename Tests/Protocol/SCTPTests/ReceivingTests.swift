// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import SCTP

/// What has come, and how messages are made of it.
@Suite struct ReceivingTests {
  private func tsn(_ number: Int) -> TSN { TSN(rawValue: 0).advanced(by: number) }

  @Test func `TSNs in any order are reported as a model reports them`() {
    var random = RandomSource.seeded(1)
    for round in 0..<50 {
      let start = round % 2 == 0 ? -20 : 100
      var received = ReceivedTSNs(initial: tsn(start))
      var model: Set<Int> = []
      for _ in 0..<120 {
        let number = start + Int.random(in: 0..<60, using: &random)
        let isNew = received.verdict(on: tsn(number)) == .new
        #expect(isNew == model.insert(number).inserted)
        if isNew { received.insert(tsn(number)) }
        var cumulative = start - 1
        while model.contains(cumulative + 1) { cumulative += 1 }
        #expect(received.cumulative == tsn(cumulative))
        let sack = received.takeAcknowledgement(window: 1, room: 1_000)
        let told = sack.blocks.flatMap { Int($0.start)...Int($0.end) }
        #expect(told == model.filter { $0 > cumulative }.map { $0 - cumulative }.sorted())
      }
    }
  }

  @Test func `FORWARD TSN moves on and joins what touches`() {
    var received = ReceivedTSNs(initial: tsn(1))
    for number in [3, 5, 6, 9] { received.insert(tsn(number)) }
    let didMove = received.advance(to: tsn(4))
    #expect(didMove)
    #expect(received.cumulative == tsn(6))
    let again = received.advance(to: tsn(2))
    #expect(!again)
    received.insert(tsn(20))
    received.insert(tsn(21))
    let isInside = received.advance(to: tsn(20))
    #expect(isInside)
    #expect(received.cumulative == tsn(21))
    #expect(!received.hasGaps)
  }

  @Test func `data too far ahead is refused`() {
    let received = ReceivedTSNs(initial: tsn(1))
    #expect(received.verdict(on: tsn(ReceivedTSNs.maximumAhead)) == .new)
    #expect(received.verdict(on: tsn(ReceivedTSNs.maximumAhead + 1)) == .refused)
    #expect(received.verdict(on: tsn(0)) == .duplicate)
  }

  @Test func `fragments in any order make the message`() {
    var random = RandomSource.seeded(2)
    for interleaved in [false, true] {
      for _ in 0..<200 {
        var reassembly = Reassembly(initial: tsn(-3), maximumMessage: 1_000)
        for number in (0..<8).shuffled(using: &random) {
          let chunk = fragment(number, of: 8, interleaved: interleaved)
          #expect(reassembly.receive(chunk, bytes: [UInt8(number), 9]) == nil)
        }
        #expect(reassembly.complete.map(\.payload) == [(0..<8).flatMap { [$0, 9] }])
        #expect(reassembly.bytes == 0)
      }
    }
  }

  @Test func `ordered messages wait for one another, unordered ones do not`() {
    var reassembly = Reassembly(initial: tsn(0), maximumMessage: 1_000)
    #expect(reassembly.receive(message(2, ssn: 2), bytes: [2]) == nil)
    #expect(reassembly.receive(message(1, ssn: 1), bytes: [1]) == nil)
    #expect(reassembly.receive(message(3, ssn: 0, isUnordered: true), bytes: [9]) == nil)
    #expect(reassembly.complete.map(\.payload) == [[9]])
    #expect(reassembly.bytes == 2 * (1 + Reassembly.overhead))
    #expect(reassembly.receive(message(0, ssn: 0), bytes: [0]) == nil)
    #expect(reassembly.complete.map(\.payload) == [[9], [0], [1], [2]])
    #expect(reassembly.bytes == 0)
  }

  @Test func `a reset stream begins with number 0`() {
    var reassembly = Reassembly(initial: tsn(0), maximumMessage: 1_000)
    for number in 0..<3 {
      #expect(reassembly.receive(message(number, ssn: UInt16(number)), bytes: [1]) == nil)
    }
    reassembly.reset([1])
    #expect(reassembly.receive(message(3, ssn: 0), bytes: [1]) == nil)
    #expect(reassembly.complete.count == 4)
  }

  @Test func `fragments of a message that is too long are refused in any order`() {
    var random = RandomSource.seeded(3)
    for interleaved in [false, true] {
      for _ in 0..<20 {
        var reassembly = Reassembly(initial: tsn(-3), maximumMessage: 700)
        let refusals = (0..<8).shuffled(using: &random).map { number in
          let chunk = fragment(number, of: 8, interleaved: interleaved)
          return reassembly.receive(chunk, bytes: [UInt8](repeating: 1, count: 100))
        }
        #expect(refusals.contains(.tooLong))
        #expect(reassembly.complete.isEmpty)
      }
    }
  }

  private func fragment(_ number: Int, of count: Int, interleaved: Bool) -> DataChunk {
    DataChunk(
      tsn: tsn(number - 3),
      stream: 1,
      place: interleaved
        ? .message(MID(rawValue: 0), fragment: FSN(rawValue: UInt32(number)))
        : .sequence(SSN(rawValue: 0)),
      payloadProtocol: 53,
      isUnordered: false,
      isBeginning: number == 0,
      isEnd: number == count - 1
    )
  }

  private func message(_ number: Int, ssn: UInt16, isUnordered: Bool = false) -> DataChunk {
    DataChunk(
      tsn: tsn(number),
      stream: 1,
      place: .sequence(SSN(rawValue: ssn)),
      payloadProtocol: 53,
      isUnordered: isUnordered,
      isBeginning: true,
      isEnd: true
    )
  }
}
