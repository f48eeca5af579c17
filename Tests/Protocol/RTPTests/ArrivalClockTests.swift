// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import RTP

/// A class, because expectations cannot call what mutates a value.
@Suite final class ArrivalClockTests {
  private var clock = ArrivalClock(ticksPerSecond: 90_000)

  /// A packet captured at `media` milliseconds that took `way` milliseconds.
  private func observe(_ media: Int64, way: Int64) -> Int64? {
    let timestamp = RTPTime(rawValue: UInt32(truncatingIfNeeded: media * 90 - 1_000_000))
    clock.observe(timestamp, at: .zero + .milliseconds(media + way))
    return clock.captured(timestamp).map { $0.nanoseconds / 1_000_000 - media }
  }

  @Test func `goes by the shortest way and not by each arrival`() {
    #expect(observe(0, way: 40) == 40)
    #expect(observe(33, way: 10) == 10)
    #expect(observe(66, way: 90) == 10)
    #expect(observe(99, way: 10) == 10)
  }

  @Test func `rises slowly when the way grows longer`() {
    var last = observe(0, way: 10) ?? 0
    for step: Int64 in 1...600 {
      let way = observe(step * 33, way: 60) ?? 0
      #expect(way - last <= 1 && way <= 60)
      last = way
    }
    #expect(last == 60)
  }

  @Test func `follows clocks that drift apart`() {
    for step: Int64 in 0...10_000 {
      // One millisecond in ten seconds: 100 in a million.
      let way = observe(step * 33, way: 20 + step * 33 / 10_000) ?? 0
      #expect((way - 20 - step * 33 / 10_000).magnitude <= 2)
    }
  }

  @Test func `begins anew when the sender's clock jumps`() {
    #expect(observe(0, way: 10) == 10)
    clock.observe(RTPTime(rawValue: 12), at: .zero + .seconds(20))
    #expect(clock.captured(RTPTime(rawValue: 12)) == .zero + .seconds(20))
    #expect(clock.captured(RTPTime(rawValue: 90_012)) == .zero + .seconds(21))
  }

  @Test func `tells the sender's time of day before and after its report`() {
    #expect(observe(0, way: 0) == 0)
    #expect(clock.senderTime(at: .zero) == nil)
    clock.receive(
      .init(
        ssrc: SSRC(rawValue: 1),
        ntp: 100 << 32,
        timestamp: RTPTime(rawValue: UInt32(truncatingIfNeeded: -1_000_000)),
        packetCount: 0,
        octetCount: 0
      )
    )
    #expect(clock.senderTime(at: .zero + .milliseconds(1500)) == 101 << 32 | 1 << 31)
    #expect(clock.senderTime(at: .zero - .milliseconds(500)) == 99 << 32 | 1 << 31)
    clock.reset()
    #expect(clock.senderTime(at: .zero) == nil)
  }
}
