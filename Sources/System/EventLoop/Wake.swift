// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// An event counter of the kernel by which one thread wakes another.
struct Wake: ~Copyable, Sendable {
  let descriptor: Int32

  /// Creates a counter; `blocking` makes `take` wait until somebody signals.
  init(blocking: Bool) throws(EventLoopError) {
    descriptor = clinux_wake_open(blocking ? 1 : 0)
    guard descriptor >= 0 else {
      throw .system(action: "create an event counter", code: -descriptor)
    }
  }

  deinit {
    clinux_close(descriptor)
  }

  /// Wakes whoever waits; from any thread.
  func signal() {
    clinux_wake(descriptor)
  }

  /// Takes all signals so far.
  func take() {
    clinux_wake_take(descriptor)
  }
}
