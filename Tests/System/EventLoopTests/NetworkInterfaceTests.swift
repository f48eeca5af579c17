// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
import Wire

@Suite struct NetworkInterfaceTests {
  @Test func `finds the loopback interface and leaves it out of what viewers can use`() {
    let loopback = NetworkInterfaces.current().filter(\.isLoopback)
    #expect(loopback.contains { $0.address == .v4(0x7F00_0001) && $0.isUp && $0.index > 0 })
    #expect(loopback.allSatisfy { $0.name == "lo" })
    #expect(NetworkInterfaces.usable().filter(\.isLoopback).isEmpty)
    #expect(NetworkInterfaces.usable(names: ["lo"]) == loopback)
    #expect(NetworkInterfaces.usable(names: ["no such"]).isEmpty)
  }

  @Test(arguments: [
    ("docker0", true), ("br-12ab", true), ("veth9", true), ("br0", false), ("eth0", false),
    ("wlan0", false), ("wg0", false), ("tap0", false),
  ])
  func `knows the bridges of containers by their names`(name: String, isVirtual: Bool) {
    let interface = NetworkInterface(
      name: name,
      index: 1,
      address: .v4(1),
      isLoopback: false,
      isUp: true
    )
    #expect(interface.isVirtual == isVirtual)
  }
}
