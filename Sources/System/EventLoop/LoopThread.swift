// SPDX-License-Identifier: Apache-2.0
private import CLinux

private final class ThreadBody {
  let run: () -> Void

  init(_ run: @escaping () -> Void) {
    self.run = run
  }
}

/// Starts a detached thread that runs `body`, with all signals blocked.
///
/// A nonisolated function on purpose: a closure written in `main` would inherit the main actor and
/// trap when another thread calls it.
func startThread(
  name: String,
  _ body: @escaping @Sendable () -> Void
) throws(EventLoopError) {
  let context = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
  let code = unsafe clinux_thread_start(name, beginThread, context)
  guard code == 0 else {
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
    throw .system(action: "start the thread \(name)", code: -code)
  }
}

private func beginThread(_ context: UnsafeMutableRawPointer?) {
  guard let context = unsafe context else { return }
  unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
}
