// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

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
      }
    } catch {
      Terminal.fail(error.description, code: 2)
    }
  }

  private static func serve(_ settings: Settings) {
    LocalProcess.economizeMemory()
    let loop: EventLoop
    do {
      loop = try EventLoop()
    } catch {
      Terminal.fail(error.description, code: 1)
    }
    loop.adoptGlobalTasks()
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
}
