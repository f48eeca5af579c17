// SPDX-License-Identifier: Apache-2.0

/// Lowers further what a canceller has left, where nearly everything that was captured was echo.
///
/// A canceller goes on learning for ten seconds. Until then, and after each move of a chair, what it
/// leaves is heard; but where it has taken out most of the sound, nobody near can have spoken.
struct ResidualEcho: Sendable {
  /// What is left of the energy captured: below the one it is echo, above the other speech.
  private static let echo = 0.06
  private static let speech = 0.2
  /// What an echo is lowered to: by 15 dB.
  private static let floor = 0.18
  /// How much of the energy of a step is of the steps before.
  private static let memory = 0.7
  /// The mean square from which on the loudspeaker is heard.
  private static let threshold = 10_000.0
  /// How fast the gain rises and falls with each sample: in 2 and in 7 ms.
  private static let pace = (rise: 0.01, fall: 0.003)

  private let hold: Int
  private var held = 0
  private var captured = 0.0
  private var left = 0.0
  private var gain = 1.0

  /// Creates one that looks for echoes as long as `hold` steps after the loudspeaker.
  init(hold: Int) {
    self.hold = hold
  }

  /// Lowers `output`, which a canceller has left of `captured`.
  mutating func lower(
    _ output: inout MutableSpan<Int16>,
    of captured: Span<Int16>,
    played: Span<Int16>
  ) {
    var energies = (captured: 0.0, played: 0.0, left: 0.0)
    for index in output.indices {
      let samples = (Double(captured[index]), Double(played[index]), Double(output[index]))
      energies.captured += samples.0 * samples.0
      energies.played += samples.1 * samples.1
      energies.left += samples.2 * samples.2
    }
    self.captured += (energies.captured - self.captured) * (1 - Self.memory)
    left += (energies.left - left) * (1 - Self.memory)
    held = energies.played > Self.threshold * Double(output.count) ? hold : max(0, held - 1)
    let share = left / (self.captured + 1)
    let place = max(0, min((share - Self.echo) / (Self.speech - Self.echo), 1))
    let aim = held > 0 ? Self.floor + place * (1 - Self.floor) : 1
    let pace = aim > gain ? Self.pace.rise : Self.pace.fall
    for index in output.indices {
      gain += (aim - gain) * pace
      output[index] = Int16(Double(output[index]) * gain)
    }
  }
}
