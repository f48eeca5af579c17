// SPDX-License-Identifier: Apache-2.0

/// A few samples of a picture's luma, which tell before it is encoded what it will cost.
struct PictureSketch: Sendable {
  /// What the samples tell.
  struct Impression: Hashable, Sendable {
    /// The share of samples that are quite another than in the picture before, from 0 to 1.
    var change: Double
    /// The shares of neighbouring samples that differ by 1, 2 to 3, 4 to 7, and so on by octaves.
    var detail: SIMD8<Double>
  }

  /// Samples that differ by more than this have changed; the noise of a sensor stays below.
  private static let threshold = 20
  private let lines: StrideTo<Int>
  private let columns: StrideTo<Int>
  private var samples: [UInt8]
  private var last: [UInt8]
  private var lastMean = 0
  /// Pairs of neighbours, by the octave of their difference; first those that are equal.
  private var pairs = InlineArray<9, Int>(repeating: 0)

  /// A sketch of pictures of this size: no more than 160 samples of 45 lines.
  ///
  /// The steps between them are odd, so that they fall on every column and line of blocks.
  init(width: Int, height: Int) {
    let down = max(1, (height + 44) / 45) | 1
    let across = max(1, (width + 159) / 160) | 1
    lines = stride(from: down / 2, to: max(0, height - 1), by: down)
    columns = stride(from: across / 2, to: max(0, width - 1), by: across)
    samples = Array(repeating: 0, count: lines.underestimatedCount * columns.underestimatedCount)
    last = samples
  }

  /// Looks at a picture whose lines are `stride` bytes apart, and keeps its samples for the next.
  mutating func compare(_ luma: Span<UInt8>, stride: Int) -> Impression {
    swap(&samples, &last)
    let mean = take(luma, stride) / max(1, samples.count)
    // A lamp that goes on changes every sample, but nothing that must be drawn anew.
    let light = mean - lastMean
    lastMean = mean
    var changed = 0
    let (now, before) = (samples.span, last.span)
    for index in now.indices
    where abs(Int(now[index]) &- Int(before[index]) &- light) > Self.threshold {
      changed &+= 1
    }
    let count = Double(max(1, samples.count))
    var detail = SIMD8<Double>()
    for index in detail.indices { detail[index] = Double(pairs[index + 1]) / (2 * count) }
    return Impression(change: Double(changed) / count, detail: detail)
  }

  /// Takes the samples and counts the pairs; answers the sum of the samples.
  private mutating func take(_ luma: Span<UInt8>, _ stride: Int) -> Int {
    let (lines, columns) = (lines, columns)
    var counts = InlineArray<9, Int>(repeating: 0)
    var kept = samples.mutableSpan
    var (place, sum) = (0, 0)
    for line in lines {
      for column in columns {
        let index = line &* stride &+ column
        let sample = Int(luma[index])
        counts[Self.octave(Int(luma[index &+ 1]) &- sample)] &+= 1
        counts[Self.octave(Int(luma[index &+ stride]) &- sample)] &+= 1
        sum &+= sample
        kept[place] = luma[index]
        place &+= 1
      }
    }
    pairs = counts
    return sum
  }

  private static func octave(_ difference: Int) -> Int {
    Int.bitWidth &- abs(difference).leadingZeroBitCount
  }
}
