// SPDX-License-Identifier: Apache-2.0
public import Wire

/// All sensors with what is known of them, and which of it is still to be told.
///
/// A value: whoever reads sensors puts in what came, whoever tells it takes messages out
/// (`SensorTable+Messages.swift`).
public struct SensorTable: Sendable {
  /// Most sensors in all.
  public static let maximumSensors = 64
  /// Most of them that other programs push.
  public static let maximumPushed = 32
  /// Most bytes of the reason why a sensor failed.
  public static let maximumReason = 96
  /// How long a pushed sensor that fell silent is still listed.
  static let forgetTime = Duration.seconds(3600)

  /// The sensors, in the order in which they came.
  public internal(set) var sensors: [Sensor] = []
  /// Changes with the list of sensors.
  public private(set) var revision = 1
  /// What was refused of other programs, since the start.
  public private(set) var refused: UInt64 = 0

  /// Creates an empty table.
  public init() {}

  /// Adds a sensor that we read; `false` when its name is taken or the table is full.
  public mutating func add(_ description: SensorDescription, at now: Timestamp) -> Bool {
    guard sensors.count < Self.maximumSensors, index(of: description.name) == nil else {
      return false
    }
    sensors.append(Sensor(description, .read, at: now))
    revision += 1
    return true
  }

  /// Takes a value of the sensor `name` that we read; a number that is none is a failure.
  public mutating func record(_ value: Double, of name: String, at now: Timestamp) {
    guard let index = index(of: name) else { return }
    guard value.isFinite else { return set(.failed("its value is no number"), index, at: now) }
    set(.value(TelemetryText.short(value)), index, at: now)
  }

  /// Takes the reason why the sensor `name` could not be read.
  public mutating func record(failure: String, of name: String, at now: Timestamp) {
    guard let index = index(of: name) else { return }
    set(.failed(TelemetryText.plain(failure, limit: Self.maximumReason)), index, at: now)
  }

  /// Takes what another program pushed; answers why not, in a sentence for its author.
  public mutating func push(_ pushed: PushedValue, at now: Timestamp) -> String? {
    let refusal = take(pushed, at: now)
    if refusal != nil { refused &+= 1 }
    return refusal
  }

  /// Counts a line that was no value at all, or one too many.
  public mutating func countRefused() {
    refused &+= 1
  }

  private mutating func take(_ pushed: PushedValue, at now: Timestamp) -> String? {
    let name = pushed.description.name
    if let index = index(of: name) {
      guard sensors[index].origin == .pushed else {
        return "\(name) is one of the board's own sensors: choose another name"
      }
      if sensors[index].description != pushed.description {
        sensors[index].description = pushed.description
        revision += 1
      }
      sensors[index].interval = now - sensors[index].updated
      set(Sensor.State(pushed.reading), index, at: now)
      return nil
    }
    if sensors.lazy.filter({ $0.origin == .pushed }).count >= Self.maximumPushed
      || sensors.count >= Self.maximumSensors
    {
      // Whoever has been silent longest gives way, if anybody has.
      let silent = sensors.indices.filter { sensors[$0].state == .stale }
      guard let oldest = silent.min(by: { sensors[$0].updated < sensors[$1].updated }) else {
        return "there are \(Self.maximumPushed) pushed sensors already, and no more are taken"
      }
      sensors.remove(at: oldest)
    }
    sensors.append(Sensor(pushed.description, .pushed, at: now))
    revision += 1
    set(Sensor.State(pushed.reading), sensors.count - 1, at: now)
    return nil
  }

  private mutating func set(_ state: Sensor.State, _ index: Int, at now: Timestamp) {
    sensors[index].updated = now
    if case .value(let value) = state { sensors[index].history.append(value, at: now) }
    guard sensors[index].state != state else { return }
    sensors[index].state = state
    sensors[index].isChanged = true
  }

  /// When ``advance(to:)`` has something to do; `nil` while no pushed sensor is there.
  public var deadline: Timestamp? {
    sensors.reduce(nil) { earliest, sensor in
      guard sensor.origin == .pushed else { return earliest }
      return earliest.earlier(sensor.staleDeadline ?? sensor.updated + Self.forgetTime)
    }
  }

  /// Marks pushed sensors that have fallen silent, and forgets those that have been for an hour.
  public mutating func advance(to now: Timestamp) {
    for index in sensors.indices {
      guard let deadline = sensors[index].staleDeadline, deadline <= now else { continue }
      sensors[index].state = .stale
      sensors[index].isChanged = true
    }
    let count = sensors.count
    sensors.removeAll { $0.state == .stale && $0.updated + Self.forgetTime <= now }
    if sensors.count != count { revision += 1 }
  }

  /// Whether there is something that has not been told.
  public var hasChanges: Bool { sensors.contains { $0.isChanged } }

  /// The sensor called `name`.
  public subscript(name: String) -> Sensor? {
    index(of: name).map { sensors[$0] }
  }

  private func index(of name: String) -> Int? {
    sensors.firstIndex { $0.description.name == name }
  }
}

extension Sensor.State {
  /// What a pushed line makes of its sensor.
  init(_ reading: PushedValue.Reading) {
    switch reading {
    case .value(let value): self = .value(TelemetryText.short(value))
    case .failed(let reason): self = .failed(reason)
    }
  }
}
