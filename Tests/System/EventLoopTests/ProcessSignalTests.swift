// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Testing

@Suite struct ProcessSignalTests {
  @Test func `calls the loop instead of ending the process, and ignores broken pipes`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      exit(try runSignals())
    }
  }

  @Test func `hears a signal that whoever started the process had blocked`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      var all = sigset_t()
      unsafe sigfillset(&all)
      unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
      exit(try runSignals())
    }
  }
}

private func runSignals() throws -> Int32 {
  let loop = try EventLoop()
  var seen: [ProcessSignal] = []
  for signal in [ProcessSignal.hangup, .interrupt, .terminate] {
    try loop.onSignal(signal) {
      seen.append(signal)
      if signal == .terminate { loop.stop() }
    }
  }
  for number in [SIGHUP, SIGINT, SIGPIPE, SIGTERM] { kill(getpid(), number) }
  loop.run()
  return Set(seen) == [.hangup, .interrupt, .terminate] ? 42 : 1
}
