// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import JSON

/// Something that can be set or started, as the channel `control` tells of it (docs/control.md).
struct BoardControl: Equatable, Sendable {
  /// What a person does with it.
  enum Kind: Equatable, Sendable {
    case range(minimum: Int64, maximum: Int64, step: Int64)
    case toggle
    case menu([CameraControl.Entry])
    case button
    case action
  }

  /// Where it belongs.
  enum Group: String, Sendable {
    case camera
    case output
    case action
  }

  let id: String
  let group: Group
  let label: String
  var kind: Kind
  var value: Int64?
  var standard: Int64?
  var isReadOnly = false
  var isInactive = false
  /// Whether an action runs now.
  var isRunning = false
  /// Why it cannot be used now.
  var problem: String?

  init(id: String, group: Group, label: String, kind: Kind) {
    self.id = id
    self.group = group
    self.label = label
    self.kind = kind
  }

  /// A camera's setting, called `id`.
  init(_ control: CameraControl, id: String) {
    self.init(id: id, group: .camera, label: control.name, kind: .button)
    update(control)
  }

  /// Takes over what the camera says now.
  mutating func update(_ control: CameraControl) {
    let state = control.state
    kind =
      switch control.kind {
      case .boolean: .toggle
      case .menu(let entries): .menu(entries)
      case .button: .button
      case .integer:
        .range(minimum: state.minimum, maximum: state.maximum, step: state.step)
      }
    value = control.kind == .button ? nil : state.value
    standard = control.kind == .button ? nil : state.standard
    isReadOnly = state.isReadOnly
    isInactive = state.isInactive
  }

  /// All of it, for `controls.list`.
  var description: JSONValue {
    var members: JSONObject = [
      "id": .string(id), "group": .string(group.rawValue), "label": .string(label),
    ]
    switch kind {
    case .range(let minimum, let maximum, let step):
      members["kind"] = "range"
      members["minimum"] = .integer(minimum)
      members["maximum"] = .integer(maximum)
      members["step"] = .integer(step)
    case .toggle: members["kind"] = "switch"
    case .menu(let entries):
      members["kind"] = "menu"
      members["options"] = .array(
        entries.map { ["value": .integer($0.value), "label": .string($0.name)] }
      )
    case .button: members["kind"] = "button"
    case .action: members["kind"] = "action"
    }
    if let standard { members["default"] = word(for: standard) }
    for member in state.object?.members ?? [] where member.name != "id" {
      members[member.name] = member.value
    }
    return .object(members)
  }

  /// What may change, for `controls.changed`.
  var state: JSONValue {
    var members: JSONObject = ["id": .string(id)]
    if let value { members["value"] = word(for: value) }
    if case .range(let minimum, let maximum, _) = kind {
      members["minimum"] = .integer(minimum)
      members["maximum"] = .integer(maximum)
    }
    members["readOnly"] = .bool(isReadOnly)
    members["inactive"] = .bool(isInactive)
    if kind == .action { members["running"] = .bool(isRunning) }
    members["problem"] = problem.map { .string($0) } ?? .null
    return .object(members)
  }

  private func word(for value: Int64) -> JSONValue {
    kind == .toggle ? .bool(value != 0) : .integer(value)
  }
}
