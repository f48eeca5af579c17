// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
private import Sound

/// Decodes G.711 to 48,000 frames a second of one channel, and makes up what is missing; for one thread.
///
/// What is made up is the last period of the voice, again and again, fading away.
public struct G711Decoder: ~Copyable, Sendable {
  /// Frames that come of a sample.
  static let ratio = SoundBlock.frameRate / 8000
  /// Samples of the longest packet: 120 ms, as of Opus.
  private static let maximumSamples = 960
  /// Samples of one period: of the highest voice, and of the lowest.
  private static let periods = 20...120
  /// Samples that are compared to find the period.
  private static let comparedSamples = 160
  /// Samples until what is made up has faded away: 60 ms.
  private static let fade = 480
  /// Samples in which what is made up gives way to what has come: 4 ms.
  private static let transition = 32

  private var resampler: Resampler
  /// The last samples that were decoded.
  private var past = [Int16](repeating: 0, count: comparedSamples + 120)
  private var samples = [Int16](repeating: 0, count: maximumSamples)
  private var resampled = [Int16](repeating: 0, count: maximumSamples)
  /// The period that is repeated, and samples made up so far; `nil` while none are.
  private var concealed: (period: Int, count: Int)?

  /// Opens a decoder.
  ///
  /// - Throws: `CodecError.systemExhausted` where there is no memory.
  public init() throws(CodecError) {
    guard let resampler = Resampler(channels: 1, from: 8000, to: SoundBlock.frameRate) else {
      throw .systemExhausted
    }
    self.resampler = resampler
  }

  /// The frames that `packet` comes to; `nil` where it is empty or longer than 120 ms.
  public static func frameCount(of packet: [UInt8]) -> Int? {
    (1...maximumSamples).contains(packet.count) ? packet.count * ratio : nil
  }

  /// Decodes `packet` into the beginning of `output`.
  ///
  /// - Returns: how many frames were written; `nil` where the packet is unusable, or does not fit.
  public mutating func decode(
    _ packet: [UInt8],
    as law: G711,
    into output: inout MutableSpan<Int16>
  ) -> Int? {
    guard let frames = Self.frameCount(of: packet), frames <= output.count else { return nil }
    let count = packet.count
    for index in 0..<count { samples[index] = law.decode(packet[index]) }
    if let (period, made) = concealed {
      for index in 0..<min(count, Self.transition) {
        let old = Int(continuation(made + index, of: period)) * (Self.transition - index)
        samples[index] = Int16(clamping: (old + Int(samples[index]) * index) / Self.transition)
      }
      concealed = nil
    }
    remember(count)
    return write(count, into: &output)
  }

  /// Fills the beginning of `output` with `frames` frames, a multiple of 6, of what is likely to have
  /// followed.
  public mutating func conceal(frames: Int, into output: inout MutableSpan<Int16>) -> Int? {
    let count = frames / Self.ratio
    guard count * Self.ratio == frames, (1...Self.maximumSamples).contains(count),
      frames <= output.count
    else { return nil }
    let (period, made) = concealed ?? (period, 0)
    for index in 0..<count { samples[index] = continuation(made + index, of: period) }
    concealed = (period, min(made + count, Self.fade))
    return write(count, into: &output)
  }

  /// The sample that comes `index` samples behind the last that was decoded.
  private func continuation(_ index: Int, of period: Int) -> Int16 {
    guard index < Self.fade else { return 0 }
    let sample = Int(past[past.count - period + index % period])
    return Int16(clamping: sample * (Self.fade - index) / Self.fade)
  }

  /// After how many samples what was decoded last resembles itself most.
  private var period: Int {
    let start = past.count - Self.comparedSamples
    var best = (period: Self.periods.upperBound, likeness: 0.0)
    for period in Self.periods {
      var product = 0.0
      var power = 1.0
      for index in start..<past.count {
        let earlier = Double(past[index - period])
        product += Double(past[index]) * earlier
        power += earlier * earlier
      }
      let likeness = product > 0 ? product * product / power : 0
      if likeness > best.likeness { best = (period, likeness) }
    }
    return best.period
  }

  private mutating func remember(_ count: Int) {
    let kept = max(0, past.count - count)
    for index in 0..<kept { past[index] = past[past.count - kept + index] }
    for index in kept..<past.count { past[index] = samples[count - past.count + index] }
  }

  private mutating func write(_ count: Int, into output: inout MutableSpan<Int16>) -> Int? {
    let input = samples
    var piece: [Int16] = []
    swap(&piece, &resampled)
    defer { swap(&piece, &resampled) }
    var (read, written) = (0, 0)
    while written < count * Self.ratio {
      var span = piece.mutableSpan
      let moved = resampler.resample(input.span.extracting(read..<count), into: &span)
      guard moved.written > 0 else { return nil }
      for index in 0..<min(moved.written, count * Self.ratio - written) {
        output[written + index] = span[index]
      }
      read += moved.read
      written += moved.written
    }
    return count * Self.ratio
  }
}
