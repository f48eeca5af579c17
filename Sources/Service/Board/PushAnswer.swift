// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Telemetry

/// Why a pushed line was not taken, as it travels back to the program that pushed it.
public struct PushAnswer: Sendable, CustomStringConvertible {
  /// The reason, in a sentence.
  public let description: String

  init(_ reason: String) {
    description = reason
  }

  /// Reads the first line of `bytes`; `nil` when it is no answer.
  public init?(parsing bytes: [UInt8]) {
    let line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    guard let reason = (try? JSONValue(parsing: line))?["error"]?.string else { return nil }
    description = reason
  }

  var line: [UInt8] {
    JSONValue.object(["error": .string(description)]).utf8 + [UInt8(ascii: "\n")]
  }

  /// The line that pushes `value` of the sensor `name`; `nil` when it is no name.
  public static func push(name: String, value: Double, unit: String) -> [UInt8]? {
    SensorDescription(name: name, unit: unit).map {
      PushedValue($0, .value(value)).line + [UInt8(ascii: "\n")]
    }
  }
}
