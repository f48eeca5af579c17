// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

extension Option {
  /// Every option, in the order of the help.
  static let all: [Option] =
    networkAddress + camera + video + sound + network + access + board + program

  private static let networkAddress = [
    Option(
      "listen",
      "HOST:PORT",
      table: "network",
      standard: "[::]:8080",
      value: "[::]:8080",
      help: "address of the page; [::] is every address of both families",
      more: "127.0.0.1:8080 serves this machine only, and port 0 is any that is free.",
      apply: { (value, settings) throws(ValueFault) in
        settings.listen = try OptionValue.listen(value)
      }
    ),
    Option(
      "udp-port",
      "N",
      .number,
      table: "network",
      standard: "any free",
      value: "0",
      commands: [.serve, .call],
      help: "the one UDP port that carries all viewers' pictures",
      more: "A firewall must let it pass; 0 is any that is free.",
      apply: { (value, settings) throws(ValueFault) in
        settings.udpPort = UInt16(try OptionValue.number(value, in: 0...65535))
      }
    ),
  ]

  private static let camera = [
    Option(
      "camera",
      "WHAT",
      table: "camera",
      key: "source",
      standard: "first found, else test",
      commands: [.serve, .call],
      help: "test | /dev/videoN | file:PATH (.y4m, .h264; - for standard input) | none",
      more: "`porthole devices` lists the cameras.",
      apply: { (value, settings) throws(ValueFault) in
        settings.camera = try OptionValue.camera(value)
      }
    ),
    Option(
      "size",
      "WxH",
      table: "camera",
      standard: "1280x720",
      value: "1280x720",
      commands: [.serve, .call],
      help: "picture size; the camera's nearest is taken",
      apply: { (value, settings) throws(ValueFault) in
        settings.size = try OptionValue.size(value)
      }
    ),
    Option(
      "rate",
      "N",
      .number,
      table: "camera",
      standard: "30",
      value: "30",
      commands: [.serve, .call],
      help: "pictures per second",
      apply: { (value, settings) throws(ValueFault) in
        settings.rate = .init(try OptionValue.number(value, in: 1...240))
      }
    ),
  ]

  private static let video = [
    Option(
      "bitrate",
      "N",
      .quantity,
      table: "video",
      standard: "2M",
      value: "2M",
      commands: [.serve, .call],
      help: "bits per second of the picture, such as 800k or 2.5M",
      more: "In the file a number of bits, or such a text.",
      apply: { (value, settings) throws(ValueFault) in
        settings.bitrate = try OptionValue.bitrate(value)
      }
    ),
    Option(
      "encoder",
      "WHICH",
      table: "video",
      standard: "auto",
      value: "auto",
      commands: [.serve, .call],
      help: "auto | x264",
      apply: { (value, settings) throws(ValueFault) in
        guard let choice = EncoderChoice(rawValue: value) else {
          throw ValueFault("knows auto and x264, not \"\(value)\"")
        }
        settings.encoder = choice
      }
    ),
    Option(
      "preset",
      "P",
      table: "video",
      standard: "ultrafast",
      value: "ultrafast",
      commands: [.serve, .call],
      help: "x264's preset, ultrafast to medium: slower looks better and costs more",
      apply: { (value, settings) throws(ValueFault) in
        let known = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]
        guard known.contains(value) else {
          throw ValueFault("knows \(known.joined(separator: ", ")), not \"\(value)\"")
        }
        settings.preset = value
      }
    ),
    Option(
      "threads",
      "N",
      .number,
      table: "video",
      standard: "1",
      value: "1",
      commands: [.serve, .call],
      help: "threads of the encoder",
      apply: { (value, settings) throws(ValueFault) in
        settings.threads = try OptionValue.number(value, in: 1...16)
      }
    ),
  ]

  private static let network = [
    Option(
      "interface",
      "NAME",
      .list,
      table: "network",
      standard: "all",
      commands: [.serve, .call],
      help: "offer the picture on this network interface only (repeatable)",
      clear: { $0.interfaces = [] },
      apply: { (value, settings) throws(ValueFault) in
        settings.interfaces.append(value)
      }
    ),
    Option(
      "tls",
      "WHICH",
      table: "network",
      standard: "auto",
      value: "auto",
      help: "off | auto | CERT,KEY: HTTPS beside HTTP, by an own authority or by these files",
      more:
        "Both come in by the port of `--listen`, and watching by HTTP goes on. With `auto` the page "
        + "`/trust` says how a browser comes to believe this board. Files are PEM, CERT with the whole "
        + "chain, and are read again when they change.",
      apply: { (value, settings) throws(ValueFault) in
        settings.tls = try TLSChoice(value)
      }
    ),
    Option(
      "ca",
      "FILE",
      table: "network",
      standard: "the system's",
      commands: .call,
      help: "who may have signed the certificate of a wss: address, such as a Porthole's ca.crt",
      more: "PEM, one certificate or many.",
      apply: { (value, settings) throws(ValueFault) in
        guard !value.isEmpty else { throw ValueFault("needs the path of a file") }
        settings.authorities = value
      }
    ),
  ]

  private static let access = [
    Option(
      "token",
      "TEXT|none",
      table: "access",
      standard: "kept in the state directory",
      isSecret: true,
      help: "what a viewer must know; none lets everyone on the network watch",
      more: "8 to 128 letters, digits, - and _. Made at the first start where none is given.",
      apply: { (value, settings) throws(ValueFault) in
        settings.token = try OptionValue.token(value)
      }
    ),
    Option(
      "control-token",
      "TEXT|none",
      table: "access",
      standard: "kept in the state directory",
      isSecret: true,
      help: "what one must know to control, not only to watch; it opens all that --token does",
      more:
        "Made as the other is. `none` lets everyone control, and is refused unless `token` is `none` "
        + "too; to let every viewer control, give both the same text.",
      apply: { (value, settings) throws(ValueFault) in
        settings.controlToken = try OptionValue.token(value)
      }
    ),
    Option(
      "allow-origin",
      "ORIGIN",
      .list,
      table: "access",
      standard: "none",
      help: "let pages of this origin watch too, such as https://example.org (repeatable)",
      clear: { $0.allowedOrigins = [] },
      apply: { (value, settings) throws(ValueFault) in
        settings.allowedOrigins.append(try OptionValue.origin(value))
      }
    ),
  ]

  private static let program = [
    Option(
      "config",
      "FILE|none",
      standard: "/etc/porthole/porthole.toml, else the user's",
      commands: [.serve, .call, .publish],
      help: "the configuration file; flags win over what it says",
      more: "Without it `/etc/porthole/porthole.toml` is read if it exists, and else "
        + "`porthole/porthole.toml` in `$XDG_CONFIG_HOME` or `~/.config`: one file, never two. "
        + "`none` reads no file.",
      apply: { (value, settings) throws(ValueFault) in
        guard !value.isEmpty else { throw ValueFault("needs the path of a file, or the word none") }
        settings.configurationPath = value
      }
    ),
    Option(
      "state",
      "DIR",
      table: "",
      standard: "the user's state directory",
      commands: [.serve, .call, .publish],
      help: "where the tokens and the certificates are kept",
      more:
        "By default `$STATE_DIRECTORY`, which systemd sets, or `porthole` in `$XDG_STATE_HOME` or "
        + "`~/.local/state`.",
      apply: { (value, settings) throws(ValueFault) in
        guard !value.isEmpty else { throw ValueFault("needs the path of a directory") }
        settings.stateDirectory = value
      }
    ),
    Option(
      "log-level",
      "LEVEL",
      table: "",
      standard: "info",
      value: "info",
      commands: [.serve, .call],
      help: "debug | info | warning | error",
      apply: { (value, settings) throws(ValueFault) in
        guard let level = LogLevel(rawValue: value) else {
          throw ValueFault("knows debug, info, warning and error, not \"\(value)\"")
        }
        settings.logLevel = level
      }
    ),
  ]
}
