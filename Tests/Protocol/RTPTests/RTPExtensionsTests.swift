// SPDX-License-Identifier: Apache-2.0
import Checks
import Testing
import Wire

@testable import RTP

@Suite struct RTPExtensionsTests {
  private func elements(_ profile: [UInt8], _ block: [UInt8]) throws -> [UInt8: [UInt8]] {
    let words = UInt8(block.count / 4)
    let packet = [0x90, 0x66, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + profile + [0, words] + block
    let (header, _) = try #require(RTPHeader.parsing(packet))
    var walk = RTPExtensions(of: packet.span, header: header)
    var found: [UInt8: [UInt8]] = [:]
    while let element = walk.next() { found[element.id] = Array(packet[element.value]) }
    return found
  }

  @Test func `reads one-byte elements with padding between them`() throws {
    let found = try elements([0xBE, 0xDE], [0x10, 0xAA, 0, 0, 0x32, 1, 2, 3])
    #expect(found == [1: [0xAA], 3: [1, 2, 3]])
  }

  @Test func `stops at id 15, and at id 0 with a length`() throws {
    #expect(try elements([0xBE, 0xDE], [0x10, 0xAA, 0xF0, 1, 0x20, 2, 0, 0]) == [1: [0xAA]])
    #expect(try elements([0xBE, 0xDE], [0x10, 7, 0x01, 5, 5, 0x20, 2, 0]) == [1: [7]])
  }

  @Test func `reads two-byte elements, empty ones too`() throws {
    let found = try elements([0x10, 0x00], [200, 2, 7, 8, 0, 5, 0, 0])
    #expect(found == [200: [7, 8], 5: []])
  }

  @Test func `keeps what stood before an element that does not fit`() throws {
    #expect(try elements([0xBE, 0xDE], [0x10, 0xAA, 0x2F, 1]) == [1: [0xAA]])
    #expect(try elements([0x10, 0x00], [1, 1, 9, 2]) == [1: [9]])
  }

  @Test func `reads nothing of an unknown profile`() throws {
    #expect(try elements([0x12, 0x34], [0x10, 0xAA, 0, 0]).isEmpty)
  }

  @Test func `writes MID and playout delay, padded to words`() throws {
    let set = OutgoingExtensions(mid: "vid", midExtensionID: 4, playoutDelayExtensionID: 6)
    let written = [UInt8](writing: {
      set.write(into: &$0)
      return true
    })
    let bytes = try #require(written)
    #expect(bytes == [0xBE, 0xDE, 0, 2, 0x42, 0x76, 0x69, 0x64, 0x62, 0, 0, 0])
    #expect(set.size == bytes.count)
    let late = [UInt8](writing: {
      set.write(PlayoutDelay(coveringRoundTrips: .milliseconds(20)), into: &$0)
      return true
    })
    #expect(late == Array(bytes.prefix(9)) + [0x00, 0x80, 0x12])
  }

  @Test func `writes nothing for what the one-byte form cannot carry`() {
    let long = String(repeating: "m", count: 17)
    #expect(
      OutgoingExtensions(mid: long, midExtensionID: 4, playoutDelayExtensionID: nil).size == 0
    )
    #expect(OutgoingExtensions(mid: "0", midExtensionID: 15, playoutDelayExtensionID: 0).size == 0)
    #expect(OutgoingExtensions(mid: nil, midExtensionID: 1, playoutDelayExtensionID: 14).size == 8)
  }
}
