// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Capture

struct SoundSelectionTests {
  @Test(arguments: ["test", "clock", "none", "default", "plughw:1,0", "hw:CARD=Loopback,DEV=1"])
  func `reads what it writes`(_ text: String) throws {
    #expect(try #require(SoundSelection(text)).description == text)
  }

  @Test func `knows its own words from names of devices`() {
    #expect(SoundSelection("test") == .test)
    #expect(SoundSelection("clock") == .clock)
    #expect(SoundSelection("none") == SoundSelection.none)
    #expect(SoundSelection("default") == .device(name: "default"))
  }

  @Test(arguments: ["", "hw:\n", "é", String(repeating: "x", count: 201)])
  func `refuses what no device is called`(_ text: String) {
    #expect(SoundSelection(text) == nil)
  }
}
