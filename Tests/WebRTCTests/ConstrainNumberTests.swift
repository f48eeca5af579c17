// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTC

struct ConstrainNumberTests {
  private func distance(
    _ constraint: ConstrainULong,
    _ actual: Int?,
    bareIsExact: Bool = false
  ) -> Double {
    constraint.distance(to: actual, bareIsExact: bareIsExact)
  }

  @Test func `measures how far an ideal is, in parts of the greater number`() {
    #expect(distance(.ideal(1280), 1280) == 0)
    #expect(distance(.ideal(1280), 640) == 0.5)
    #expect(distance(.ideal(640), 1280) == 0.5)
    #expect(distance(.ideal(640), nil) == 1)
    #expect(distance(.ideal(0), 0) == 0)
  }

  @Test func `refuses what is not exact, too little or too much`() {
    #expect(distance(.exact(640), 640) == 0)
    #expect(distance(.exact(640), 641) == .infinity)
    #expect(distance(.min(480), 480) == 0)
    #expect(distance(.min(480), 479) == .infinity)
    #expect(distance(.max(480), 480) == 0)
    #expect(distance(.max(480), 481) == .infinity)
    #expect(distance(.max(480), nil) == .infinity)
    let all = ConstrainULong(min: 100, max: 300, ideal: 200)
    #expect(distance(all, 100) == 0.5)
    #expect(distance(all, 301) == .infinity)
  }

  @Test func `takes a bare number as an ideal, in an advanced set as exact`() {
    #expect(distance(640, 320) == 0.5)
    #expect(distance(640, 320, bareIsExact: true) == .infinity)
    #expect(distance(640, 640, bareIsExact: true) == 0)
  }

  @Test func `takes 29,97 for 30000 in 1001 seconds, and 30 for something else`() {
    let actual = 30000.0 / 1001
    #expect(ConstrainDouble.exact(29.97).distance(to: actual, bareIsExact: false) == 0)
    #expect(ConstrainDouble.exact(30).distance(to: actual, bareIsExact: false) == .infinity)
    #expect(ConstrainDouble.max(29.97).distance(to: actual, bareIsExact: false) == 0)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `no number is worse than all numbers`(_ odd: Double) {
    #expect(ConstrainDouble.ideal(odd).distance(to: 30, bareIsExact: false) == 1)
    #expect(ConstrainDouble.exact(odd).distance(to: 30, bareIsExact: false) == .infinity)
  }
}
