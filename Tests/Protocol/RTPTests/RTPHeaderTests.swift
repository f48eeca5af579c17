// SPDX-License-Identifier: Apache-2.0
import Checks
import RTP
import Testing
import Wire

@Suite struct RTPHeaderTests {
  private let header = RTPHeader(
    marker: true,
    payloadType: PayloadType(lowBitsOf: 102),
    sequenceNumber: SequenceNumber(rawValue: 0x1234),
    timestamp: RTPTime(rawValue: 0x0102_0304),
    ssrc: SSRC(rawValue: 0xA0B0_C0D0)
  )

  @Test func `writes the bytes of RFC 3550`() {
    let bytes = header.bytes()
    #expect(bytes == [0x80, 0xE6, 0x12, 0x34, 1, 2, 3, 4, 0xA0, 0xB0, 0xC0, 0xD0])
  }

  @Test func `reads what it wrote`() throws {
    let bytes = try #require(header.bytes()) + [9, 9]
    let (read, payload) = try #require(RTPHeader.parsing(bytes))
    #expect(read == header)
    #expect(payload == 12..<14)
  }

  @Test func `writes nothing without room`() {
    #expect(header.bytes(room: 11) == nil)
  }

  @Test func `finds the payload behind contributors and extensions and before padding`() throws {
    let packet: [UInt8] =
      [0xB2, 0x66, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + [UInt8](repeating: 7, count: 8)
      + [0xBE, 0xDE, 0, 1, 0x10, 0x41, 0, 0] + [0x65, 0x66] + [0, 0, 3]
    let (read, payload) = try #require(RTPHeader.parsing(packet))
    #expect(read.contributorCount == 2)
    #expect(read.extensions == .init(profile: 0xBEDE, range: 24..<28))
    #expect(payload == 28..<30)
  }

  @Test func `refuses wrong versions, truncation and impossible padding`() {
    let good: [UInt8] = [0x80, 0x66, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2]
    #expect(RTPHeader.parsing(good) != nil)
    for first: UInt8 in [0x00, 0x40, 0xC0, 0x8F, 0x90, 0xA0] {
      let packet = [first] + good[1...]
      let isPadding = first == 0xA0
      // With the padding bit the last byte counts two bytes of padding: all of the payload.
      #expect((RTPHeader.parsing(packet) != nil) == isPadding, "first byte \(first)")
    }
    let padded = [0xA0] + good[1..<13] + [3]
    #expect(RTPHeader.parsing(padded) == nil)
    let zero = [0xA0] + good[1..<13] + [0]
    #expect(RTPHeader.parsing(zero) == nil)
    let none = [0xA0] + good[1..<12]
    #expect(RTPHeader.parsing(none) == nil)
    for count in 0..<12 { #expect(RTPHeader.parsing(Array(good[0..<count])) == nil) }
  }
}
