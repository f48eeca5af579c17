// SPDX-License-Identifier: Apache-2.0
private import CSpeexDSP

/// Changes the rate of interleaved 16-bit sound, by any ratio and while it runs; for one thread.
///
/// A call allocates nothing. One channel at 48 kHz costs about half a percent of a slow core.
@safe public struct Resampler: ~Copyable, @unchecked Sendable {
  /// The largest number of a ratio: the library reckons in 32 bits.
  private static let finest = 60_000
  /// A ratio that shortens further would move the sound by a part of a sample that can be heard.
  private static let largestDivisor = 16

  /// Channels that are interleaved.
  public let channels: Int
  /// Frames in a second that go in.
  public let inputRate: Int
  /// Frames in a second that come out.
  public let outputRate: Int

  private let resampler: OpaquePointer
  private let numerator: Int
  private let denominator: Int
  private var present: Int
  /// What the ratios before were short of those that were asked for.
  private var carry = 0.0

  /// Opens a resampler; `nil` for rates or channels that cannot be, or without memory.
  ///
  /// `quality` is 0 to 10; 3 is inaudible for speech.
  public init?(channels: Int, from inputRate: Int, to outputRate: Int, quality: Int = 3) {
    guard (1...8).contains(channels), (8000...192_000).contains(inputRate),
      (8000...192_000).contains(outputRate), (0...10).contains(quality),
      let opened = unsafe cspeexdsp_resampler_open(
        UInt32(channels),
        UInt32(inputRate),
        UInt32(outputRate),
        Int32(quality)
      )
    else { return nil }
    unsafe resampler = opened
    self.channels = channels
    self.inputRate = inputRate
    self.outputRate = outputRate
    let divisor = Self.divisor(inputRate, outputRate)
    let scale = max(1, Self.finest * divisor / max(inputRate, outputRate))
    numerator = inputRate / divisor * scale
    denominator = outputRate / divisor * scale
    present = numerator
  }

  deinit {
    unsafe cspeexdsp_resampler_close(resampler)
  }

  /// Frames of output by which the sound is late.
  public var delay: Int { Int(unsafe cspeexdsp_resampler_delay(resampler)) }

  /// Plays the input `speed` times as fast, 0.9 to 1.1.
  ///
  /// A single ratio is exact to about 20 parts in a million only. What one call is short of the next
  /// one makes good, so that calls at even distances come out right.
  public mutating func setSpeed(_ speed: Double) {
    guard speed.isFinite else { return }
    let exact = Double(numerator) * max(0.9, min(speed, 1.1))
    var chosen = Int((exact + carry).rounded())
    while Self.divisor(chosen, denominator) > Self.largestDivisor { chosen += 1 }
    carry = exact + carry - Double(chosen)
    guard chosen != present else { return }
    let result = unsafe cspeexdsp_resampler_set_ratio(
      resampler,
      UInt32(chosen),
      UInt32(denominator)
    )
    if result == 0 { present = chosen }
  }

  /// Reads as much of `input` as `output` has room for; returns how many samples were read and
  /// how many written.
  ///
  /// Whole frames only. Call again with the rest of `input` when `output` was too small.
  public mutating func resample(
    _ input: Span<Int16>,
    into output: inout MutableSpan<Int16>
  ) -> (read: Int, written: Int) {
    var read = UInt32(input.count / channels)
    var written = UInt32(output.count / channels)
    let result = unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        guard let source = input.baseAddress, let target = output.baseAddress else {
          return Int32(-1)
        }
        return unsafe cspeexdsp_resampler_run(resampler, source, &read, target, &written)
      }
    }
    return result == 0 ? (Int(read) * channels, Int(written) * channels) : (0, 0)
  }

  private static func divisor(_ first: Int, _ second: Int) -> Int {
    var (first, second) = (first, second)
    while second != 0 { (first, second) = (second, first % second) }
    return first
  }
}
