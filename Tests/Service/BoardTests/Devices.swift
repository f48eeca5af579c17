// SPDX-License-Identifier: Apache-2.0
import Capture
import EventLoop
import Glibc
import Synchronization

@testable import Board

/// A camera of a test.
final class FakeCamera: ControllableCamera {
  let descriptor: Int32 = -1
  private let controls: Mutex<[CameraControl]>
  private let news = Mutex<[CameraControls.Change]>([])
  private let gone = Mutex(false)

  var isGone: Bool {
    get { gone.withLock { $0 } }
    set { gone.withLock { $0 = newValue } }
  }

  init(_ controls: [CameraControl]) {
    self.controls = Mutex(controls)
  }

  /// Brightness, an automatic that makes the exposure inactive, a menu, a button.
  static func usual() -> FakeCamera {
    FakeCamera([
      CameraControl(
        id: 1,
        name: "Brightness",
        kind: .integer,
        state: .init(value: 128, in: 0...255, step: 5, standard: 128)
      ),
      CameraControl(
        id: 2,
        name: "Auto Exposure",
        kind: .boolean,
        state: .init(value: 1, in: 0...1, standard: 1)
      ),
      CameraControl(
        id: 3,
        name: "Exposure Time, Absolute",
        kind: .integer,
        state: .init(value: 10, in: 1...100, standard: 10, isInactive: true)
      ),
      CameraControl(
        id: 4,
        name: "Power Line Frequency",
        kind: .menu([.init(value: 0, name: "Off"), .init(value: 2, name: "60 Hz")]),
        state: .init(value: 0, in: 0...2, standard: 0)
      ),
      CameraControl(
        id: 5,
        name: "Focus Now",
        kind: .button,
        state: .init(value: nil, in: 0...0, standard: 0)
      ),
      CameraControl(
        id: 6,
        name: "Serial",
        kind: .integer,
        state: .init(value: 7, in: 0...9, standard: 0, isReadOnly: true)
      ),
    ])
  }

  func all() -> [CameraControl] { controls.withLock { $0 } }

  func set(_ control: CameraControl, to value: Int64) throws(CaptureError) -> Int64 {
    guard !isGone else { throw .deviceGone(path: "/dev/fake") }
    if control.name == "Power Line Frequency", value == 2 {
      throw .controlRefused(name: control.name, reason: "Input/output error")
    }
    controls.withLock { controls in
      guard let index = controls.firstIndex(where: { $0.id == control.id }) else { return }
      controls[index].state.value = value
    }
    if control.name == "Auto Exposure" {
      let state = CameraControl.State(
        value: 10,
        in: 1...100,
        standard: 10,
        isInactive: value != 0
      )
      news.withLock { $0.append(.init(id: 3, state: state)) }
    }
    return value
  }

  func changes() -> [CameraControls.Change] {
    news.withLock { news in
      defer { news = [] }
      return news
    }
  }
}

/// A relay of a test.
final class FakeOutput: SwitchableOutput {
  private let state = Mutex((isOn: false, isBroken: false))

  var isOn: Bool { state.withLock { $0.isOn } }
  var isBroken: Bool {
    get { state.withLock { $0.isBroken } }
    set { state.withLock { $0.isBroken = newValue } }
  }

  func set(_ isOn: Bool) throws(GPIOLine.Failure) -> Bool {
    if isBroken {
      // What a chip that is not there says; no test has one.
      _ = try GPIOLine(path: "/dev/no-such-chip", line: 0, isActiveLow: false, isOn: false)
    }
    state.withLock { $0.isOn = isOn }
    return isOn
  }
}

/// A button of a test, which tells its presses by a pipe as a chip does by its line.
final class FakeButton: PressableButton {
  private let ends: [Int32]

  init() {
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    self.ends = ends
  }

  deinit {
    for end in ends { close(end) }
  }

  var descriptor: Int32 { ends[0] }

  func press() {
    var byte: UInt8 = 1
    _ = unsafe write(ends[1], &byte, 1)
  }

  func presses() -> Int? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe read(ends[0], &bytes, bytes.count)
    return count > 0 ? count : nil
  }
}
