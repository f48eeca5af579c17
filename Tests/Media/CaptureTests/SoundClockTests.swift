// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct SoundClockTests {
  private let start = Timestamp(nanoseconds: 1_000_000_000)

  private func block(at time: Timestamp) -> SoundBlock {
    SoundBlock(frameCount: 480, channelCount: 1, time: time)
  }

  @Test func `smooths the jitter of the driver's times and follows a card that is off`() {
    var random = RandomSource.seeded(71)
    var clock = SoundClock()
    var worst = Duration.zero
    // 300 millionths too fast, told up to 2 ms late.
    for number in 0..<6000 {
      let exact = start + .nanoseconds(Int64(number) * 9_997_000)
      let jitter = Int64.random(in: 0...2_000_000, using: &random)
      var block = block(at: exact + .nanoseconds(jitter))
      clock.place(&block)
      #expect(block.position == UInt64(480 * number))
      guard number > 200 else { continue }
      let off = block.time - (exact + .milliseconds(1))
      worst = max(worst, off < .zero ? .zero - off : off)
    }
    #expect(worst < .microseconds(700), "seed 71: \(worst)")
  }

  @Test func `counts what was lost by the time that has passed`() {
    var clock = SoundClock()
    var first = block(at: start)
    clock.place(&first)
    clock.noteGap()
    var second = block(at: start + .milliseconds(510))
    clock.place(&second)
    #expect(second.position == 24_480)
    #expect(second.time == start + .milliseconds(510))
    var third = block(at: start + .milliseconds(520))
    clock.place(&third)
    #expect(third.position == 24_960)
  }

  @Test func `believes a jump of the clock at once, and counts no frames for it`() {
    var clock = SoundClock()
    var first = block(at: start)
    clock.place(&first)
    var second = block(at: start + .milliseconds(500))
    clock.place(&second)
    #expect(second.time == start + .milliseconds(500))
    #expect(second.position == 480)
  }
}
