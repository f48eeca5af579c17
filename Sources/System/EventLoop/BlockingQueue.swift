// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// Work that may block for long, such as asking a slow device: one piece after another, on a thread that
/// lives as long as there is some.
///
/// It is apart from the loop's one worker, so that no handshake waits for a thermometer; and while there
/// is nothing to do there is no thread.
public final class BlockingQueue: Sendable {
  private struct State: ~Copyable {
    var queue: [@Sendable () -> Void] = []
    var isRunning = false
  }

  /// How many pieces of work may wait.
  public static let limit = 64

  private let name: String
  private let state = Mutex(State())

  /// Creates a queue whose thread is called `name`, at most 15 bytes.
  public init(name: String) {
    self.name = name
  }

  /// Does `work` on the queue's thread and answers its result; from any thread.
  ///
  /// - Returns: `nil`, with nothing done, when too much work waits already or there is no thread.
  public func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
      if !add({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
    }
  }

  private func add(_ work: @escaping @Sendable () -> Void) -> Bool {
    let (isAdded, mustStart) = state.withLock { state in
      guard state.queue.count < Self.limit else { return (false, false) }
      state.queue.append(work)
      defer { state.isRunning = true }
      return (true, !state.isRunning)
    }
    guard isAdded, mustStart else { return isAdded }
    do throws(EventLoopError) {
      try startThread(name: name) { self.runWaiting() }
      return true
    } catch {
      // What came meanwhile waits for the next one who gets a thread.
      state.withLock { state in
        state.isRunning = false
        if !state.queue.isEmpty { state.queue.removeFirst() }
      }
      return false
    }
  }

  private func runWaiting() {
    while let work = next() { work() }
  }

  private func next() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard !state.queue.isEmpty else {
        state.isRunning = false
        return nil
      }
      return state.queue.removeFirst()
    }
  }
}
