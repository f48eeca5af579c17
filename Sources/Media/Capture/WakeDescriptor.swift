// SPDX-License-Identifier: Apache-2.0
private import CV4L2
internal import MediaTypes
internal import Wire

/// Ends a capture thread's wait, for ever: once signalled it stays so.
public final class WakeDescriptor: Sendable {
  /// What ended a wait.
  enum Event {
    case ready
    case woken
    case broken
    case timeout
  }

  /// For whoever waits for more than one source.
  let descriptor: Int32

  /// Creates one that is not signalled.
  public init() throws(CaptureError) {
    descriptor = cv4l2_wake_open()
    guard descriptor >= 0 else { throw .systemExhausted }
  }

  deinit {
    cv4l2_close(descriptor)
  }

  /// Ends all waits, now and later.
  public func signal() {
    cv4l2_wake_signal(descriptor)
  }

  /// Whether it was signalled.
  var isSignalled: Bool { wait(until: .distantPast) == .woken }

  /// Waits until `source` (nothing when it is -1) can be read, or `deadline`.
  func wait(for source: Int32 = -1, until deadline: Timestamp?) -> Event {
    while true {
      var left: Int64 = -1
      if let deadline { left = max(0, (deadline - MediaClock.now).inNanoseconds) }
      let events = cv4l2_wait(source, descriptor, left)
      if events & Int32(cv4l2_woken) != 0 { return .woken }
      if events & Int32(cv4l2_ready) != 0 { return .ready }
      if events < 0 || events & Int32(cv4l2_broken) != 0 { return .broken }
      if let deadline, MediaClock.now >= deadline { return .timeout }
    }
  }
}
