// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop

/// `porthole publish`: one value for the page of a running Porthole.
struct Publication: Sendable {
  /// The line that says it.
  let line: [UInt8]
  /// Where it may be said, in the order in which that is tried.
  let places: [String]

  /// Reads the words behind `publish`, and those of its options.
  init(_ words: [String], unit: String, _ settings: Settings) throws(UsageError) {
    guard words.count == 2 else {
      throw UsageError("What is to be published? porthole publish NAME VALUE --unit UNIT")
    }
    guard let value = Double(words[1]), value.isFinite else {
      throw UsageError("A value is a number such as 20.5, not \"\(words[1])\".")
    }
    guard let line = PushAnswer.push(name: words[0], value: value, unit: unit) else {
      throw UsageError(
        "\"\(words[0])\" is no name: it takes 1 to 32 letters, digits, '-', '_', '.' or ':'."
      )
    }
    self.line = line
    places = Self.places(settings)
  }

  /// The socket that was asked for; else systemd's, that of a service, and that of the state directory.
  private static func places(_ settings: Settings) -> [String] {
    if let socket = settings.socket { return [socket] }
    var places: [String] = []
    if settings.stateDirectory == nil {
      if let runtime = LocalProcess.environment("RUNTIME_DIRECTORY") {
        places.append("\(runtime)/\(SocketPlace.name)")
      }
      places.append("/run/porthole/\(SocketPlace.name)")
    }
    if let state = try? StateDirectory(settings.stateDirectory) {
      places.append("\(state.path)/\(SocketPlace.name)")
    }
    return places
  }

  /// Says it; answers why that failed, in a sentence that says what to do.
  func send() -> String? {
    for place in places {
      do throws(LocalSocketError) {
        let answer = try LocalExchange.ask(place, line, limit: 4096)
        return PushAnswer(parsing: answer).map { "not taken: \(Terminal.plain($0.description))" }
      } catch .nobody {
        continue
      } catch .forbidden(let path) {
        return "this user may not use \(path): be in the group that --socket-group of the running "
          + "porthole names, or be the user who runs it"
      } catch {
        return error.description
      }
    }
    return
      "no porthole takes values at \(places.joined(separator: " or ")): start one, or say where "
      + "it listens with --socket PATH or --state DIR"
  }
}

/// Where values are pushed unless somebody says otherwise.
enum SocketPlace {
  /// The name of the socket in its directory.
  static let name = "publish.sock"

  /// The socket of a program that serves.
  static func path(_ settings: Settings, _ state: StateDirectory) -> String {
    if let socket = settings.socket { return socket }
    let runtime = LocalProcess.environment("RUNTIME_DIRECTORY")
    return "\(runtime ?? state.path)/\(name)"
  }
}
