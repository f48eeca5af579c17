// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Capture

/// What `porthole devices` prints.
enum DeviceList {
  static func text() -> String {
    let devices = CameraDevice.all()
    guard !devices.isEmpty else {
      return "No camera found. Connect one, or use --camera test.\n"
    }
    return devices.map(text).joined()
  }

  private static func text(_ device: CameraDevice) -> String {
    var lines = ["\(device.path)  \(device.name) (\(device.driver), \(device.bus))"]
    for format in device.formats {
      let note = format.pixelFormat == nil ? "  (not used)" : ""
      for mode in format.modes {
        let rates = mode.frameRates.map(\.description).joined(separator: ", ")
        let suffix = rates.isEmpty ? "" : " at \(rates) fps"
        lines.append("  \(format.fourcc)  \(mode.sizes)\(suffix)\(note)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
