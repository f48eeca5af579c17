// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// What a descriptor is watched for, and what it has become.
struct Readiness: OptionSet {
  let rawValue: UInt32

  /// There are bytes, callers or the peer's end to read.
  static let readable = Readiness(rawValue: 1)
  /// There is room to write, or connecting has ended.
  static let writable = Readiness(rawValue: 2)
  /// Both directions have ended, or the descriptor has an error; reported without being asked for.
  static let hungUp = Readiness(rawValue: 4)
  /// A device has something to tell besides its data, such as an event of V4L2.
  static let urgent = Readiness(rawValue: 8)
}

/// One epoll instance and the memory for its answers.
struct Poller: ~Copyable {
  private let descriptor: Int32
  private var events: [clinux_event]

  init() throws(EventLoopError) {
    descriptor = clinux_poller_open()
    guard descriptor >= 0 else {
      throw .system(action: "create an event loop", code: -descriptor)
    }
    events = Array(repeating: clinux_event(token: 0, ready: 0), count: 64)
  }

  deinit {
    clinux_close(descriptor)
  }

  /// Begins to watch; answers 0 or an errno.
  func add(_ watched: Int32, token: UInt64, _ interest: Readiness) -> Int32 {
    -clinux_poller_add(descriptor, watched, token, interest.rawValue)
  }

  /// Watches for something else from now on.
  func change(_ watched: Int32, token: UInt64, _ interest: Readiness) {
    _ = clinux_poller_change(descriptor, watched, token, interest.rawValue)
  }

  /// Stops watching; the descriptor must still be open.
  func remove(_ watched: Int32) {
    _ = clinux_poller_remove(descriptor, watched)
  }

  /// Waits for at most `nanoseconds`, or for ever when that is negative; answers how many events
  /// there are to read by `event`.
  mutating func wait(nanoseconds: Int64) -> Int {
    let capacity = Int32(events.count)
    return unsafe max(0, Int(clinux_poller_wait(descriptor, &events, capacity, nanoseconds)))
  }

  /// Event `index` of the last wait.
  func event(_ index: Int) -> (token: UInt64, ready: Readiness) {
    (events[index].token, Readiness(rawValue: events[index].ready))
  }
}
