// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// One sensor: its description, what it last said, and its last ten minutes.
public struct Sensor: Sendable {
  /// What is known of it now.
  public enum State: Equatable, Sendable {
    /// Nothing has come yet.
    case waiting
    /// Its value.
    case value(Double)
    /// It could not be read, and why.
    case failed(String)
    /// Whoever pushes it has fallen silent.
    case stale
  }

  /// What a value came by.
  public enum Origin: Equatable, Sendable {
    /// Read by us.
    case read
    /// Pushed by another program.
    case pushed
  }

  /// Name, label and unit.
  public internal(set) var description: SensorDescription
  /// What its values come by.
  public let origin: Origin
  /// What is known of it now.
  public internal(set) var state = State.waiting
  /// The last ten minutes.
  public internal(set) var history = SensorHistory()
  /// Whether the state has changed since it was last told.
  var isChanged = true
  /// When something last came.
  var updated: Timestamp
  /// How long lay between the last two; `nil` before the second.
  var interval: Duration?

  init(_ description: SensorDescription, _ origin: Origin, at now: Timestamp) {
    self.description = description
    self.origin = origin
    updated = now
  }

  /// When a pushed sensor counts as silent: after three times the time between its last two values, at
  /// least 30 s and at most an hour; after its only value, five minutes.
  var staleDeadline: Timestamp? {
    guard origin == .pushed, state != .stale else { return nil }
    guard let interval else { return updated + .seconds(300) }
    return updated + min(max(interval * 3, .seconds(30)), .seconds(3600))
  }
}
