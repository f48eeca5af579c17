// SPDX-License-Identifier: Apache-2.0
internal import Board

extension Option {
  /// Sensors, and the values of other programs.
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
      help: "the Unix socket at which other programs push values",
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
      help: "the group that may push values too",
      more: "Its members must be able to reach the socket's directory.",
      apply: { (value, settings) throws(ValueFault) in
        guard !value.isEmpty else { throw ValueFault("needs the name of a group") }
        settings.socketGroup = value
      }
    ),
  ]
}
