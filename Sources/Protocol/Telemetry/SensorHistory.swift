// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The last ten minutes of a sensor: one value for each second, the last that came in it.
///
/// A fixed 2.4 kB once a value has come.
public struct SensorHistory: Equatable, Sendable {
  /// How many seconds are kept.
  public static let length = 600

  /// A ring over the seconds; NaN where no value came.
  private var values: [Float] = []
  /// The second of the last value.
  private var newest: Int64 = 0

  /// Creates an empty history.
  public init() {}

  /// Keeps `value` for the second of `now`; what is older than the last value is passed over.
  public mutating func append(_ value: Double, at now: Timestamp) {
    let second = Self.second(of: now)
    if values.isEmpty {
      values = [Float](repeating: .nan, count: Self.length)
      newest = second
    }
    guard second >= newest else { return }
    let skipped = min(second &- newest, Int64(Self.length))
    if skipped > 1 {
      for step in 1..<skipped { values[Self.place(second &- step)] = .nan }
    }
    newest = second
    values[Self.place(second)] = Float(value)
  }

  /// The values up to `now`, one a second, `nil` where none came; begins with a value, ends with that
  /// of `now`'s second.
  public func values(until now: Timestamp) -> [Float?] {
    let end = Self.second(of: now)
    guard !values.isEmpty, end >= newest, end &- newest < Int64(Self.length) else { return [] }
    let first = end &- Int64(Self.length) &+ 1
    let all = (first...end).map { second -> Float? in
      guard second <= newest, second > newest &- Int64(Self.length) else { return nil }
      let value = values[Self.place(second)]
      return value.isFinite ? value : nil
    }
    return Array(all.drop { $0 == nil })
  }

  private static func second(of now: Timestamp) -> Int64 {
    // Rounded down, also before the epoch of the clock.
    let (whole, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0 ? whole &- 1 : whole
  }

  private static func place(_ second: Int64) -> Int {
    let rest = Int(second % Int64(length))
    return rest < 0 ? rest + length : rest
  }
}
