// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// When to ask the sender for a keyframe: at once, never more often than it can answer, and again
/// until one comes.
struct KeyframeRequests: Sendable {
  /// The least time between two requests, whoever wants them.
  static let interval: Duration = .milliseconds(300)

  /// When the next request is due; `nil` while none is wanted.
  private(set) var due: Timestamp?
  private var sent: Timestamp?
  /// Counts FIR commands (RFC 5104 section 4.3.1.1).
  private(set) var number: UInt8 = 0

  /// Whether a keyframe is wanted that has not come.
  var isWanted: Bool { due != nil }

  /// Wants a keyframe; while one is wanted already, changes nothing.
  mutating func want(at now: Timestamp) {
    guard due == nil else { return }
    guard let sent else {
      due = now
      return
    }
    due = max(now, sent + Self.interval)
  }

  /// Notes that a keyframe has come, or that none will.
  mutating func cancel() {
    due = nil
  }

  /// Notes that a request leaves at `now`; the next follows if no keyframe has come by then.
  ///
  /// An answer has had its time by then, so that the next request is no repetition to FIR.
  mutating func send(at now: Timestamp, roundTripTime: Duration) {
    sent = now
    due = now + max(Self.interval, roundTripTime * 2)
    number &+= 1
  }
}
