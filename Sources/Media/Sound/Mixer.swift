// SPDX-License-Identifier: Apache-2.0

/// Adds the sound of several talkers and clips the sum softly, without allocating.
///
/// Up to three quarters of full scale nothing is changed; what is louder is bent, so that a sum never
/// wraps and never gets the edges of hard clipping.
public struct Mixer: Sendable {
  /// Below it the sum goes through as it is.
  private static let knee: Int64 = 24_576
  /// What the loudest sum comes near to.
  private static let range: Int64 = 32_767 - knee

  private var sums: [Int32]

  /// Creates a mixer for steps of `count` samples.
  public init(count: Int) {
    sums = [Int32](repeating: 0, count: max(0, count))
  }

  /// Adds the sound of one talker; what is longer than a step is left out.
  public mutating func add(_ samples: Span<Int16>) {
    for index in 0..<min(samples.count, sums.count) {
      let (sum, overflow) = sums[index].addingReportingOverflow(Int32(samples[index]))
      if !overflow { sums[index] = sum }
    }
  }

  /// Writes the sum to the beginning of `output`, and begins the next step with silence.
  public mutating func mix(into output: inout MutableSpan<Int16>) {
    for index in sums.indices {
      if index < output.count { output[index] = Self.clip(sums[index]) }
      sums[index] = 0
    }
  }

  /// The sample for a sum.
  private static func clip(_ sum: Int32) -> Int16 {
    let size = Int64(sum.magnitude)
    guard size > knee else { return Int16(sum) }
    let over = size - knee
    let bent = Int16(knee + range * over / (range + over))
    return sum < 0 ? -bent : bent
  }
}
