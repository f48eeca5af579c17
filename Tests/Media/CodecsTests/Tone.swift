// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Tones, made and measured.
enum Tone {
  /// `count` frames of a sine from frame `start` on.
  static func samples(
    _ frequency: Double,
    amplitude: Double,
    from start: Int = 0,
    count: Int,
    channels: Int = 1
  ) -> [Int16] {
    (0..<count * channels).map { index in
      let time = Double(start + index / channels) / 48_000
      return Int16((amplitude * sin(2 * .pi * frequency * time)).rounded())
    }
  }

  /// The amplitude of `frequency` in `samples` (Goertzel's algorithm, one bin).
  static func amplitude(of frequency: Double, in samples: [Int16], rate: Double = 48_000) -> Double
  {
    let step = 2 * Double.pi * frequency / rate
    var (real, imaginary) = (0.0, 0.0)
    for (index, sample) in samples.enumerated() {
      real += Double(sample) * cos(step * Double(index))
      imaginary += Double(sample) * sin(step * Double(index))
    }
    return 2 * sqrt(real * real + imaginary * imaginary) / Double(max(1, samples.count))
  }
}
