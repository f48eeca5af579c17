// SPDX-License-Identifier: Apache-2.0
internal import Telemetry

/// The names that sensors, outputs and actions may have.
enum BoardName {
  /// Whether `text` is such a name.
  static func isName(_ text: String) -> Bool { SensorDescription.isName(text) }
}
