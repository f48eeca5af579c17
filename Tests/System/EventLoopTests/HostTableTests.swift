// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

private let loopback = IPAddress.v4(0x7F00_0001)
private let loopback6 = IPAddress.v6(high: 0, low: 1, scope: 0)

@Suite struct HostTableTests {
  private static let table = HostTable(
    parsing: Array(
      """
      # the machines of the garden
      127.0.0.1\tlocalhost
      ::1 localhost ip6-localhost\t# both
      10.0.0.7   Shed.garden shed
      fd00::7 shed #10.0.0.8 shed
      10.0.0.7 shed
      nonsense greenhouse
      fe80::1%eth0 greenhouse
      10.0.0.9
        10.0.0.10 pond
      10.0.0.300 pond\r
      10.0.0.11 pond\r
      """.utf8
    ),
    ownName: "Porthole"
  )

  @Test(arguments: [
    ("shed", ["10.0.0.7", "fd00::7"]), ("SHED.Garden", ["10.0.0.7"]),
    ("localhost", ["127.0.0.1", "::1"]), ("ip6-localhost", ["::1"]),
    ("pond", ["10.0.0.10", "10.0.0.11"]), ("greenhouse", []), ("10.0.0.9", ["10.0.0.9"]),
    ("fd00::9", ["fd00::9"]), ("#", []), ("both", []), ("", []), ("she", []), ("shed.", []),
    ("porthole", ["::1", "127.0.0.1"]), ("camera.localhost", ["::1", "127.0.0.1"]),
    ("localhost.", ["::1", "127.0.0.1"]), ("notlocalhost", []), ("localhost.example", []),
  ])
  func `finds the addresses of a name in their order, whatever its case`(
    name: String,
    addresses: [String]
  ) {
    #expect(Self.table.addresses(of: name).map(\.description) == addresses)
  }

  @Test func `knows localhost and this machine without any file`() {
    let table = HostTable(parsing: [], ownName: "board")
    #expect(table.addresses(of: "localhost") == [loopback6, loopback])
    #expect(table.addresses(of: "board") == [loopback6, loopback])
    #expect(HostTable(parsing: []).addresses(of: "board") == [])
  }

  @Test func `reads a file of noise without a complaint`() {
    var random = RandomSource.seeded(0x4057)
    for _ in 0..<2_000 {
      let words = ["1.2.3.4", "::", " ", "\t", "\n", "#", "a", "\r", "\u{0}", "é"]
      let text = (0..<20).map { _ in words.randomElement(using: &random) ?? "" }.joined()
      for address in HostTable(parsing: Array(text.utf8)).addresses(of: "a") {
        #expect(text.utf8.contains(UInt8(ascii: address.isV6 ? ":" : ".")), "\(text)")
      }
    }
  }
}
