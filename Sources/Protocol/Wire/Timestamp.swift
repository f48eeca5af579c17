// SPDX-License-Identifier: Apache-2.0

/// An instant on the caller's monotonic clock, in nanoseconds since an epoch only the caller knows.
///
/// No protocol core reads a clock: every call that depends on time is handed the time. Arithmetic
/// saturates instead of trapping, so that a hostile or broken clock can never end the program.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since the caller's epoch.
  public var nanoseconds: Int64

  /// Creates the instant `nanoseconds` after the caller's epoch.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The caller's epoch.
  public static let zero = Timestamp(nanoseconds: 0)

  /// An instant that never comes.
  public static let distantFuture = Timestamp(nanoseconds: .max)

  /// An instant before every other.
  public static let distantPast = Timestamp(nanoseconds: .min)

  /// Whether `lhs` comes before `rhs`.
  public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }

  /// The instant `duration` after `instant`.
  public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.inNanoseconds)
    guard overflow else { return Timestamp(nanoseconds: sum) }
    return instant.nanoseconds > 0 ? .distantFuture : .distantPast
  }

  /// The instant `duration` before `instant`.
  public static func - (instant: Timestamp, duration: Duration) -> Timestamp {
    let (difference, overflow) = instant.nanoseconds
      .subtractingReportingOverflow(duration.inNanoseconds)
    guard overflow else { return Timestamp(nanoseconds: difference) }
    return duration < .zero ? .distantFuture : .distantPast
  }

  /// The time from `earlier` to `later`; negative when they are the other way round.
  public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    let (difference, overflow) = later.nanoseconds
      .subtractingReportingOverflow(earlier.nanoseconds)
    guard overflow else { return .nanoseconds(difference) }
    return .nanoseconds(earlier.nanoseconds < 0 ? Int64.max : Int64.min)
  }

  /// Moves the instant later by `duration`.
  public static func += (instant: inout Timestamp, duration: Duration) {
    instant = instant + duration
  }
}

extension Duration {
  /// The whole nanoseconds of this duration, saturated to 64 bits.
  public var inNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds > 0 ? .max : .min }
    let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !carry else { return seconds > 0 ? .max : .min }
    return sum
  }

  /// This duration in seconds, rounded to the nearest `Double`.
  public var inSeconds: Double {
    Double(inNanoseconds) / 1e9
  }
}

extension Optional where Wrapped == Timestamp {
  /// The earlier of two deadlines, where `nil` means "none".
  public func earlier(_ other: Timestamp?) -> Timestamp? {
    guard let self else { return other }
    guard let other else { return self }
    return Swift.min(self, other)
  }
}

/// The time of day, handed in beside `Timestamp` where a protocol puts it on the wire.
///
/// Used for RTCP sender reports and certificate dates only; it may jump.
public struct WallClock: Hashable, Sendable {
  /// Nanoseconds since 1970-01-01 00:00:00 UTC.
  public var unixNanoseconds: Int64

  /// Creates the time of day `unixNanoseconds` after the Unix epoch.
  public init(unixNanoseconds: Int64) {
    self.unixNanoseconds = unixNanoseconds
  }

  /// Creates the time of day of a 64-bit NTP timestamp of the era that began in 1900.
  ///
  /// `nil` for 0, by which a sender says that it does not know (RFC 3550 section 6.4.1).
  public init?(ntp: UInt64) {
    guard ntp != 0 else { return nil }
    let seconds = Int64(ntp >> 32) - 2_208_988_800
    let fraction = Int64(((ntp & 0xFFFF_FFFF) &* 1_000_000_000) >> 32)
    self.init(unixNanoseconds: seconds * 1_000_000_000 + fraction)
  }

  /// The 64-bit NTP timestamp of this time (RFC 5905 section 6): seconds since 1900, then fraction.
  public var ntp: UInt64 {
    let whole = Int64(1_000_000_000)
    var seconds = unixNanoseconds / whole
    var rest = unixNanoseconds % whole
    if rest < 0 {
      seconds -= 1
      rest += whole
    }
    let sinceEra = UInt64(truncatingIfNeeded: seconds &+ 2_208_988_800) & 0xFFFF_FFFF
    return (sinceEra << 32) | ((UInt64(rest) << 32) / 1_000_000_000)
  }
}
