// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// A job that the runtime has given to nobody in particular.
///
/// Its pointer is only ever handed back to the runtime, once.
@safe
struct GlobalJob: @unchecked Sendable {
  fileprivate let pointer: UnsafeMutableRawPointer

  /// Runs the job on the calling thread.
  func run() {
    unsafe clinux_run_job(pointer)
  }
}

extension EventLoop {
  /// Makes every task of the process run on this loop, as its main executor.
  ///
  /// `Task`, `Task.detached`, task groups and default actors then land on the loop, and the main
  /// actor becomes an actor of the loop. For programs whose main thread ends in ``run()``: the
  /// runtime's own threads are then never started. It holds for the life of the process and keeps
  /// the loop alive; call it once, on the thread that will run the loop, before the first task is
  /// made. Use ``sleep(for:)``: the runtimes of Swift 6.2 and 6.3 time `Task.sleep` on threads of their own
  /// without asking.
  public func adoptGlobalTasks() {
    requireLoop()
    _ = unsafe Unmanaged.passRetained(self)
    let reference = unsafe unsafeBitCast(
      asUnownedSerialExecutor(),
      to: (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?).self
    )
    unsafe clinux_adopt_tasks(reference.0, reference.1, enqueueGlobalJob)
  }
}

private func enqueueGlobalJob(
  _ context: UnsafeMutableRawPointer?,
  _ job: UnsafeMutableRawPointer?
) {
  guard let context = unsafe context, let job = unsafe job else { return }
  let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
  loop.put(.globalTask(unsafe GlobalJob(pointer: job)))
}
