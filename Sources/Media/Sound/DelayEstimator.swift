// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// How much later than the fastest ones the packets of a stream come, and how long playing should
/// wait because of it.
///
/// The fastest way is the least difference of arrival and timestamp seen lately. It falls at once and
/// rises slowly, so that clocks which drift apart move nothing by a jerk.
struct DelayEstimator: Sendable {
  /// How long a fastest way is believed at least, and half of how long at most.
  private static let memory: Duration = .seconds(5)
  /// The difference rises by at most a hundredth of the time that passes.
  private static let slowness: Int64 = 100
  /// When timestamps and arrivals differ by more, the sender's clock has jumped.
  private static let jump: Int64 = 3_000_000_000
  /// Nanoseconds that one bucket of the histogram is wide.
  private static let width: Int64 = 5_000_000
  private static let buckets = 100
  /// Of a hundred packets, one may come too late.
  private static let share = 0.99
  /// The weight of the newest packet among all: half a minute of packets of 20 ms.
  private static let leastWeight = 1.0 / 1500
  /// What the target falls by, at most, of the time that passes.
  private static let fall: Int64 = 200

  private struct State: Sendable {
    /// The latest timestamp, its nanoseconds since the first, and the last arrival.
    var timestamp: Int64
    var media: Int64 = 0
    var arrival: Timestamp
    /// The difference in use, and the least of this interval and of the one before.
    var offset: Int64
    var least: Int64
    var leastBefore: Int64
    var began: Timestamp
  }

  /// How long after the fastest packet's arrival its sound should be played.
  private(set) var target: Duration

  private let ticksPerSecond: Int64
  private let minimum: Duration
  private let maximum: Duration
  private let step: Duration
  private var state: State?
  /// How often delays of each bucket were seen, of late more than long ago; times `scale` their sum is 1.
  private var weights = [Double](repeating: 0, count: Self.buckets)
  private var scale = 1.0
  private var observed = 0.0

  /// Creates an estimator for timestamps of `ticksPerSecond` and playing in steps of `step`.
  init(ticksPerSecond: Int64, minimum: Duration, maximum: Duration, step: Duration) {
    self.ticksPerSecond = ticksPerSecond
    self.minimum = minimum
    self.maximum = max(minimum, maximum)
    self.step = step
    target = minimum
  }

  /// Forgets the sender's clock; what is known of the network stays.
  mutating func reset() {
    state = nil
  }

  /// Whether a packet of this timestamp, arrived at `now`, is of another clock than those before.
  func isStranger(_ timestamp: Int64, at now: Timestamp) -> Bool {
    guard let state else { return false }
    let ticks = timestamp &- state.timestamp
    guard ticks.magnitude < UInt64(ticksPerSecond) << 20 else { return true }
    let waited = (now - state.arrival).inNanoseconds
    return (nanoseconds(ticks) &- waited).magnitude > UInt64(Self.jump)
  }

  /// Takes the timestamp of a packet that arrived at `now` and is no stranger.
  mutating func observe(_ timestamp: Int64, at now: Timestamp) {
    guard var state else {
      let offset = now.nanoseconds
      state = State(
        timestamp: timestamp,
        arrival: now,
        offset: offset,
        least: offset,
        leastBefore: offset,
        began: now
      )
      record(0, after: 0)
      return
    }
    let media = state.media &+ nanoseconds(timestamp &- state.timestamp)
    let waited = max(0, (now - state.arrival).inNanoseconds)
    let difference = now.nanoseconds &- media
    if now - state.began >= Self.memory {
      state.leastBefore = state.least
      state.least = difference
      state.began = now
    } else {
      state.least = min(state.least, difference)
    }
    let aim = min(state.least, state.leastBefore)
    state.offset = min(aim, state.offset &+ waited / Self.slowness)
    if media > state.media {
      state.media = media
      state.timestamp = timestamp
    }
    state.arrival = max(state.arrival, now)
    self.state = state
    record(difference &- state.offset, after: waited)
  }

  /// When a packet of this timestamp comes, or would have come, the fastest way.
  func earliest(_ timestamp: Int64) -> Timestamp? {
    guard let state else { return nil }
    let media = state.media &+ nanoseconds(timestamp &- state.timestamp)
    return Timestamp(nanoseconds: media &+ state.offset)
  }

  private mutating func record(_ delay: Int64, after waited: Int64) {
    let weight = max(Self.leastWeight, 1 / (observed + 1))
    observed = min(observed + 1, 1 / Self.leastWeight)
    let bucket = Int(max(0, min(delay / Self.width, Int64(Self.buckets) - 1)))
    if weight < 1 { scale *= 1 - weight }
    weights[bucket] += weight / scale
    if scale < 0.001 {
      for bucket in weights.indices { weights[bucket] *= scale }
      scale = 1
    }
    // The sum of all is 1 but for rounding.
    var last = 0
    var sum = weights[0] * scale
    while sum < Self.share, last + 1 < Self.buckets {
      last += 1
      sum += weights[last] * scale
    }
    let quantile = Duration.nanoseconds(Int64(last + 1) * Self.width)
    let aim = max(minimum, min(quantile + step, maximum))
    target = max(aim, target - .nanoseconds(waited / Self.fall))
  }

  private func nanoseconds(_ ticks: Int64) -> Int64 {
    let second = Int64(1_000_000_000)
    let whole = (ticks / ticksPerSecond) &* second
    return whole &+ (ticks % ticksPerSecond) * second / ticksPerSecond
  }
}
