// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import EventLoop

/// A camera whose settings can be asked and set: `CameraControls`, or a test's.
protocol ControllableCamera: Sendable {
  /// Becomes urgent when ``changes()`` has something; negative where nothing ever comes by itself.
  var descriptor: Int32 { get }
  func all() -> [CameraControl]
  func set(_ control: CameraControl, to value: Int64) throws(CaptureError) -> Int64
  func changes() -> [CameraControls.Change]
}

extension CameraControls: ControllableCamera {}

/// An output that can be switched: a line of a GPIO chip, or a test's.
protocol SwitchableOutput: Sendable {
  /// Switches it; answers what it then is.
  func set(_ isOn: Bool) throws(GPIOLine.Failure) -> Bool
}

/// A line of a GPIO chip that several threads may hold.
final class LineOutput: SwitchableOutput {
  private let line: GPIOLine

  init(_ configuration: OutputConfiguration) throws(GPIOLine.Failure) {
    line = try GPIOLine(
      path: configuration.chip,
      line: configuration.line,
      isActiveLow: configuration.isActiveLow,
      isOn: configuration.isOn
    )
  }

  func set(_ isOn: Bool) throws(GPIOLine.Failure) -> Bool {
    try line.set(isOn)
    return try line.isOn()
  }
}

/// How the things that are controlled are opened; tests put their own in these places.
struct ControlDevices: Sendable {
  var openCamera: @Sendable (_ path: String) throws(CaptureError) -> any ControllableCamera
  var openOutput:
    @Sendable (_ output: OutputConfiguration) throws(GPIOLine.Failure) -> any SwitchableOutput

  /// Those of this machine.
  static let real = ControlDevices(
    openCamera: { path throws(CaptureError) in try CameraControls(path: path) },
    openOutput: { output throws(GPIOLine.Failure) in try LineOutput(output) }
  )
}
