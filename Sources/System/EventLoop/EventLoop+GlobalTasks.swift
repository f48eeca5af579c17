// SPDX-License-Identifier: Apache-2.0
private import CLinux
private import Wire

/// A job that the runtime has given to nobody in particular, or to the main actor.
///
/// Its pointer is only ever handed back to the runtime, once.
@safe
struct GlobalJob: @unchecked Sendable {
  fileprivate let pointer: UnsafeMutableRawPointer
  fileprivate let isMain: Int32

  /// Runs the job on the calling thread.
  func run() {
    unsafe clinux_run_job(pointer, isMain)
  }
}

extension EventLoop {
  /// Makes every task of the process run on this loop: `Task`, `Task.detached`, task groups,
  /// `Task.sleep`, and the main actor.
  ///
  /// For programs whose main thread ends in ``run()``: the runtime's own threads are then never
  /// started. It holds for the life of the process and keeps the loop alive; call it once, on the
  /// thread that will run the loop, before the first task is made.
  public func adoptGlobalTasks() {
    requireLoop()
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    unsafe clinux_adopt_tasks(context, enqueueGlobalJob, enqueueGlobalJobLater)
  }
}

private func enqueueGlobalJob(
  _ context: UnsafeMutableRawPointer?,
  _ job: UnsafeMutableRawPointer?,
  _ isMain: Int32
) {
  guard let context = unsafe context, let job = unsafe job else { return }
  let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
  loop.put(.globalTask(unsafe GlobalJob(pointer: job, isMain: isMain)))
}

private func enqueueGlobalJobLater(
  _ context: UnsafeMutableRawPointer?,
  _ job: UnsafeMutableRawPointer?,
  _ nanoseconds: Int64
) {
  guard let context = unsafe context, let job = unsafe job else { return }
  let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
  let global = unsafe GlobalJob(pointer: job, isMain: 0)
  let deadline = loop.now + .nanoseconds(nanoseconds)
  loop.performOnLoop { loop.schedule(at: deadline) { loop.put(.globalTask(global)) } }
}
