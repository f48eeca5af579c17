// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Telemetry

/// A line at the Unix socket that rings: `{"ring":"Front door"}`, and `"wait":true` to be told the outcome.
public struct RingRequest: Equatable, Sendable {
  /// Who rings, for people; may be empty.
  public let name: String
  /// Whether the outcome is waited for.
  public let waits: Bool

  /// Creates the request of who is called `name`.
  public init(name: String, waits: Bool) {
    self.name = TelemetryText.plain(name, limit: BoardBell.maximumName)
    self.waits = waits
  }

  /// Reads a line without its end; `nil` when it does not ring.
  init?(parsing line: [UInt8]) {
    let limits = JSONLimits(bytes: PushedValue.maximumLine, depth: 2)
    guard let object = (try? JSONValue(parsing: line, limits: limits))?.object,
      let name = object["ring"]
    else { return nil }
    self.init(name: name.string ?? "", waits: object["wait"]?.bool ?? false)
  }

  /// The line, with its end.
  public var line: [UInt8] {
    var object: JSONObject = ["ring": .string(name)]
    if waits { object["wait"] = true }
    return JSONValue.object(object).utf8 + [UInt8(ascii: "\n")]
  }
}
