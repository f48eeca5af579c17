// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP

/// From the command line to an exit code: 0 done, 1 failed, 2 asked for wrongly.
enum Program {
  static let version = "0.1.0"

  nonisolated static func run() {
    do throws(UsageError) {
      switch try Command(arguments: Array(CommandLine.arguments.dropFirst())) {
      case .help: Terminal.print(Command.helpText)
      case .version: Terminal.print("porthole \(version)\n")
      case .devices: Terminal.print(DeviceList.text())
      case .serve(let settings): serve(settings)
      case .call(let address, let settings): call(address, settings)
      }
    } catch {
      Terminal.fail(error.description, code: 2)
    }
  }

  private static func serve(_ settings: Settings) {
    let loop = mainLoop()
    let server = Server(settings, on: loop)
    Task {
      do throws(StartError) {
        try await server.start()
      } catch {
        Terminal.fail(error.description, code: 1)
      }
    }
    withExtendedLifetime(server) { loop.run() }
  }

  private static func call(_ address: WebSocketURL, _ settings: Settings) {
    let loop = mainLoop()
    let caller = Caller(settings, to: address, on: loop)
    Task { await caller.start() }
    loop.run()
    guard let failure = caller.assumeIsolated({ $0.failure }) else { return }
    Terminal.fail(failure, code: 1)
  }

  /// The loop of this thread, with the tasks of the process.
  private static func mainLoop() -> EventLoop {
    LocalProcess.economizeMemory()
    let loop: EventLoop
    do {
      loop = try EventLoop()
    } catch {
      Terminal.fail(error.description, code: 1)
    }
    loop.adoptGlobalTasks()
    return loop
  }
}
