// SPDX-License-Identifier: Apache-2.0
private import CV4L2

/// The settings of one V4L2 camera, over a descriptor of its own: whether pictures are taken meanwhile,
/// and by whom, makes no difference.
///
/// Asking the camera may block for as long as its bus takes; ``changes()`` does not.
public final class CameraControls: Sendable {
  /// Most controls that are listed.
  static let maximumControls = 128
  /// Most entries of a menu.
  static let maximumEntries: Int64 = 64

  /// A control with what it has become.
  public struct Change: Equatable, Sendable {
    /// V4L2's number.
    public var id: UInt32
    /// What it has become.
    public var state: CameraControl.State

    /// Creates a change.
    public init(id: UInt32, state: CameraControl.State) {
      self.id = id
      self.state = state
    }
  }

  private let device: V4L2Device

  /// Becomes urgent (POLLPRI) when ``changes()`` has something.
  public var descriptor: Int32 { device.descriptor }

  /// Opens the camera at `path` for its settings alone.
  public init(path: String) throws(CaptureError) {
    device = try V4L2Device(path: path)
    guard try device.identity().captures else { throw .notACamera(path: path) }
  }

  /// Every setting that a person can change or see, in the driver's order; from now on ``changes()``
  /// tells of them.
  public func all() -> [CameraControl] {
    var controls: [CameraControl] = []
    var found = cv4l2_control()
    while controls.count < Self.maximumControls {
      let code = unsafe cv4l2_control_after(descriptor, found.id, &found)
      guard code >= 0 else { break }
      let control = describe(&found)
      if case .menu(let entries) = control.kind, entries.isEmpty { continue }
      controls.append(control)
      _ = cv4l2_follow_control(descriptor, found.id)
    }
    return controls
  }

  /// Sets a control; answers what the driver has made of it.
  ///
  /// - Throws: `CaptureError.deviceGone`, or `.controlRefused` with the driver's reason.
  public func set(_ control: CameraControl, to value: Int64) throws(CaptureError) -> Int64 {
    var taken = value
    let code = unsafe cv4l2_set_control(descriptor, control.id, control.isWide ? 1 : 0, &taken)
    guard code >= 0 else {
      if code == -19 || code == -6 { throw .deviceGone(path: device.path) }
      throw .controlRefused(name: control.name, reason: Self.reason(code))
    }
    return taken
  }

  /// What has changed since it was asked last, by whomever.
  public func changes() -> [Change] {
    var changes: [Change] = []
    var found = cv4l2_control_event()
    while changes.count < 256 {
      let code = unsafe cv4l2_next_control_event(descriptor, &found)
      guard code >= 0 else { break }
      guard found.minimum <= found.maximum else { continue }
      changes.append(
        Change(
          id: found.id,
          state: CameraControl.State(
            value: found.value,
            in: found.minimum...found.maximum,
            step: Int64(clamping: found.step),
            standard: found.standard,
            isReadOnly: found.is_read_only != 0,
            isInactive: found.is_inactive != 0
          )
        )
      )
    }
    return changes
  }

  private func describe(_ found: inout cv4l2_control) -> CameraControl {
    var value: Int64 = 0
    var isKnown = found.is_write_only == 0 && found.kind != Int32(cv4l2_control_button)
    if isKnown {
      isKnown = unsafe cv4l2_get_control(descriptor, found.id, found.is_wide, &value) >= 0
    }
    return CameraControl(
      id: found.id,
      name: Self.text(of: found.name),
      kind: kind(of: &found),
      state: CameraControl.State(
        value: isKnown ? value : nil,
        in: min(found.minimum, found.maximum)...max(found.minimum, found.maximum),
        step: Int64(clamping: found.step),
        standard: found.standard,
        isReadOnly: found.is_read_only != 0,
        isInactive: found.is_inactive != 0
      ),
      isWide: found.is_wide != 0
    )
  }

  private func kind(of found: inout cv4l2_control) -> CameraControl.Kind {
    switch Int(found.kind) {
    case Int(cv4l2_control_boolean): return .boolean
    case Int(cv4l2_control_button): return .button
    case Int(cv4l2_control_menu), Int(cv4l2_control_number_menu):
      var entries: [CameraControl.Entry] = []
      let low = max(0, found.minimum)
      let high = min(found.maximum, low + Self.maximumEntries - 1)
      guard low <= high else { return .menu([]) }
      for index in low...high {
        var name = [CChar](repeating: 0, count: 32)
        // Entries may be missing in between.
        guard unsafe cv4l2_menu_entry(descriptor, &found, UInt32(index), &name) >= 0 else {
          continue
        }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        entries.append(.init(value: index, name: String(decoding: bytes, as: UTF8.self)))
      }
      return .menu(entries)
    default: return .integer
    }
  }

  private static func reason(_ code: Int32) -> String {
    guard let text = unsafe cv4l2_reason(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  private static func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
