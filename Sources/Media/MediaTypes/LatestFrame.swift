// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// A letterbox for one frame between a thread that captures and a thread that encodes: the newest
/// wins.
///
/// An encoder that falls behind skips pictures instead of showing old ones; nothing queues up.
public final class LatestFrame<Frame: ~Copyable & Sendable>: Sendable {
  private struct Slot: ~Copyable, Sendable {
    var frame: Frame?
    var isClosed = false
    var replaced: UInt64 = 0
  }

  private let slot = Mutex(Slot())
  private let arrival = Wakeup()

  /// Creates an empty letterbox.
  public init() {}

  /// Puts `frame` in; one that nobody has taken goes back to its source.
  public func publish(_ frame: consuming Frame) {
    var incoming: Frame? = consume frame
    let outgoing: Frame? = slot.withLock { slot in
      guard !slot.isClosed else { return incoming.take() }
      let old = slot.frame.take()
      slot.frame = incoming.take()
      if old != nil { slot.replaced &+= 1 }
      return old
    }
    arrival.signal()
    // Given back outside the lock: a camera's frame makes a system call when it goes.
    _ = consume outgoing
  }

  /// Waits for a frame and takes it; `nil` once the letterbox is closed.
  ///
  /// For one taker: two would steal each other's wakeups.
  public func next() -> Frame? {
    while true {
      let taken: Frame? = slot.withLock { $0.frame.take() }
      if let taken { return taken }
      guard !slot.withLock({ $0.isClosed }) else { return nil }
      arrival.wait()
    }
  }

  /// Throws away what is inside and ends the taker's wait for ever.
  public func close() {
    let outgoing: Frame? = slot.withLock { slot in
      slot.isClosed = true
      return slot.frame.take()
    }
    arrival.signal()
    _ = consume outgoing
  }

  /// How many frames were replaced by a newer one before anybody took them.
  public var replaced: UInt64 {
    slot.withLock { $0.replaced }
  }
}
