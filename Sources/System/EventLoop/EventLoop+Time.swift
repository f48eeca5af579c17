// SPDX-License-Identifier: Apache-2.0
private import CLinux
private import Synchronization
public import Wire

extension EventLoop {
  /// The time on the kernel's monotonic clock, read afresh: the clock of V4L2's driver timestamps.
  ///
  /// From any thread; stands still while the machine is suspended.
  public var now: Timestamp {
    Timestamp(nanoseconds: clinux_monotonic_now())
  }

  /// The time of day.
  public var wallClock: WallClock {
    WallClock(unixNanoseconds: clinux_wall_now())
  }

  /// Runs `body` on the loop once, not before `deadline`.
  ///
  /// Loop thread only.
  ///
  /// Timers fire in the order of their deadlines, those of one instant in the order of scheduling;
  /// what is already due fires in the next turn, never at once.
  @discardableResult
  public func schedule(at deadline: Timestamp, _ body: @escaping () -> Void) -> TimerID {
    requireLoop()
    return timers.add(at: deadline, body)
  }

  /// Moves a timer to another instant; `false` when it has fired or was cancelled.
  ///
  /// Loop thread only.
  @discardableResult
  public func reschedule(_ timer: TimerID, at deadline: Timestamp) -> Bool {
    requireLoop()
    return timers.move(timer, to: deadline)
  }

  /// Takes a timer away; `false` when it has fired or was cancelled already.
  ///
  /// Loop thread only.
  @discardableResult
  public func cancel(_ timer: TimerID) -> Bool {
    requireLoop()
    return timers.remove(timer) != nil
  }

  /// Suspends the calling task until `deadline`, from any thread.
  /// - Throws: `CancellationError` at once when the task is cancelled.
  public func sleep(until deadline: Timestamp) async throws(CancellationError) {
    let sleeper = Sleeper(on: self)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        sleeper.sleep(until: deadline, continuation)
      }
    } onCancel: {
      sleeper.cancel()
    }
    if sleeper.isCancelled { throw CancellationError() }
  }

  /// Suspends the calling task for `duration`, from any thread.
  /// - Throws: `CancellationError` at once when the task is cancelled.
  public func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: now + duration)
  }

  /// Runs `body` on the loop's thread: at once when this is it.
  func performOnLoop(_ body: @escaping @Sendable () -> Void) {
    if isOnLoop {
      body()
    } else {
      post(body)
    }
  }
}

/// One sleeping task.
private final class Sleeper: Sendable {
  private enum State {
    case awake
    case asleep(CheckedContinuation<Void, Never>, TimerID?)
    case woken
    case cancelled
  }

  private let loop: EventLoop
  private let state = Mutex(State.awake)

  init(on loop: EventLoop) {
    self.loop = loop
  }

  var isCancelled: Bool {
    state.withLock { if case .cancelled = $0 { true } else { false } }
  }

  func sleep(until deadline: Timestamp, _ continuation: CheckedContinuation<Void, Never>) {
    let isTooLate = state.withLock { state in
      if case .cancelled = state { return true }
      state = .asleep(continuation, nil)
      return false
    }
    guard !isTooLate else { return continuation.resume() }
    loop.performOnLoop { self.setTimer(deadline) }
  }

  private func setTimer(_ deadline: Timestamp) {
    let timer = loop.schedule(at: deadline) { self.wake() }
    let isAsleep = state.withLock { state in
      guard case .asleep(let continuation, _) = state else { return false }
      state = .asleep(continuation, timer)
      return true
    }
    if !isAsleep { loop.cancel(timer) }
  }

  private func wake() {
    let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard case .asleep(let continuation, _) = state else { return nil }
      state = .woken
      return continuation
    }
    continuation?.resume()
  }

  func cancel() {
    let asleep: (CheckedContinuation<Void, Never>, TimerID?)? = state.withLock { state in
      defer { if case .woken = state {} else { state = .cancelled } }
      guard case .asleep(let continuation, let timer) = state else { return nil }
      return (continuation, timer)
    }
    guard let (continuation, timer) = asleep else { return }
    if let timer {
      let loop = loop
      loop.performOnLoop { loop.cancel(timer) }
    }
    continuation.resume()
  }
}
