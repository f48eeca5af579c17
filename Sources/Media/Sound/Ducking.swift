// SPDX-License-Identifier: Apache-2.0

/// Half duplex, where an echo cannot be cancelled: while the loudspeaker is loud the microphone is
/// quiet.
public struct Ducking: Sendable {
  /// The level of the loudspeaker from which on the microphone is lowered, of 32,768.
  private static let threshold: Int32 = 300
  /// What the microphone is lowered to, in 65,536ths: -40 dB.
  private static let floor: Int32 = 655

  /// In 65,536ths, how far the gain falls and rises with each sample.
  private let fall: Int32
  private let rise: Int32
  /// Samples that the microphone stays low after the loudspeaker: the echo of a room.
  private let hold: Int
  private var held = 0
  private var gain: Int32 = 65_536

  /// Creates a ducking that lowers within 5 ms, and 200 ms after the loudspeaker rises within 50 ms.
  public init(sampleRate: Int) {
    let rate = max(8_000, min(sampleRate, 192_000))
    fall = Int32(65_536 * 200 / rate + 1)
    rise = Int32(65_536 * 20 / rate + 1)
    hold = rate / 5
  }

  /// Whether the microphone is lowered.
  public var isDucking: Bool { gain < 65_536 }

  /// Lowers `captured` where the loudspeaker plays `played`, or has just played something.
  public mutating func duck(_ captured: inout MutableSpan<Int16>, while played: Span<Int16>) {
    for index in captured.indices {
      let level = index < played.count ? Int32(played[index]).magnitude : 0
      if level > UInt32(Self.threshold) { held = hold }
      gain = held > 0 ? max(Self.floor, gain - fall) : min(65_536, gain + rise)
      held = max(0, held - 1)
      captured[index] = Int16(Int64(captured[index]) * Int64(gain) >> 16)
    }
  }
}
