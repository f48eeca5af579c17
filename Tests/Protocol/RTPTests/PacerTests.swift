// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import RTP

@Suite struct PacerTests {
  /// Sends `packets` of 1,250 bytes as a loop would; answers each burst's size and the time taken.
  private func run(
    _ pacer: inout Pacer,
    packets: Int,
    late: Duration = .zero
  ) -> (bursts: [Int], time: Duration) {
    var now = Timestamp.zero
    var left = packets
    var bursts: [Int] = []
    while left > 0 {
      var burst = 0
      while left > 0, pacer.allows(at: now) {
        pacer.sent(1250, at: now)
        left -= 1
        burst += 1
      }
      bursts.append(burst)
      if left > 0 { now = pacer.release + late }
    }
    return (bursts, now - .zero)
  }

  @Test func `lets an ordinary frame out at once`() {
    var pacer = Pacer(rate: nil)
    pacer.begin(frameOf: 12_500)
    #expect(run(&pacer, packets: 10).bursts == [10])
  }

  @Test func `spreads a keyframe over less than 10 ms`() {
    for bytes in [60_000, 125_000, 400_000] {
      var pacer = Pacer(rate: nil)
      pacer.begin(frameOf: bytes)
      let (bursts, time) = run(&pacer, packets: bytes / 1250)
      #expect(bursts.count > 1)
      #expect(time <= .milliseconds(10))
      #expect((bursts.max() ?? 0) <= max(21, bytes / 1250 / 4 + 1))
    }
  }

  @Test func `keeps the configured rate, late timers or not`() {
    for late in [Duration.zero, .microseconds(900)] {
      var pacer = Pacer(rate: Bitrate(bitsPerSecond: 10_000_000))
      pacer.begin(frameOf: 1_250_000)
      let (_, time) = run(&pacer, packets: 1000, late: late)
      #expect(time > .milliseconds(990) && time < .milliseconds(1003))
    }
  }

  @Test func `starts anew after a pause`() {
    var pacer = Pacer(rate: Bitrate(bitsPerSecond: 1_000_000))
    pacer.sent(125_000, at: .zero)
    #expect(!pacer.allows(at: .zero + .milliseconds(997)))
    #expect(pacer.allows(at: .zero + .seconds(2)))
  }
}
