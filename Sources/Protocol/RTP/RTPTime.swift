// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The 32-bit timestamp of an RTP packet, in ticks of the codec's clock (RFC 3550 section 5.1).
public struct RTPTime: RawRepresentable, Hashable, Sendable {
  /// Ticks since a random offset, wrapped.
  public var rawValue: UInt32

  /// Creates the time that stands on the wire as `rawValue`.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Signed ticks from `earlier` to `later`, the short way round the circle.
  public static func - (later: RTPTime, earlier: RTPTime) -> Int32 {
    Int32(truncatingIfNeeded: later.rawValue &- earlier.rawValue)
  }
}

/// Turns instants of the loop's clock into ticks of one stream's RTP clock.
///
/// All streams of a session count from the same instants, so that a receiver which compares their
/// sender reports plays sound and picture together. Frame times never repeat and never go
/// backwards: when a capture clock steps back, the clock goes on from where it was.
struct RTPClock: Sendable {
  private let ticksPerSecond: Int64
  private let offset: UInt32
  private var lag: Duration = .zero
  private var last: (captured: Timestamp, ticks: Int64, seen: Timestamp)?

  init(ticksPerSecond: Int, offset: UInt32) {
    self.ticksPerSecond = Int64(max(1, min(ticksPerSecond, 1_000_000)))
    self.offset = offset
  }

  /// The time on the wire of a frame captured at `captured` and handed over at `now`.
  mutating func time(ofFrameCapturedAt captured: Timestamp, at now: Timestamp) -> RTPTime {
    var ticks = ticks(at: captured)
    if let last {
      if captured < last.captured {
        // The clock stepped back: believe the time that passed here, at least a millisecond.
        let step = max(now - last.seen, .milliseconds(1))
        lag = lag + (last.captured - captured) + min(step, .seconds(10))
        ticks = self.ticks(at: captured)
      }
      ticks = max(ticks, last.ticks &+ 1)
    }
    last = (captured, ticks, now)
    return wire(ticks)
  }

  /// The time on the wire that belongs to the instant `instant`: for sender reports.
  func time(at instant: Timestamp) -> RTPTime {
    wire(ticks(at: instant))
  }

  private func ticks(at instant: Timestamp) -> Int64 {
    let nanoseconds = (instant + lag).nanoseconds
    let second = Int64(1_000_000_000)
    let whole = (nanoseconds / second) &* ticksPerSecond
    return whole &+ (nanoseconds % second) &* ticksPerSecond / second
  }

  private func wire(_ ticks: Int64) -> RTPTime {
    RTPTime(rawValue: UInt32(truncatingIfNeeded: ticks) &+ offset)
  }
}
