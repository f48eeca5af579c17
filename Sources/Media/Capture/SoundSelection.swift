// SPDX-License-Identifier: Apache-2.0

/// Where sound comes from or goes to: the text after `--microphone` and `--speaker`.
public enum SoundSelection: Hashable, Sendable, CustomStringConvertible {
  /// A tone as the microphone; as the speaker, sound that is measured and thrown away.
  case test
  /// As the microphone, the tone for a tenth of each second of `MediaClock`, for measuring delays.
  case clock
  /// An ALSA device, by its name such as `default` or `plughw:1,0`.
  case device(name: String)
  /// No sound at all.
  case none

  /// Reads `test`, `clock`, `none` or the name of an ALSA device; `nil` where there is no text, or one that no
  /// device is called.
  public init?(_ text: String) {
    switch text {
    case "test": self = .test
    case "clock": self = .clock
    case "none": self = .none
    default:
      guard (1...200).contains(text.utf8.count),
        text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
      else { return nil }
      self = .device(name: text)
    }
  }

  /// The text that this selection is read from.
  public var description: String {
    switch self {
    case .test: "test"
    case .clock: "clock"
    case .device(let name): name
    case .none: "none"
    }
  }
}
