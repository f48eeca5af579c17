// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// Where values are pushed and bells rung unless somebody says otherwise.
enum SocketPlace {
  /// What asking comes to.
  enum Outcome {
    /// Everything that was answered.
    case answered([UInt8])
    /// Why nobody was asked, in a sentence that says what to do.
    case failed(String)
  }

  /// The name of the socket in its directory.
  static let name = "publish.sock"

  /// The socket of a program that serves.
  static func path(_ settings: Settings, _ state: StateDirectory) -> String {
    if let socket = settings.socket { return socket }
    let runtime = LocalProcess.environment("RUNTIME_DIRECTORY")
    return "\(runtime ?? state.path)/\(name)"
  }

  /// The socket that was asked for; else systemd's, that of a service, and that of the state directory.
  static func all(_ settings: Settings) -> [String] {
    if let socket = settings.socket { return [socket] }
    var places: [String] = []
    if settings.stateDirectory == nil {
      if let runtime = LocalProcess.environment("RUNTIME_DIRECTORY") {
        places.append("\(runtime)/\(name)")
      }
      places.append("/run/porthole/\(name)")
    }
    if let state = try? StateDirectory(settings.stateDirectory) {
      places.append("\(state.path)/\(name)")
    }
    return places
  }

  /// Says `line` at the first of `places` where somebody listens, and waits at most so many seconds for what
  /// is answered.
  static func ask(_ places: [String], _ line: [UInt8], seconds: Int = 5) -> Outcome {
    for place in places {
      do throws(LocalSocketError) {
        return .answered(try LocalExchange.ask(place, line, limit: 4096, seconds: seconds))
      } catch .nobody {
        continue
      } catch .forbidden(let path) {
        return .failed(
          "this user may not use \(path): be in the group that --socket-group of the running "
            + "porthole names, or be the user who runs it"
        )
      } catch {
        return .failed(error.description)
      }
    }
    return .failed(
      "no porthole listens at \(places.joined(separator: " or ")): start one, or say where it does "
        + "with --socket PATH or --state DIR"
    )
  }
}
