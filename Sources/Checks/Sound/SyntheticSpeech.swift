// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import Wire

/// Something like speech, repeatable by a seed: syllables of pulses or noise through three resonances
/// that change, with pauses in between.
struct SyntheticSpeech {
  private struct Resonance {
    private var feedback = (0.0, 0.0)
    private var gain = 0.0
    private var past = (0.0, 0.0)

    mutating func tune(to hertz: Double, width: Double, rate: Double) {
      let radius = exp(-.pi * width / rate)
      feedback = (2 * radius * cos(2 * .pi * hertz / rate), -radius * radius)
      gain = 1 - radius
    }

    mutating func next(_ input: Double) -> Double {
      let output = gain * input + feedback.0 * past.0 + feedback.1 * past.1
      past = (output, past.0)
      return output
    }
  }

  private let rate: Double
  private let level: Double
  private var random: RandomSource
  private var resonances = [Resonance](repeating: Resonance(), count: 3)
  /// Samples of the syllable that have passed, and that it has.
  private var passed = 0
  private var length = 0
  private var isVoiced = true
  private var isPause = true
  private var pitch = 120.0
  private var phase = 0.0

  init(rate: Int, level: Double, seed: UInt64) {
    self.rate = Double(rate)
    self.level = level
    random = .seeded(seed)
  }

  mutating func take(_ count: Int) -> [Int16] {
    (0..<count).map { _ in Int16(max(-32_000, min(next() * level, 32_000))) }
  }

  private mutating func next() -> Double {
    if passed >= length { beginSyllable() }
    defer { passed += 1 }
    phase += pitch / rate
    var source = Double.random(in: -0.1...0.1, using: &random)
    if phase >= 1 {
      phase -= 1
      if isVoiced { source += 8 }
    }
    // The envelope rises and falls.
    let place = Double(passed) / Double(length)
    source *= isPause ? 0 : min(1, 8 * place, 8 * (1 - place)) * (isVoiced ? 1 : 4)
    var sum = 0.0
    for index in resonances.indices { sum += resonances[index].next(source) }
    return sum
  }

  private mutating func beginSyllable() {
    isPause = !isPause && Int.random(in: 0..<6, using: &random) == 0
    isVoiced = Int.random(in: 0..<4, using: &random) != 0
    pitch = .random(in: 95...190, using: &random)
    length = Int(rate * .random(in: 0.08...0.25, using: &random))
    passed = 0
    let ranges =
      isVoiced
      ? [250.0...850, 900...2_200, 2_300...3_400] : [2_000...3_000, 3_500...5_000, 5_000...7_000]
    for (index, range) in ranges.enumerated() {
      let hertz = Double.random(in: range, using: &random)
      resonances[index].tune(to: hertz, width: isVoiced ? 90 : 600, rate: rate)
    }
  }
}
