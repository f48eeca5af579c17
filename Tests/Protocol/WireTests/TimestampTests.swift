// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct TimestampTests {
  @Test func `adds and subtracts durations`() {
    let instant = Timestamp(nanoseconds: 5) + .seconds(1)
    #expect(instant.nanoseconds == 1_000_000_005)
    #expect((instant - .milliseconds(1)).nanoseconds == 999_000_005)
    #expect(instant - Timestamp(nanoseconds: 5) == .seconds(1))
    #expect(Timestamp.zero - instant == .nanoseconds(-1_000_000_005))
  }

  @Test func `saturates where the sum does not fit, on the right side`() {
    let huge = Duration.seconds(Int64.max)
    #expect(Timestamp.distantFuture + .nanoseconds(1) == .distantFuture)
    #expect(Timestamp.distantPast + .nanoseconds(-1) == .distantPast)
    #expect(Timestamp.distantPast - .nanoseconds(1) == .distantPast)
    #expect(Timestamp.distantFuture - .nanoseconds(-1) == .distantFuture)
    #expect(Timestamp.zero + huge == .distantFuture)
    #expect(Timestamp.zero - huge == Timestamp(nanoseconds: -.max))
    #expect(Timestamp.zero - (.zero - huge) == .distantFuture)
    #expect(Timestamp.zero + (.zero - huge) == .distantPast)
  }

  @Test func `saturates the time between extremes, on the right side`() {
    #expect(Timestamp.distantFuture - .distantPast == .nanoseconds(Int64.max))
    #expect(Timestamp.distantPast - .distantFuture == .nanoseconds(Int64.min))
    #expect(Timestamp.zero - .distantPast == .nanoseconds(Int64.max))
    #expect(Timestamp(nanoseconds: -2) - .distantFuture == .nanoseconds(Int64.min))
  }

  @Test func `turns durations into nanoseconds and seconds`() {
    #expect(Duration.milliseconds(-1_500).inNanoseconds == -1_500_000_000)
    #expect(Duration.seconds(Int64.max).inNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).inNanoseconds == .min)
    #expect(Duration.nanoseconds(Int64.min).inNanoseconds == .min)
    #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
  }

  @Test func `picks the earlier deadline, where nil means none`() {
    let early = Timestamp(nanoseconds: 1)
    let late = Timestamp(nanoseconds: 2)
    let none: Timestamp? = nil
    #expect(Optional(early).earlier(late) == early)
    #expect(Optional(late).earlier(early) == early)
    #expect(none.earlier(late) == late)
    #expect(Optional(late).earlier(nil) == late)
    #expect(none.earlier(nil) == nil)
  }

  @Test func `gives NTP time before, at and after the Unix epoch, and in the next era`() {
    #expect(WallClock(unixNanoseconds: 0).ntp == 2_208_988_800 << 32)
    #expect(WallClock(unixNanoseconds: 500_000_000).ntp == UInt64(2_208_988_800) << 32 | 1 << 31)
    #expect(WallClock(unixNanoseconds: -500_000_000).ntp == UInt64(2_208_988_799) << 32 | 1 << 31)
    // Era 1 begins at 2036-02-07 06:28:16 UTC.
    #expect(WallClock(unixNanoseconds: 2_085_978_496_000_000_000).ntp == 0)
    _ = WallClock(unixNanoseconds: .min).ntp
    _ = WallClock(unixNanoseconds: .max).ntp
  }
}
