// SPDX-License-Identifier: Apache-2.0
import Glibc
import Sound

/// A tone, and what is measured of it.
enum Tone {
  static let amplitude = 10_000.0

  /// Sample `index` of a tone of `hertz`.
  static func sample(_ index: Int, hertz: Double, rate: Int) -> Int16 {
    Int16(amplitude * sin(2 * .pi * hertz * Double(index) / Double(rate)))
  }

  /// The square root of the mean square.
  static func level(_ samples: [Int16]) -> Double {
    let squares = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (squares / Double(max(1, samples.count))).squareRoot()
  }

  /// How often the sound passes zero upwards.
  static func risingZeros(_ samples: [Int16]) -> Int {
    zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
  }

  /// All of `input` through `resampler`, `room` samples at a time.
  static func resampled(
    _ input: [Int16],
    by resampler: inout Resampler,
    room: Int
  ) -> [Int16] {
    var output: [Int16] = []
    var buffer = [Int16](repeating: 0, count: room)
    var rest = input[...]
    while !rest.isEmpty {
      let done = resampled(Array(rest), by: &resampler, into: &buffer)
      output += buffer[..<done.written]
      rest = rest.dropFirst(done.read)
      if done.read == 0 { break }
    }
    return output
  }

  /// One call of the resampler.
  static func resampled(
    _ input: [Int16],
    by resampler: inout Resampler,
    into buffer: inout [Int16]
  ) -> (read: Int, written: Int) {
    var output = buffer.mutableSpan
    return resampler.resample(input.span, into: &output)
  }
}
