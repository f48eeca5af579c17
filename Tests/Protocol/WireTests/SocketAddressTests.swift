// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct SocketAddressTests {
  @Test(arguments: [
    ("0.0.0.0", 0), ("127.0.0.1", 0x7F00_0001), ("255.255.255.255", 0xFFFF_FFFF),
    ("192.168.1.10", 0xC0A8_010A),
  ])
  func `reads and prints IPv4`(_ text: String, _ bits: Int) {
    let address = IPAddress.v4(UInt32(bits))
    #expect(IPAddress(text) == address)
    #expect(address.description == text)
  }

  /// RFC 5952 section 4: what is read, and the one way to print it.
  @Test(arguments: [
    ("::", "::"), ("::1", "::1"), ("1::", "1::"),
    ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
    ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
    ("fe80::1%3", "fe80::1%3"), ("fe80::1%0", "fe80::1"),
  ])
  func `reads IPv6 and prints it by RFC 5952`(_ text: String, _ printed: String) {
    #expect(IPAddress(text)?.description == printed)
  }

  @Test(arguments: [
    "", " ", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", "01.2.3.4", "1.2.3.+4", "1.2.3.-0",
    "1.2.3.4 ", "a.b.c.d", ":", ":1", "1:", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::", "::12345", "::g", "::+1", "::-0", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
    "fe80::1%", "fe80::1%eth0", "fe80::1%+1", "fe80::1%4294967296", "%1", "[::1]",
  ])
  func `refuses what is not an address`(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func `reads very long text without harm`() {
    #expect(IPAddress(String(repeating: "1:", count: 100_000)) == nil)
    #expect(IPAddress(String(repeating: "1.", count: 100_000)) == nil)
    #expect(IPAddress(String(repeating: "9", count: 100_000) + ".1.1.1") == nil)
  }

  @Test func `knows the special ranges`() throws {
    let loopback = try ["127.0.0.1", "127.255.0.1", "::1"].map { try #require(IPAddress($0)) }
    let linkLocal = try ["169.254.0.1", "fe80::1", "febf::1"].map { try #require(IPAddress($0)) }
    let multicast = try ["224.0.0.1", "239.1.1.1", "ff02::1"].map { try #require(IPAddress($0)) }
    let unspecified = try ["0.0.0.0", "::"].map { try #require(IPAddress($0)) }
    let ordinary = try ["126.0.0.1", "128.0.0.1", "169.253.0.1", "fec0::1", "240.0.0.1", "::2"]
      .map { try #require(IPAddress($0)) }
    for ip in loopback + linkLocal + multicast + unspecified + ordinary {
      #expect(ip.isLoopback == loopback.contains(ip), "\(ip)")
      #expect(ip.isLinkLocal == linkLocal.contains(ip), "\(ip)")
      #expect(ip.isMulticast == multicast.contains(ip), "\(ip)")
      #expect(ip.isUnspecified == unspecified.contains(ip), "\(ip)")
    }
  }

  @Test func `unwraps an IPv4 address in an IPv6 one, and nothing else`() throws {
    #expect(IPAddress("::ffff:10.0.0.1")?.unmapped == .v4(0x0A00_0001))
    let compatible = try #require(IPAddress("::10.0.0.1"))
    #expect(compatible.unmapped == compatible)
    #expect(IPAddress.v4(7).unmapped == .v4(7))
  }

  @Test func `gives the bytes in network order`() {
    #expect(IPAddress.v4(0x0102_0304).bytes == [1, 2, 3, 4])
    let long = IPAddress.v6(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F, scope: 4)
    #expect(long.bytes == Array(0...15))
  }

  @Test func `prints the port, with brackets around IPv6`() {
    #expect(SocketAddress(.v4(0x7F00_0001), port: 80).description == "127.0.0.1:80")
    #expect(SocketAddress(.v6(high: 0, low: 1, scope: 0), port: 80).description == "[::1]:80")
  }
}
