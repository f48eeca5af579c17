// SPDX-License-Identifier: Apache-2.0
public import JSON
public import Wire

/// The messages of the channel `telemetry` (docs/telemetry.md); none is longer than ``maximumMessage``.
extension SensorTable {
  /// Most bytes of a message.
  public static let maximumMessage = 16_000

  /// The list of sensors: `{"sensors":[{"name":…,"label":…,"unit":…}…],"revision":…}`.
  public var listMessage: JSONValue {
    let rows = sensors.map { sensor -> JSONValue in
      [
        "name": .string(sensor.description.name), "label": .string(sensor.description.label),
        "unit": .string(sensor.description.unit),
      ]
    }
    return ["sensors": .array(rows), "revision": .integer(Int64(revision))]
  }

  /// What the sensors say: all of them, or those whose state has not been told yet.
  ///
  /// `{"time":…,"revision":…,"values":{NAME:NUMBER…},"failed":{NAME:REASON…},"stale":[NAME…]}`; parts
  /// that would be empty are left out.
  public func valuesMessage(ofAll isWhole: Bool, at time: WallClock) -> JSONValue {
    var values: [JSONObject.Member] = []
    var failed: [JSONObject.Member] = []
    var stale: [JSONValue] = []
    for sensor in sensors where isWhole || sensor.isChanged {
      let name = sensor.description.name
      switch sensor.state {
      case .waiting: break
      case .value(let value): values.append(.init(name, Self.number(value)))
      case .failed(let reason): failed.append(.init(name, .string(reason)))
      case .stale: stale.append(.string(name))
      }
    }
    var members: [JSONObject.Member] = [
      .init("time", Self.milliseconds(time)), .init("revision", .integer(Int64(revision))),
    ]
    if !values.isEmpty { members.append(.init("values", .object(JSONObject(values)))) }
    if !failed.isEmpty { members.append(.init("failed", .object(JSONObject(failed)))) }
    if !stale.isEmpty { members.append(.init("stale", .array(stale))) }
    return .object(JSONObject(members))
  }

  /// Takes all states as told.
  public mutating func settleChanges() {
    for index in sensors.indices { sensors[index].isChanged = false }
  }

  /// The last ten minutes of the sensor `name`; `nil` when there is none.
  ///
  /// `{"history":NAME,"end":…,"step":1000,"values":[NUMBER or null…]}`: the last value is that of `end`.
  public func historyMessage(of name: String, at now: Timestamp, time: WallClock) -> JSONValue? {
    guard let sensor = self[name] else { return nil }
    let values = sensor.history.values(until: now).map { value -> JSONValue in
      value.map { Self.number(TelemetryText.short(Double($0))) } ?? .null
    }
    return [
      "history": .string(name), "end": Self.milliseconds(time), "step": 1000,
      "values": .array(values),
    ]
  }

  private static func milliseconds(_ time: WallClock) -> JSONValue {
    .integer(time.unixNanoseconds / 1_000_000)
  }

  private static func number(_ value: Double) -> JSONValue {
    if value.rounded() == value, abs(value) < 0x1p53 { return .integer(Int64(value)) }
    return .number(value)
  }
}
