// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// A signal that a person or a service manager sends to the process.
public enum ProcessSignal: Int32, Hashable, Sendable {
  /// SIGHUP: read the configuration again.
  case hangup = 1
  /// SIGINT: Control-C.
  case interrupt = 2
  /// SIGUSR1.
  case user1 = 10
  /// SIGUSR2.
  case user2 = 12
  /// SIGTERM: end in good order.
  case terminate = 15
}

extension EventLoop {
  /// Runs `body` on the loop whenever the process receives `signal`, in place of its usual effect.
  ///
  /// Loop thread only.
  ///
  /// Signals belong to the process: one loop at a time should listen for them. Child processes start
  /// with the usual effects.
  /// - Throws: `EventLoopError.system` when there is no descriptor left.
  public func onSignal(
    _ signal: ProcessSignal,
    _ body: @escaping () -> Void
  ) throws(EventLoopError) {
    requireLoop()
    if signalWatch == nil {
      let descriptor = clinux_signals_open()
      guard descriptor >= 0 else { throw .system(action: "create a pipe", code: -descriptor) }
      signalWatch = try watch(descriptor, .readable) { [unowned self] _ in
        takeSignals(descriptor)
      }
    }
    signalBodies[signal] = body
    let code = clinux_signals_catch(signal.rawValue)
    guard code == 0 else { throw .system(action: "catch signal \(signal)", code: -code) }
  }

  private func takeSignals(_ descriptor: Int32) {
    while let signal = ProcessSignal(rawValue: clinux_signals_take(descriptor)) {
      signalBodies[signal]?()
    }
  }
}
