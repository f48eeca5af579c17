// SPDX-License-Identifier: Apache-2.0
import SCTP
import Testing
import Wire

@Suite struct DCEPMessageTests {
  /// An ordered, reliable channel `ab` with the subprotocol `c`.
  private static let open: [UInt8] = [
    3, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 1, UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c"),
  ]

  private func read(_ bytes: [UInt8]) -> DCEPMessage? { DCEPMessage(bytes.span) }

  /// The example above with one byte changed.
  private func edited(_ index: Int, _ byte: UInt8) -> [UInt8] {
    var bytes = Self.open
    bytes[index] = byte
    return bytes
  }

  @Test func `reads and writes an open message byte by byte`() {
    let message = DCEPMessage.open(DCEPOpen(label: "ab", subprotocol: "c"))
    #expect(read(Self.open) == message)
    #expect(message.bytes == Self.open)
  }

  @Test func `reads and writes an acknowledgement`() {
    #expect(read([2]) == .acknowledge)
    #expect(DCEPMessage.acknowledge.bytes == [2])
    #expect(read([2, 0]) == nil)
  }

  @Test(
    arguments: [
      (0x00, true, DCEPOpen.Reliability.reliable), (0x80, false, .reliable),
      (0x01, true, .retransmissions(7)), (0x81, false, .retransmissions(7)),
      (0x02, true, .lifetime(7)), (0x82, false, .lifetime(7)),
    ] as [(UInt8, Bool, DCEPOpen.Reliability)]
  )
  func `knows every channel type`(
    type: UInt8,
    isOrdered: Bool,
    reliability: DCEPOpen.Reliability
  ) throws {
    var bytes = edited(1, type)
    bytes[7] = 7
    let open = DCEPOpen(
      label: "ab",
      subprotocol: "c",
      isOrdered: isOrdered,
      reliability: reliability
    )
    #expect(read(bytes) == .open(open))
    let written = try #require(DCEPMessage.open(open).bytes)
    #expect(written[1] == type)
    #expect(read(written) == .open(open))
  }

  @Test func `reads no message that is cut off or has something behind it`() {
    for length in Self.open.indices { #expect(read(Array(Self.open.prefix(length))) == nil) }
    #expect(read(Self.open + [0]) == nil)
  }

  @Test func `reads no unknown message, channel type or text`() {
    for type in [0, 1, 4, 0x83, 0xFF] as [UInt8] { #expect(read(edited(0, type)) == nil) }
    for type in [3, 4, 0x7F, 0x83, 0xFF] as [UInt8] { #expect(read(edited(1, type)) == nil) }
    #expect(read(edited(12, 0xFF)) == nil)
    #expect(read(edited(14, 0xC3)) == nil)
    #expect(read(edited(8, 0xFF)) == nil)
    #expect(read(edited(10, 0xFF)) == nil)
  }

  @Test func `writes texts up to 65,535 bytes and none that are longer`() throws {
    let longest = String(repeating: "x", count: 65_535)
    let message = DCEPMessage.open(DCEPOpen(label: longest, subprotocol: longest))
    #expect(read(try #require(message.bytes)) == message)
    #expect(DCEPMessage.open(DCEPOpen(label: longest + "x")).bytes == nil)
    #expect(DCEPMessage.open(DCEPOpen(label: "", subprotocol: longest + "x")).bytes == nil)
  }
}
