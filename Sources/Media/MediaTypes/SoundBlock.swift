// SPDX-License-Identifier: Apache-2.0
public import Wire

/// A short stretch of sound, 16-bit samples, the channels of one moment beside each other.
///
/// Whoever is shown one and keeps no copy costs no memory: the same block is filled again.
public struct SoundBlock: Hashable, Sendable {
  /// Frames a second, of all sound in here: a frame is one sample of each channel.
  public static let frameRate = 48_000

  /// Frames times channels of samples.
  public var samples: [Int16]
  /// Channels, at least 1.
  public let channelCount: Int
  /// When the first frame was captured, or will be heard, on `MediaClock`.
  public var time: Timestamp
  /// Counts the frames of the stream up to the first of this block, those lost included.
  public var position: UInt64

  /// Creates a silent block.
  public init(frameCount: Int, channelCount: Int, time: Timestamp = .distantPast) {
    samples = [Int16](repeating: 0, count: frameCount * channelCount)
    self.channelCount = channelCount
    self.time = time
    position = 0
  }

  /// Frames in the block.
  public var frameCount: Int { samples.count / channelCount }

  /// How long `frames` frames last.
  public static func duration(of frames: Int) -> Duration {
    .nanoseconds(Int64(frames) * 1_000_000_000 / Int64(frameRate))
  }

  /// How many whole frames fit into `duration`, at most those of a year.
  public static func frames(in duration: Duration) -> UInt64 {
    let nanoseconds = max(0, min(duration.inNanoseconds, 31_536_000_000_000_000))
    return UInt64(nanoseconds / 1000 * Int64(frameRate) / 1_000_000)
  }
}
