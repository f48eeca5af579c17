// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import PeerSession

struct HandshakeInboxTests {
  @Test func `keeps at most 32 kB, what the memory of small datagrams costs included`() {
    for size in [1, 13, 100, 1500] {
      var inbox = HandshakeInbox()
      let datagram = [UInt8](repeating: 22, count: size)
      var kept = 0
      while inbox.append(datagram.span), kept < 40_000 { kept += 1 }
      #expect(kept * (size + 64) <= 32_768, "\(size) bytes")
      #expect((kept + 1) * (size + 64) > 32_768, "\(size) bytes")
      #expect(inbox.take().count == kept)
      let isTaken = inbox.append(datagram.span)
      #expect(isTaken, "there is room again")
    }
  }
}
