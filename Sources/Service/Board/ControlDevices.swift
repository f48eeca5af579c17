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

/// A button that rings: a line of a GPIO chip, or a test's.
protocol PressableButton: Sendable {
  /// Becomes readable when it is pressed.
  var descriptor: Int32 { get }
  /// How often it was pressed since that was asked; `nil` when it is gone.
  func presses() -> Int?
}

/// A button that several threads may hold.
final class LineButton: PressableButton {
  private let button: GPIOButton

  init(_ configuration: ButtonConfiguration) throws(GPIOLine.Failure) {
    button = try GPIOButton(
      path: configuration.chip,
      line: configuration.line,
      isActiveLow: configuration.isActiveLow,
      bias: configuration.bias,
      debounce: configuration.debounce
    )
  }

  var descriptor: Int32 { button.descriptor }

  func presses() -> Int? { button.presses() }
}

/// How the things that are controlled are opened; tests put their own in these places.
struct ControlDevices: Sendable {
  var openCamera: @Sendable (_ path: String) throws(CaptureError) -> any ControllableCamera
  var openOutput:
    @Sendable (_ output: OutputConfiguration) throws(GPIOLine.Failure) -> any SwitchableOutput
  var openButton:
    @Sendable (_ button: ButtonConfiguration) throws(GPIOLine.Failure) -> any PressableButton = {
      button throws(GPIOLine.Failure) in try LineButton(button)
    }

  /// Those of this machine.
  static let real = ControlDevices(
    openCamera: { path throws(CaptureError) in try CameraControls(path: path) },
    openOutput: { output throws(GPIOLine.Failure) in try LineOutput(output) }
  )
}
