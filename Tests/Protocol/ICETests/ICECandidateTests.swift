// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

@Suite struct ICECandidateTests {
  @Test func `reads what Chromium writes, with extensions`() throws {
    let candidate = try #require(
      ICECandidate(
        parsing: "candidate:842163049 1 udp 1677729535 203.0.113.5 61000 typ srflx "
          + "raddr 192.168.1.7 rport 50000 generation 0 ufrag EsAw network-cost 999"
      )
    )
    #expect(candidate.foundation == "842163049")
    #expect(candidate.component == 1)
    #expect(candidate.transport == .udp)
    #expect(candidate.priority == 1_677_729_535)
    #expect(candidate.socketAddress == SocketAddress(.v4(0xCB00_7105), port: 61_000))
    #expect(candidate.kind == .serverReflexive)
    #expect(candidate.relatedAddress == SocketAddress(.v4(0xC0A8_0107), port: 50_000))
    #expect(candidate.usernameFragment == "EsAw")
  }

  @Test func `reads names, TCP, upper case, and lines without the word`() throws {
    let name = try #require(ICECandidate(parsing: "0 1 UDP 2122252543 8d9a-0.local 51000 typ host"))
    #expect(name.address == .name("8d9a-0.local"))
    #expect(name.socketAddress == nil)
    let tcp = try #require(
      ICECandidate(parsing: "candidate:2 1 TCP 2105524479 2001:db8::7 9 typ host tcptype active")
    )
    #expect(tcp.transport == .tcp)
    #expect(tcp.tcpType == "active")
    let zoned = try #require(ICECandidate(parsing: "4 1 udp 1 fe80::1%eth0 50000 typ host"))
    #expect(zoned.address == .ip(.v6(high: 0xFE80 << 48, low: 1, scope: 0)))
  }

  @Test(arguments: [
    "candidate:1 1 udp 2130706431 192.168.1.7 50000 typ host",
    "candidate:1 1 udp 1677729535 203.0.113.5 61000 typ srflx raddr 192.168.1.7 rport 50000",
    "candidate:a+/9 2 tcp 0 2001:db8::7 9 typ relay raddr :: rport 0 tcptype passive ufrag abcd",
    "candidate:1 1 udp 1 abc.local 1 typ prflx",
  ])
  func `prints the line that it was read from`(_ line: String) {
    #expect(ICECandidate(parsing: line)?.description == line)
  }

  @Test func `prints no zone`() {
    let candidate = ICECandidate(
      foundation: "1",
      priority: 1,
      address: .ip(.v6(high: 0xFE80 << 48, low: 1, scope: 3)),
      port: 5,
      kind: .host
    )
    #expect(candidate.description == "candidate:1 1 udp 1 fe80::1 5 typ host")
  }

  @Test(arguments: [
    "", "candidate:", "candidate: 1 udp 1 1.2.3.4 5 typ host",
    "candidate:1 1 udp 1 1.2.3.4 5 typ", "candidate:1 1 udp 1 1.2.3.4 5 host",
    "candidate:1 0 udp 1 1.2.3.4 5 typ host", "candidate:1 257 udp 1 1.2.3.4 5 typ host",
    "candidate:1 +1 udp 1 1.2.3.4 5 typ host", "candidate:1 1 sctp 1 1.2.3.4 5 typ host",
    "candidate:1 1 udp 4294967296 1.2.3.4 5 typ host", "candidate:1 1 udp -1 1.2.3.4 5 typ host",
    "candidate:1 1 udp 1 1.2.3.4 65536 typ host", "candidate:1 1 udp 1 1.2.3.4 5 typ guest",
    "candidate:1 1 udp 1 1:2:3 5 typ host", "candidate:1 1 udp 1 a_b.local 5 typ host",
    "candidate:é 1 udp 1 1.2.3.4 5 typ host",
    "candidate:123456789012345678901234567890123 1 udp 1 1.2.3.4 5 typ host",
  ])
  func `refuses what is malformed or unknown`(_ line: String) {
    #expect(ICECandidate(parsing: line) == nil)
  }

  @Test func `refuses endless lines at once`() {
    #expect(ICECandidate(parsing: String(repeating: "1 ", count: 1_000_000)) == nil)
    let name = String(repeating: "a", count: 254)
    #expect(ICECandidate(parsing: "1 1 udp 1 \(name) 5 typ host") == nil)
  }

  @Test func `orders kinds by the recommended priorities`() {
    #expect(ICECandidate.priority(.host, localPreference: 65_535) == 2_130_706_431)
    #expect(ICECandidate.priority(.peerReflexive, localPreference: 65_535) == 1_862_270_975)
    #expect(ICECandidate.priority(.serverReflexive, localPreference: 65_535) == 1_694_498_815)
    #expect(ICECandidate.priority(.relayed, localPreference: 65_535) == 16_777_215)
  }
}
