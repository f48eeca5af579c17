// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

@Suite struct RTPTimeTests {
  private func at(_ milliseconds: Int64) -> Timestamp { .zero + .milliseconds(milliseconds) }

  @Test func `counts 90 ticks a millisecond from its offset`() {
    var clock = RTPClock(ticksPerSecond: 90_000, offset: 1000)
    #expect(clock.time(ofFrameCapturedAt: at(0), at: at(1)).rawValue == 1000)
    #expect(clock.time(ofFrameCapturedAt: at(40), at: at(41)).rawValue == 1000 + 3600)
    #expect(clock.time(at: at(1000)).rawValue == 91_000)
  }

  @Test func `wraps after 13 hours without a jump`() {
    var clock = RTPClock(ticksPerSecond: 90_000, offset: .max - 100)
    let day = Int64(86_400_000)
    let before = clock.time(ofFrameCapturedAt: at(day), at: at(day))
    let after = clock.time(ofFrameCapturedAt: at(day + 1), at: at(day + 1))
    #expect(after - before == 90)
    let start = RTPTime(rawValue: .max - 10)
    #expect(RTPTime(rawValue: 79) - start == 90)
  }

  @Test func `goes on when the capture clock steps back`() {
    var clock = RTPClock(ticksPerSecond: 90_000, offset: 0)
    let before = clock.time(ofFrameCapturedAt: at(3_600_000), at: at(0))
    let stepped = clock.time(ofFrameCapturedAt: at(5), at: at(33))
    let after = clock.time(ofFrameCapturedAt: at(38), at: at(66))
    #expect(stepped - before == 33 * 90)
    #expect(after - stepped == 33 * 90)
  }

  @Test func `gives two frames of the same instant different times`() {
    var clock = RTPClock(ticksPerSecond: 90_000, offset: 0)
    let first = clock.time(ofFrameCapturedAt: at(7), at: at(7))
    #expect(clock.time(ofFrameCapturedAt: at(7), at: at(7)) - first == 1)
  }

  @Test func `survives clocks at the ends of time`() {
    var clock = RTPClock(ticksPerSecond: 90_000, offset: 0)
    for instant in [Timestamp.distantFuture, .distantPast, .zero, .distantFuture, .distantPast] {
      _ = clock.time(ofFrameCapturedAt: instant, at: instant)
      _ = clock.time(at: instant)
    }
  }
}
