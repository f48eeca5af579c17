// SPDX-License-Identifier: Apache-2.0
internal import Board

extension Option {
  /// Sensors, the values of other programs, and the bell.
  static let board = [
    Option(
      "sensors",
      "WHICH",
      table: "sensors",
      key: "find",
      standard: "auto",
      value: "auto",
      help: "auto | none: look for the board's sensors, or take only those that are configured",
      more: "[Telemetry](telemetry.md) says which are found.",
      apply: { (value, settings) throws(ValueFault) in
        guard ["auto", "none"].contains(value) else {
          throw ValueFault("knows auto and none, not \"\(value)\"")
        }
        settings.board.findsSensors = value == "auto"
      }
    ),
    Option(
      "socket",
      "PATH",
      table: "sensors",
      standard: "publish.sock in the state directory",
      commands: [.serve, .publish],
      help: "the Unix socket at which other programs push values and ring",
      more:
        "By default `publish.sock` in `$RUNTIME_DIRECTORY`, which systemd sets, or in the state "
        + "directory.",
      apply: { (value, settings) throws(ValueFault) in
        guard value.utf8.first == UInt8(ascii: "/"), value.utf8.count <= 107 else {
          throw ValueFault("needs a whole path of at most 107 bytes")
        }
        settings.socket = value
      }
    ),
    Option(
      "socket-group",
      "NAME",
      table: "sensors",
      standard: "the program's own",
      help: "the group that may push values and ring too",
      more: "Its members must be able to reach the socket's directory.",
      apply: { (value, settings) throws(ValueFault) in
        guard !value.isEmpty else { throw ValueFault("needs the name of a group") }
        settings.socketGroup = value
      }
    ),
    Option(
      "ring-time",
      "SECONDS",
      .number,
      table: "bell",
      key: "time",
      standard: "30",
      value: "30",
      help: "how long the pages ring until a call counts as missed",
      more: "From 1 to 600. [The bell](bell.md) says who rings.",
      apply: { (value, settings) throws(ValueFault) in
        settings.board.ringTime = .seconds(try OptionValue.number(value, in: 1...600))
      }
    ),
  ]
}
