// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

/// A class, because expectations cannot call what mutates a value.
@Suite final class ReorderWindowTests {
  private var window = ReorderWindow(limit: 64)

  private func place(_ number: UInt16, at milliseconds: Int64 = 0) -> ReorderWindow.Place {
    let number = SequenceNumber(rawValue: number)
    let place = window.place(number, at: .zero + .milliseconds(milliseconds))
    if case .ahead(let index) = place {
      let header = RTPHeader(
        payloadType: PayloadType(lowBitsOf: 102),
        sequenceNumber: number,
        timestamp: RTPTime(rawValue: 0),
        ssrc: SSRC(rawValue: 1)
      )
      window.store(.init(header: header, payload: []), at: index)
    }
    return place
  }

  private func repeated(_ number: UInt16) -> ReorderWindow.Place {
    window.place(repeated: SequenceNumber(rawValue: number))
  }

  private func giveUp(missingSince limit: Timestamp) -> Bool {
    window.giveUp(missingSince: limit)
  }

  private func taken() -> [UInt16] {
    var taken: [UInt16] = []
    while let packet = window.takeNext() { taken.append(packet.header.sequenceNumber.rawValue) }
    return taken
  }

  @Test func `puts packets in order over the wrap`() {
    #expect(place(65_534) == .next)
    #expect(place(1) == .ahead(65_537))
    #expect(place(0) == .ahead(65_536))
    #expect(window.missing.map(\.number.rawValue) == [65_535])
    #expect(taken() == [])
    #expect(place(65_535) == .next)
    #expect(taken() == [0, 1])
    #expect(place(2) == .next && window.missing.isEmpty)
  }

  @Test func `tells duplicates from packets that come too late`() {
    _ = place(1)
    #expect(place(1) == .duplicate)
    _ = place(3)
    #expect(place(3) == .duplicate)
    #expect(!giveUp(missingSince: .zero - .milliseconds(1)))
    #expect(giveUp(missingSince: .zero))
    #expect(taken() == [3])
    #expect(place(2) == .late)
    #expect(place(2) == .duplicate)
    #expect(window.givenUp == 1)
  }

  @Test func `keeps many in a ring that grows and gives all up beyond its limit`() {
    _ = place(10)
    for number: UInt16 in 12..<74 { #expect(place(number) == .ahead(Int64(number))) }
    #expect(place(11) == .next)
    #expect(taken() == Array(12..<74))
    #expect(place(75) == .ahead(75))
    #expect(place(74 + 64) == .beyond)
    #expect(taken() == [] && window.missing.isEmpty)
    #expect(place(139) == .next)
  }

  @Test func `fills gaps only with what is repeated`() {
    #expect(repeated(1) == .late)
    _ = place(1)
    _ = place(3)
    #expect(repeated(4) == .late)
    #expect(repeated(3) == .duplicate)
    #expect(repeated(2) == .next)
    #expect(taken() == [3])
  }

  @Test func `counts how often a packet was asked for`() {
    _ = place(1)
    _ = place(3)
    window.setAsked(0, at: .zero + .seconds(1))
    #expect(window.missing[0].attempts == 1 && window.missing[0].asked == .zero + .seconds(1))
  }
}
