// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import MediaTypes
internal import Wire

/// The microphone that is always there: a tone of 1,000 Hz at -20 dBFS, captured in real time.
///
/// -20 dBFS is the alignment level of television: loud enough to measure, and no pain to hear. As a clock it
/// sounds for the first tenth of each second alone.
struct TestTone: Sendable {
  /// One swing of the tone: 48 samples, so that it has no seam.
  private static let swing: [Int16] = (0..<48).map { index in
    Int16((3276.8 * sin(2 * .pi * Double(index) / 48)).rounded())
  }

  private var position: UInt64 = 0
  private let start: Timestamp
  private let isClock: Bool
  /// Frames from the second before the beginning to the beginning.
  private let phase: UInt64
  /// Frames that were never made, because nobody came for them for long.
  private(set) var skipped: UInt64 = 0

  /// Begins to sound at `start`.
  init(at start: Timestamp, isClock: Bool = false) {
    self.start = start
    self.isClock = isClock
    phase = SoundBlock.frames(in: .nanoseconds(start.nanoseconds % 1_000_000_000))
  }

  /// When the next block of `frames` frames is complete.
  func due(_ frames: Int) -> Timestamp { time(of: position + UInt64(frames)) }

  /// Makes the next block; blocks that are more than 200 ms late are left out.
  mutating func read(into block: inout SoundBlock, at now: Timestamp) {
    let frames = UInt64(block.frameCount)
    let late = now - due(block.frameCount)
    if late > .milliseconds(200) {
      let blocks = UInt64(late.inNanoseconds / SoundBlock.duration(of: Int(frames)).inNanoseconds)
      skipped &+= blocks * frames
      position &+= blocks * frames
    }
    block.position = position
    block.time = time(of: position)
    let channels = block.channelCount
    var samples = block.samples.mutableSpan
    for index in samples.indices {
      let frame = position + UInt64(index / channels)
      let place = Int((isClock ? frame + phase : frame) % UInt64(SoundBlock.frameRate))
      samples[index] = isClock && place >= SoundBlock.frameRate / 10 ? 0 : Self.swing[place % 48]
    }
    position &+= frames
  }

  private func time(of position: UInt64) -> Timestamp {
    let seconds = Int64(position / UInt64(SoundBlock.frameRate))
    let rest = SoundBlock.duration(of: Int(position % UInt64(SoundBlock.frameRate)))
    return start + .seconds(seconds) + rest
  }
}
