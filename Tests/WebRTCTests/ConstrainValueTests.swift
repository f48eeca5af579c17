// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTC

struct ConstrainValueTests {
  @Test func `is near or far, and refuses only what is not exact`() {
    let ideal = ConstrainDOMString.ideal("a", "b")
    #expect(ideal.distance(to: "b", bareIsExact: false) == 0)
    #expect(ideal.distance(to: "c", bareIsExact: false) == 1)
    #expect(ideal.distance(to: nil, bareIsExact: false) == 1)
    let exact = ConstrainBoolean.exact(true)
    #expect(exact.distance(to: true, bareIsExact: false) == 0)
    #expect(exact.distance(to: false, bareIsExact: false) == .infinity)
    #expect(exact.distance(to: nil, bareIsExact: false) == .infinity)
  }

  @Test func `takes a bare value as an ideal, in an advanced set as exact`() {
    let bare: ConstrainBoolean = true
    #expect(bare.distance(to: false, bareIsExact: false) == 1)
    #expect(bare.distance(to: false, bareIsExact: true) == .infinity)
    #expect(bare.distance(to: true, bareIsExact: true) == 0)
  }

  @Test func `mentions what it asks for in any way`() {
    let bare: ConstrainDOMString = "test"
    #expect(bare.mentions("test"))
    #expect(ConstrainDOMString.ideal("x", "test").mentions("test"))
    #expect(ConstrainDOMString.exact("test").mentions("test"))
    #expect(!ConstrainDOMString(exact: ["x"], ideal: ["y"]).mentions("test"))
  }
}
