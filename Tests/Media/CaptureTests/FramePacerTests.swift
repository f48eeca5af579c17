// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct FramePacerTests {
  @Test func `counts from the first picture, so that rounding never adds up`() {
    var pacer = FramePacer(FrameRate(30000, per: 1001))
    let start = Timestamp(nanoseconds: 5)
    var due = pacer.due(at: start)
    #expect(due == start)
    for _ in 0..<30000 {
      pacer.advance()
      due = pacer.due(at: due)
    }
    #expect(due == start + .seconds(1001))
  }

  @Test func `starts anew when it is late by more than a picture`() {
    var pacer = FramePacer(FrameRate(10))
    #expect(pacer.due(at: .zero) == .zero)
    pacer.advance()
    let late = Timestamp.zero + .milliseconds(190)
    #expect(pacer.due(at: late) == .zero + .milliseconds(100))
    let tooLate = Timestamp.zero + .milliseconds(250)
    #expect(pacer.due(at: tooLate) == tooLate)
    pacer.advance()
    #expect(pacer.due(at: tooLate) == tooLate + .milliseconds(100))
  }
}
