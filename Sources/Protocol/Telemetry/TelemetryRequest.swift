// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// What a page asks for on the channel `telemetry`, because a message was lost.
public enum TelemetryRequest: Equatable, Sendable {
  /// The list of sensors.
  case sensors
  /// The history of the sensors with these names.
  case history([String])

  /// Reads a message; `nil` when it is none of these.
  ///
  /// `{"ask":"sensors"}` or `{"ask":"history","of":[NAME…]}`, of at most so many names as there may be
  /// sensors.
  public init?(parsing text: [UInt8]) {
    let limits = JSONLimits(bytes: 4096, depth: 2)
    guard let value = try? JSONValue(parsing: text, limits: limits) else { return nil }
    switch value["ask"]?.string {
    case "sensors": self = .sensors
    case "history":
      guard let names = value["of"]?.array, names.count <= SensorTable.maximumSensors else {
        return nil
      }
      self = .history(names.compactMap(\.string).filter(SensorDescription.isName))
    default: return nil
    }
  }
}
