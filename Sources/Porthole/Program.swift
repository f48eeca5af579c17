// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP

/// From the command line to an exit code: 0 done, 1 failed, 2 asked for wrongly; of a ring, 3 declined, 4
/// missed.
enum Program {
  static let version = "0.1.0"

  nonisolated static func run() {
    do throws(UsageError) {
      let words = Array(CommandLine.arguments.dropFirst())
      switch try Command(arguments: words, search: .system) {
      case .help: Terminal.print(Command.helpText)
      case .version: Terminal.print("porthole \(version)\n")
      case .devices: Terminal.print(DeviceList.text())
      case .reference: Terminal.print(OptionReference.text())
      case .config(let configuration, let showsSecrets):
        warn(of: configuration)
        Terminal.print(configuration.text(showsSecrets: showsSecrets))
      case .serve(let configuration): serve(configuration)
      case .call(let address, let configuration): call(address, configuration)
      case .ring(let ring):
        switch ring.ring() {
        case .done(let text): Terminal.print(text)
        case .failed(let reason, let code): Terminal.fail(reason, code: code)
        }
      case .publish(let publication):
        if let failure = publication.send() { Terminal.fail(failure, code: 1) }
      }
    } catch {
      Terminal.fail(error.description, code: 2)
    }
  }

  private static func serve(_ configuration: Configuration) {
    let loop = mainLoop(configuration)
    let server = Server(configuration.settings, on: loop)
    Task {
      do throws(StartError) {
        try await server.start()
      } catch {
        Terminal.fail(error.description, code: 1)
      }
    }
    withExtendedLifetime(server) { loop.run() }
  }

  private static func call(_ address: WebSocketURL, _ configuration: Configuration) {
    let loop = mainLoop(configuration)
    let caller = Caller(configuration.settings, to: address, on: loop)
    Task { await caller.start() }
    loop.run()
    guard let failure = caller.assumeIsolated({ $0.failure }) else { return }
    Terminal.fail(failure, code: 1)
  }

  /// The loop of this thread, with the tasks of the process; says which file is gone by.
  private static func mainLoop(_ configuration: Configuration) -> EventLoop {
    LocalProcess.economizeMemory()
    if let path = configuration.path {
      Log(level: configuration.settings.logLevel)(.info, "configuration: \(path)")
    }
    warn(of: configuration)
    let loop: EventLoop
    do {
      loop = try EventLoop()
    } catch {
      Terminal.fail(error.description, code: 1)
    }
    loop.adoptGlobalTasks()
    return loop
  }

  /// A token in a file that everybody can read is no secret.
  private static func warn(of configuration: Configuration) {
    guard let path = configuration.path, configuration.fileHoldsSecrets,
      LocalFile.isReadableByOthers(path)
    else { return }
    Log(level: configuration.settings.logLevel)(
      .warning,
      "\(path) holds a token and can be read by every user of this machine: chmod 600 \(path)"
    )
  }
}
