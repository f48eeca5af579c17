// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// Says when the next packet may leave, so that a keyframe does not fill the path's queues at once.
///
/// A leaky bucket kept as one instant: `drained` is when everything sent so far would have left at
/// the pacing rate. A packet may leave while that lies at most `burst` ahead: what a picture of
/// ordinary size needs leaves at once, a keyframe in portions of a millisecond.
struct Pacer: Sendable {
  // Nanoseconds as integers: `Duration` divides 128 bits, which would be felt on each packet.

  /// How far ahead of the rate packets may leave; twice the portion, to forgive a late timer.
  private static let burst: Int64 = 2_000_000
  /// What a blocked sender waits for: a portion that is worth waking up for.
  private static let portion: Int64 = 1_000_000
  /// Without a configured rate: the time in which a whole frame is to be out.
  private static let frameTime: Int64 = 8_000_000
  /// Without a configured rate: the slowest pace, ten packets of 1,250 bytes a millisecond.
  private static let slowest = Bitrate(bitsPerSecond: 100_000_000)

  private let configured: Bitrate?
  private var rate: Bitrate
  private var drained = Int64.min / 2

  /// Creates a pacer of `rate`; `nil` chooses one by the size of each frame.
  init(rate: Bitrate?) {
    let bounded = rate.map { Bitrate(bitsPerSecond: max(8_000, $0.bitsPerSecond)) }
    configured = bounded
    self.rate = bounded ?? Self.slowest
  }

  /// Chooses the pace for a frame of `bytes`.
  mutating func begin(frameOf bytes: Int) {
    guard configured == nil else { return }
    let bits = Int64(min(bytes, 1 << 28)) * 8
    let needed = bits * 1_000_000_000 / Self.frameTime
    rate = max(Self.slowest, Bitrate(bitsPerSecond: Int(needed)))
  }

  /// Whether a packet may leave at `now`.
  func allows(at now: Timestamp) -> Bool {
    drained - Self.burst <= now.nanoseconds
  }

  /// When a blocked sender should try again.
  var release: Timestamp { Timestamp(nanoseconds: drained - Self.burst + Self.portion) }

  /// Counts a packet of `bytes` that leaves at `now`.
  mutating func sent(_ bytes: Int, at now: Timestamp) {
    let nanoseconds = Int64(bytes) * 8 * 1_000_000_000 / Int64(max(1, rate.bitsPerSecond))
    // Clocks at the ends of time are held off, so that no sum overflows.
    drained = min(max(drained, now.nanoseconds), .max / 2) + nanoseconds
  }
}
