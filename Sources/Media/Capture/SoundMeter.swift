// SPDX-License-Identifier: Apache-2.0
private import Glibc
public import MediaTypes
public import Wire

/// Measures sound: how loud it is, and how often it swings.
public struct SoundMeter: Sendable {
  /// What one stretch of sound was like.
  public struct Reading: Hashable, Sendable {
    /// The level in dBFS, where 0 is a sine at full scale; `nil` for exact silence.
    public var level: Double?
    /// Swings a second, by the zero crossings of the first channel; of one tone its frequency.
    public var frequency: Double
  }

  /// What is louder begins a sound: -30 dBFS.
  private static let threshold = 1036
  /// Frames of quiet from which on a sound begins anew: a tenth of a second.
  private static let pause = SoundBlock.frameRate / 10

  /// Frames in one reading: half a second.
  private static let length = SoundBlock.frameRate / 2

  /// The newest reading; `nil` before the first half second is over.
  public private(set) var reading: Reading?
  /// How many frames in a row have had nothing but zeros, up to now.
  public private(set) var silentFrames: UInt64 = 0

  /// When sound last began after a tenth of a second of quiet, by the times of the blocks.
  public private(set) var onset: Timestamp?

  /// Frames of quiet up to now.
  private var quiet = 0
  private var frames = 0
  private var energy = 0.0
  private var previous: Int16 = 0
  /// Where, in frames from the beginning of the reading, the signal first and last went upwards through 0.
  private var crossings: (first: Double, last: Double, count: Int) = (0, 0, 0)

  /// Creates a meter that has heard nothing.
  public init() {}

  /// Listens to `block`.
  public mutating func hear(_ block: SoundBlock) {
    let samples = block.samples.span
    let channels = block.channelCount
    var sum: Int64 = 0
    for index in samples.indices { sum &+= Int64(samples[index]) &* Int64(samples[index]) }
    silentFrames = sum == 0 ? silentFrames &+ UInt64(block.frameCount) : 0
    energy += Double(sum) / Double(channels)
    var index = 0
    while index < samples.count {
      let sample = samples[index]
      if previous < 0, sample >= 0 { cross(from: Double(previous), to: Double(sample)) }
      previous = sample
      if Int(sample).magnitude < UInt(Self.threshold) {
        quiet += 1
      } else {
        if quiet >= Self.pause { onset = block.time + SoundBlock.duration(of: index / channels) }
        quiet = 0
      }
      frames += 1
      index += channels
      if frames == Self.length { finish() }
    }
  }

  private mutating func cross(from low: Double, to high: Double) {
    let place = Double(frames) - high / (high - low)
    if crossings.count == 0 { crossings.first = place }
    crossings.last = place
    crossings.count += 1
  }

  private mutating func finish() {
    let mean = energy / Double(frames)
    let span = crossings.last - crossings.first
    let swings = Double(crossings.count - 1)
    reading = Reading(
      // A sine's mean square is half of its amplitude's square.
      level: mean > 0 ? 10 * log10(2 * mean / (32_768 * 32_768)) : nil,
      frequency: span > 0 ? swings * Double(SoundBlock.frameRate) / span : 0
    )
    frames = 0
    energy = 0
    crossings = (0, 0, 0)
  }
}
