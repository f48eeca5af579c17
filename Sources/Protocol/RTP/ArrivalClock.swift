// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Turns the RTP timestamps of a received stream into instants of the loop's clock.
///
/// Where the sender's clock stands is told by the packets that took the shortest way: the least
/// difference of arrival and timestamp seen lately. What others were held up by on their way does
/// not show in the result, and no instant lies after its packet's arrival. The difference falls at
/// once and rises slowly, so that clocks which drift apart move nothing by a jerk.
struct ArrivalClock: Sendable {
  /// How long a shortest way is believed at least, and half of how long at most.
  private static let memory: Duration = .seconds(5)
  /// When timestamps and arrivals differ by more, the sender's clock has jumped.
  private static let jump: Int64 = 3_000_000_000
  /// The difference rises by at most a hundredth of the time that passes.
  private static let slowness: Int64 = 100

  private struct State: Sendable {
    /// The latest timestamp, its ticks since the anchor, and the last arrival.
    var timestamp: RTPTime
    var ticks: Int64 = 0
    var arrival: Timestamp
    /// The difference in use, and the least of this interval and of the one before.
    var offset: Int64
    var least: Int64
    var leastBefore: Int64
    var began: Timestamp
  }

  private let ticksPerSecond: Int64
  private var state: State?
  private var senderReport: (ntp: UInt64, timestamp: RTPTime)?

  /// Creates a clock for timestamps of `ticksPerSecond`.
  init(ticksPerSecond: Int) {
    self.ticksPerSecond = Int64(max(1, min(ticksPerSecond, 1_000_000)))
  }

  /// Forgets everything: another stream begins.
  mutating func reset() {
    state = nil
    senderReport = nil
  }

  /// Takes the timestamp of a packet that arrived at `now`, one that was not repeated.
  mutating func observe(_ timestamp: RTPTime, at now: Timestamp) {
    guard var state else {
      state = anchor(timestamp, at: now)
      return
    }
    let ticks = ticks(of: timestamp, state)
    let passed = nanoseconds(ticks) &- nanoseconds(state.ticks)
    let waited = (now - state.arrival).inNanoseconds
    guard (passed &- waited).magnitude <= UInt64(Self.jump) else {
      self.state = anchor(timestamp, at: now)
      return
    }
    let difference = now.nanoseconds &- nanoseconds(ticks)
    if now - state.began >= Self.memory {
      state.leastBefore = state.least
      state.least = difference
      state.began = now
    } else {
      state.least = min(state.least, difference)
    }
    let aim = min(state.least, state.leastBefore)
    state.offset = min(aim, state.offset &+ max(0, waited) / Self.slowness)
    if ticks > state.ticks {
      state.ticks = ticks
      state.timestamp = timestamp
    }
    state.arrival = now
    self.state = state
  }

  /// When what `timestamp` names was captured; `nil` before the first packet.
  func captured(_ timestamp: RTPTime) -> Timestamp? {
    guard let state else { return nil }
    let media = nanoseconds(ticks(of: timestamp, state))
    return Timestamp(nanoseconds: media &+ state.offset)
  }

  /// Remembers a sender report of the stream.
  mutating func receive(_ report: RTCPPacket.SenderReport) {
    senderReport = (report.ntp, report.timestamp)
  }

  /// The sender's time of day, in NTP's form, of what was captured at `instant`.
  func senderTime(at instant: Timestamp) -> UInt64? {
    guard let senderReport, let reported = captured(senderReport.timestamp) else { return nil }
    let difference = (instant - reported).inNanoseconds
    let second = Int64(1_000_000_000)
    var seconds = difference / second
    var rest = difference % second
    if rest < 0 {
      seconds -= 1
      rest += second
    }
    let fraction = UInt64(rest) << 32 / UInt64(second)
    return senderReport.ntp &+ UInt64(truncatingIfNeeded: seconds) << 32 &+ fraction
  }

  private func anchor(_ timestamp: RTPTime, at now: Timestamp) -> State {
    State(
      timestamp: timestamp,
      arrival: now,
      offset: now.nanoseconds,
      least: now.nanoseconds,
      leastBefore: now.nanoseconds,
      began: now
    )
  }

  private func ticks(of timestamp: RTPTime, _ state: State) -> Int64 {
    state.ticks &+ Int64(timestamp - state.timestamp)
  }

  private func nanoseconds(_ ticks: Int64) -> Int64 {
    let second = Int64(1_000_000_000)
    let whole = (ticks / ticksPerSecond) &* second
    return whole &+ (ticks % ticksPerSecond) * second / ticksPerSecond
  }
}
