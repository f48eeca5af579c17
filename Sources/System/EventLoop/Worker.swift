// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// The one thread for what would stall the loop; started when there is something to do.
final class Worker: Sendable {
  private struct State: ~Copyable {
    var queue: [@Sendable () -> Void] = []
    var isStarted = false
    var isStopped = false
  }

  /// How many pieces of work may wait.
  static let limit = 256

  private let state = Mutex(State())
  private let wake: Wake

  init() throws(EventLoopError) {
    wake = try Wake(blocking: true)
  }

  /// Appends work to the queue; `false` when `limit` pieces wait, or no thread can be had.
  func add(isLimited: Bool, _ work: @escaping @Sendable () -> Void) -> Bool {
    let (isAdded, mustStart) = state.withLock { state in
      guard !state.isStopped, !isLimited || state.queue.count < Self.limit else {
        return (false, false)
      }
      state.queue.append(work)
      defer { state.isStarted = true }
      return (true, !state.isStarted)
    }
    guard isAdded else { return false }
    if mustStart { start() }
    wake.signal()
    return true
  }

  /// Lets the thread end after what it is doing.
  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
  }

  private func start() {
    do throws(EventLoopError) {
      try startThread(name: "worker") { self.run() }
    } catch {
      // Without a thread the work is still done, only at the loop's expense.
      runWaiting()
      state.withLock { $0.isStarted = false }
    }
  }

  private func run() {
    while !state.withLock({ $0.isStopped }) {
      wake.take()
      runWaiting()
    }
  }

  private func runWaiting() {
    while let work = next() { work() }
  }

  private func next() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard !state.queue.isEmpty else { return nil }
      return state.queue.removeFirst()
    }
  }
}
