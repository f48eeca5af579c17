// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// One line of another program: `{"name":…,"value":…,"unit":…,"label":…}`, or `"error":…` in the place of
/// the value.
public struct PushedValue: Equatable, Sendable {
  /// What the line says of its sensor.
  public enum Reading: Equatable, Sendable {
    /// Its value.
    case value(Double)
    /// Why it has none.
    case failed(String)
  }

  /// Most bytes of a line.
  public static let maximumLine = 1024

  /// Name, label and unit.
  public let description: SensorDescription
  /// The value, or why there is none.
  public let reading: Reading

  /// Creates the line of a sensor.
  public init(_ description: SensorDescription, _ reading: Reading) {
    self.description = description
    self.reading = reading
  }

  /// Reads a line without its end.
  ///
  /// - Throws: what is wrong with it.
  public init(parsing line: [UInt8]) throws(PushedLineError) {
    let object: JSONObject
    do {
      let limits = JSONLimits(bytes: Self.maximumLine, depth: 2)
      guard let members = try JSONValue(parsing: line, limits: limits).object else {
        throw PushedLineError("a line is a JSON object such as {\"name\":\"tank\",\"value\":20.5}")
      }
      object = members
    } catch let error as JSONError {
      throw PushedLineError(error.description)
    } catch let error as PushedLineError {
      throw error
    } catch {
      throw PushedLineError("the line cannot be read")
    }
    let known = ["name", "value", "unit", "label", "error"]
    if let stranger = object.members.first(where: { !known.contains($0.name) }) {
      let name = TelemetryText.plain(stranger.name, limit: SensorDescription.maximumName)
      throw PushedLineError("there is no member '\(name)', only name, value, unit, label and error")
    }
    guard let name = object["name"]?.string,
      let description = SensorDescription(
        name: name,
        label: try Self.text(object["label"], "label"),
        unit: try Self.text(object["unit"], "unit") ?? ""
      )
    else {
      throw PushedLineError("a name is 1 to 32 letters, digits, '-', '_', '.' or ':'")
    }
    self.description = description
    switch (object["value"], object["error"]) {
    case (let value?, nil):
      guard let number = value.number else {
        throw PushedLineError("the value of \(name) is no number")
      }
      reading = .value(number)
    case (nil, .string(let reason)?):
      reading = .failed(TelemetryText.plain(reason, limit: SensorTable.maximumReason))
    default:
      throw PushedLineError("\(name) needs a value, or in its place an error in words")
    }
  }

  private static func text(_ value: JSONValue?, _ name: String) throws(PushedLineError) -> String? {
    guard let value else { return nil }
    guard let text = value.string else { throw PushedLineError("\(name) is no text") }
    return text
  }

  /// The line, without its end.
  public var line: [UInt8] {
    var object: JSONObject = ["name": .string(description.name)]
    switch reading {
    case .value(let value): object["value"] = .number(value)
    case .failed(let reason): object["error"] = .string(reason)
    }
    if !description.unit.isEmpty { object["unit"] = .string(description.unit) }
    if description.label != description.name { object["label"] = .string(description.label) }
    return JSONValue.object(object).utf8
  }
}

/// What is wrong with a pushed line, in words for the author of the program that pushed it.
public struct PushedLineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The words.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
