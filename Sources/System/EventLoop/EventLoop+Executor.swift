// SPDX-License-Identifier: Apache-2.0

/// An actor that runs on an event loop.
///
/// Naming the loop is all it takes: `actor Camera: EventLoopActor { nonisolated let loop: EventLoop }`.
/// Handlers that the loop calls (of timers, sockets, signals) may enter such an actor at once by
/// `assumeIsolated`.
public protocol EventLoopActor: Actor {
  /// The loop on whose thread the actor runs.
  nonisolated var loop: EventLoop { get }
}

extension EventLoopActor {
  /// The loop, as the runtime wants to hear it.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe loop.asUnownedSerialExecutor()
  }
}

extension EventLoop {
  /// Takes a job of one of the loop's actors, from any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    put(.task(UnownedJob(job)))
  }

  /// The loop, as the runtime wants to hear it.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// Traps unless the calling thread is the loop's.
  public func checkIsolated() {
    precondition(isOnLoop, "this code must run on the event loop's thread")
  }

  /// Whether the calling thread is the loop's.
  public func isIsolatingCurrentContext() -> Bool? {
    isOnLoop
  }

  func runTask(_ job: UnownedJob) {
    unsafe job.runSynchronously(on: asUnownedSerialExecutor())
  }
}
