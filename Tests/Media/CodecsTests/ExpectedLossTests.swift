// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Codecs

struct ExpectedLossTests {
  @Test func `rises fast and falls slowly`() {
    var loss = ExpectedLoss()
    #expect(loss.percent == 0)
    for _ in 0..<3 { loss.observe([0.1]) }
    #expect((8...10).contains(loss.percent), "\(loss)")
    for _ in 0..<3 { loss.observe([0]) }
    #expect((5...8).contains(loss.percent), "\(loss)")
    for _ in 0..<60 { loss.observe([]) }
    #expect(loss.percent == 0)
  }

  @Test func `the most unfortunate listener counts, up to a limit`() {
    var loss = ExpectedLoss()
    for _ in 0..<20 { loss.observe([0, 0.12, 0.01]) }
    #expect(loss.percent == 12)
    for _ in 0..<20 { loss.observe([1, 0]) }
    #expect(loss.percent == 30)
  }
}
