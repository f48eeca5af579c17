// SPDX-License-Identifier: Apache-2.0
@testable import Porthole
import Testing

@Suite struct TLSChoiceTests {
  @Test func `reads off, auto, and two files`() throws {
    #expect(try TLSChoice("off") == .off)
    #expect(try TLSChoice("auto") == .automatic)
    #expect(try TLSChoice("a.crt,/b/c.key") == .files(certificate: "a.crt", key: "/b/c.key"))
  }

  @Test(arguments: ["", "on", "a", "a,", ",b", "a,b,c", "AUTO"])
  func `refuses anything else`(text: String) {
    #expect(throws: ValueFault.self) { try TLSChoice(text) }
  }
}
