// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// When the pictures of a source without a clock of its own are due.
///
/// The instants are counted from the first one, so that rounding never adds up; a source that is
/// late by more than a picture starts anew instead of hurrying.
struct FramePacer {
  private let rate: FrameRate
  private var start: Timestamp?
  private var count: Int64 = 0

  init(_ rate: FrameRate) {
    self.rate = rate
  }

  /// When the next picture is due; the first one at `now`.
  mutating func due(at now: Timestamp) -> Timestamp {
    guard let start else {
      self.start = now
      return now
    }
    let due = start + offset(of: count)
    guard now - due > offset(of: 1) else { return due }
    self.start = now
    count = 0
    return now
  }

  /// From one picture to the next.
  var interval: Duration { offset(of: 1) }

  /// Counts the picture that was due.
  mutating func advance() {
    count &+= 1
  }

  private func offset(of count: Int64) -> Duration {
    let (high, low) = count.multipliedFullWidth(by: Int64(rate.denominator) * 1_000_000_000)
    let divisor = Int64(rate.numerator)
    guard high == 0 || (high == -1 && count < 0) else { return .zero }
    return .nanoseconds(Int64(truncatingIfNeeded: low / UInt64(divisor)))
  }
}
