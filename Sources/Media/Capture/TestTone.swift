// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import MediaTypes
internal import Wire

/// The microphone that is always there: a tone of 1,000 Hz at -20 dBFS, captured in real time.
///
/// -20 dBFS is the alignment level of television: loud enough to measure, and no pain to hear.
struct TestTone: Sendable {
  /// One swing of the tone: 48 samples, so that it has no seam.
  private static let swing: [Int16] = (0..<48).map { index in
    Int16((3276.8 * sin(2 * .pi * Double(index) / 48)).rounded())
  }

  private var position: UInt64 = 0
  private let start: Timestamp
  /// Frames that were never made, because nobody came for them for long.
  private(set) var skipped: UInt64 = 0

  /// Begins to sound at `start`.
  init(at start: Timestamp) {
    self.start = start
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
      samples[index] = Self.swing[Int((position + UInt64(index / channels)) % 48)]
    }
    position &+= frames
  }

  private func time(of position: UInt64) -> Timestamp {
    let seconds = Int64(position / UInt64(SoundBlock.frameRate))
    let rest = SoundBlock.duration(of: Int(position % UInt64(SoundBlock.frameRate)))
    return start + .seconds(seconds) + rest
  }
}
