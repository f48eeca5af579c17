// SPDX-License-Identifier: Apache-2.0
import Checks
import RTP
import Testing

/// A class, because expectations cannot call what mutates a value.
@Suite final class RTPDemultiplexerTests {
  private var demultiplexer = RTPDemultiplexer([
    .init(mid: "a", midExtensionID: 4, payloadTypes: RTPDemultiplexerTests.types(111, 9)),
    .init(
      mid: "v",
      midExtensionID: 4,
      payloadTypes: RTPDemultiplexerTests.types(102, 103, 9),
      announced: [SSRC(rawValue: 50)]
    ),
  ])

  private static func types(_ numbers: UInt8...) -> Set<PayloadType> {
    Set(numbers.map { PayloadType(lowBitsOf: $0) })
  }

  private func route(_ ssrc: UInt32, _ payloadType: UInt8, mid: String? = nil) -> Int? {
    let header = RTPHeader(
      payloadType: PayloadType(lowBitsOf: payloadType),
      sequenceNumber: SequenceNumber(rawValue: 1),
      timestamp: RTPTime(rawValue: 1),
      ssrc: SSRC(rawValue: ssrc)
    )
    var packet = header.bytes() ?? []
    if let mid {
      packet[0] |= 0x10
      let name = Array(mid.utf8)
      var block = [4 << 4 | UInt8(name.count - 1)] + name
      while block.count % 4 != 0 { block.append(0) }
      packet += [0xBE, 0xDE, 0, UInt8(block.count / 4)] + block
    }
    return route(packet + [1])
  }

  private func route(_ packet: [UInt8]) -> Int? { demultiplexer.route(packet.span) }

  @Test func `goes by MID first and remembers it`() {
    #expect(route(1, 9) == nil)
    #expect(route(1, 9, mid: "v") == 1)
    #expect(route(1, 9) == 1)
    #expect(route(1, 9, mid: "a") == 0)
    #expect(demultiplexer.route(ssrc: SSRC(rawValue: 1)) == 0)
  }

  @Test func `does not guess where the MID is unknown or the payload type is another's`() {
    #expect(route(2, 111, mid: "x") == nil)
    #expect(route(50, 111) == nil)
    #expect(route(50, 102) == 1)
    #expect(demultiplexer.unroutable == 2)
  }

  @Test func `goes by a payload type that only one line uses`() {
    #expect(demultiplexer.route(ssrc: SSRC(rawValue: 3)) == nil)
    #expect(route(3, 103) == 1)
    #expect(route(3, 9) == 1)
    #expect(route(4, 9) == nil)
    #expect(route(4, 77) == nil)
  }

  @Test func `forgets who has said BYE`() {
    #expect(route(5, 9, mid: "a") == 0)
    demultiplexer.forget(SSRC(rawValue: 5))
    #expect(route(5, 9) == nil)
  }

  @Test func `keeps a bounded number of streams, the newest`() {
    for ssrc: UInt32 in 100..<1100 { #expect(route(ssrc, 111) == 0) }
    let known = (0..<2000).count { demultiplexer.route(ssrc: SSRC(rawValue: $0)) != nil }
    #expect(known == 128)
    #expect(demultiplexer.route(ssrc: SSRC(rawValue: 1099)) == 0)
  }

  @Test func `keeps what it learned over a new description`() {
    #expect(route(6, 9, mid: "v") == 1)
    #expect(route(7, 9, mid: "a") == 0)
    demultiplexer.update([.init(mid: "v", midExtensionID: 5, payloadTypes: Self.types(9, 102))])
    #expect(route(6, 9) == 0)
    #expect(demultiplexer.route(ssrc: SSRC(rawValue: 7)) == nil)
    #expect(demultiplexer.route(ssrc: SSRC(rawValue: 50)) == 0)
  }

  @Test func `drops what is no RTP packet`() {
    #expect(route([1, 2, 3]) == nil)
    #expect(demultiplexer.unroutable == 1)
  }
}
