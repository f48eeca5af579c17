// SPDX-License-Identifier: Apache-2.0
internal import Capture

/// The devices of this machine at one moment.
struct LocalDevices: Sendable {
  /// By ascending number, the test pattern last.
  var cameras: [LocalCamera] = [.testPattern]
  /// Card by card, the test tone last.
  var microphones: [LocalMicrophone] = [.testTone]
  /// Card by card, the test meter last.
  var speakers = [MediaDeviceInfo(testFor: .audioOutput)]

  /// Every device as `enumerateDevices` tells it (mediacapture-main section 9.2.1).
  var infos: [MediaDeviceInfo] { microphones.map(\.info) + cameras.map(\.info) + speakers }

  /// What can be opened now; takes some milliseconds.
  static func all() -> LocalDevices {
    var devices = LocalDevices()
    devices.cameras = LocalCamera.all()
    let sound = SoundDevice.all()
    devices.microphones =
      sound.filter { $0.direction == .capture }.map { LocalMicrophone($0) } + [.testTone]
    devices.speakers =
      sound.filter { $0.direction == .playback }.map { MediaDeviceInfo($0) } + devices.speakers
    return devices
  }
}
