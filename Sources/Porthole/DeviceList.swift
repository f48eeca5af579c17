// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Capture

/// What `porthole devices` prints.
enum DeviceList {
  static func text() -> String { text(CameraDevice.all(), SoundDevice.all()) }

  static func text(_ cameras: [CameraDevice], _ cards: [SoundDevice]) -> String {
    let pictures =
      cameras.isEmpty
      ? "No camera found. Connect one, or use --camera test.\n" : cameras.map(text).joined()
    let sound = cards.isEmpty ? "No sound card found.\n" : cards.map(text).joined()
    return pictures + sound
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

  private static func text(_ device: SoundDevice) -> String {
    let kind = device.direction == .capture ? "microphone" : "speaker"
    let abilities: String =
      if let rates = device.rates, let channels = device.channelCounts {
        "\(text(rates)) Hz, \(text(channels)) channel\(channels == 1...1 ? "" : "s")"
      } else {
        "in use by another program"
      }
    return "\(device.name)  \(device.label)\n  \(kind)  \(abilities)\n"
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
