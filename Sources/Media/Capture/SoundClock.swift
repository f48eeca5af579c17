// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

/// Where each block of a card's stream lies: counted in frames, and in time without the jitter of the
/// driver's times.
///
/// Frames come evenly, their times are told with the delays of interrupts and of us: so a time counts
/// little against where the frames before it say it should be. A card's own clock may be wrong by a few
/// hundred millionths, and is followed. Where sound was lost, the time tells how many frames.
struct SoundClock: Sendable {
  /// A time that is further off than this is believed at once.
  private static let tolerance = Duration.milliseconds(20)
  /// How much of the difference is taken over with each block.
  private static let share = 32

  /// The frame after the last one, and when it was expected.
  private var next: (position: UInt64, time: Timestamp)?
  private var hasGap = false

  /// Sound may have been lost before the next block.
  mutating func noteGap() {
    hasGap = true
  }

  /// Dates and numbers `block`, which follows the one before, and whose first frame was measured as
  /// captured at its `time`.
  mutating func place(_ block: inout SoundBlock) {
    if let next {
      let difference = block.time - next.time
      block.position = next.position
      if hasGap, difference > .zero {
        block.position &+= SoundBlock.frames(in: difference)
      } else if difference <= Self.tolerance, difference >= .zero - Self.tolerance {
        block.time = next.time + difference / Self.share
      }
    }
    hasGap = false
    next = (
      block.position &+ UInt64(block.frameCount),
      block.time + SoundBlock.duration(of: block.frameCount)
    )
  }
}
