// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// What is wrong with a command line, in one sentence that says what to do.
struct UsageError: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// One row of the table from which the flags and `--help` are made.
struct Option: Sendable {
  /// The long name, without dashes.
  let name: String
  /// What stands for the value in the help.
  let placeholder: String
  /// The default as the help shows it.
  let standard: String
  /// One line of help.
  let help: String
  /// Reads a value into the settings.
  let apply: @Sendable (_ value: String, _ settings: inout Settings) throws(UsageError) -> Void
}

extension Option {
  /// Every option, in the order of the help.
  static let all: [Option] = [
    Option(
      name: "listen",
      placeholder: "HOST:PORT",
      standard: "[::]:8080",
      help: "address of the page; [::] is every address of both families",
      apply: { (value, settings) throws(UsageError) in
        settings.listen = try OptionValue.listen(value)
      }
    ),
    Option(
      name: "udp-port",
      placeholder: "N",
      standard: "any free",
      help: "the one UDP port that carries all viewers' pictures",
      apply: { (value, settings) throws(UsageError) in
        settings.udpPort = UInt16(try OptionValue.number(value, "udp-port", in: 0...65535))
      }
    ),
    Option(
      name: "camera",
      placeholder: "WHAT",
      standard: "first found, else test",
      help: "test | /dev/videoN | file:PATH (.y4m, .h264; - for standard input) | none",
      apply: { (value, settings) throws(UsageError) in
        settings.camera = try OptionValue.camera(value)
      }
    ),
    Option(
      name: "size",
      placeholder: "WxH",
      standard: "1280x720",
      help: "picture size; the camera's nearest is taken",
      apply: { (value, settings) throws(UsageError) in
        settings.size = try OptionValue.size(value)
      }
    ),
    Option(
      name: "rate",
      placeholder: "N",
      standard: "30",
      help: "pictures per second",
      apply: { (value, settings) throws(UsageError) in
        settings.rate = .init(try OptionValue.number(value, "rate", in: 1...240))
      }
    ),
    Option(
      name: "bitrate",
      placeholder: "N",
      standard: "2M",
      help: "bits per second of the picture, such as 800k or 2.5M",
      apply: { (value, settings) throws(UsageError) in
        settings.bitrate = try OptionValue.bitrate(value)
      }
    ),
    Option(
      name: "encoder",
      placeholder: "WHICH",
      standard: "auto",
      help: "auto | x264",
      apply: { (value, settings) throws(UsageError) in
        guard let choice = EncoderChoice(rawValue: value) else {
          throw UsageError("--encoder knows auto and x264, not \"\(value)\".")
        }
        settings.encoder = choice
      }
    ),
    Option(
      name: "preset",
      placeholder: "P",
      standard: "ultrafast",
      help: "x264's preset, ultrafast to medium: slower looks better and costs more",
      apply: { (value, settings) throws(UsageError) in
        let known = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]
        guard known.contains(value) else {
          throw UsageError(
            "--preset knows \(known.joined(separator: ", ")); \"\(value)\" is none of them."
          )
        }
        settings.preset = value
      }
    ),
    Option(
      name: "threads",
      placeholder: "N",
      standard: "1",
      help: "threads of the encoder",
      apply: { (value, settings) throws(UsageError) in
        settings.threads = try OptionValue.number(value, "threads", in: 1...16)
      }
    ),
    Option(
      name: "interface",
      placeholder: "NAME",
      standard: "all",
      help: "offer the picture on this network interface only (repeatable)",
      apply: { (value, settings) throws(UsageError) in
        settings.interfaces.append(value)
      }
    ),
    Option(
      name: "token",
      placeholder: "TEXT|none",
      standard: "kept in the state directory",
      help: "what a viewer must know; none lets everyone on the network watch",
      apply: { (value, settings) throws(UsageError) in
        settings.token = try OptionValue.token(value)
      }
    ),
    Option(
      name: "allow-origin",
      placeholder: "ORIGIN",
      standard: "none",
      help: "let pages of this origin watch too, such as https://example.org (repeatable)",
      apply: { (value, settings) throws(UsageError) in
        settings.allowedOrigins.append(try OptionValue.origin(value))
      }
    ),
    Option(
      name: "state",
      placeholder: "DIR",
      standard: "the user's state directory",
      help: "where the token and the certificate are kept",
      apply: { (value, settings) throws(UsageError) in
        guard !value.isEmpty else { throw UsageError("--state needs the path of a directory.") }
        settings.stateDirectory = value
      }
    ),
    Option(
      name: "log-level",
      placeholder: "LEVEL",
      standard: "info",
      help: "debug | info | warning | error",
      apply: { (value, settings) throws(UsageError) in
        guard let level = LogLevel(rawValue: value) else {
          throw UsageError("--log-level knows debug, info, warning and error, not \"\(value)\".")
        }
        settings.logLevel = level
      }
    ),
  ]
}
