// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Synchronization
internal import Wire

/// What one loudspeaker plays, on its way to one microphone.
///
/// Written by the thread of the one, read by that of the other. Either holds the lock for as long as a block
/// is copied.
final class SpeakerTap: Sendable {
  /// What is known of the two cards.
  struct Reading {
    /// How much faster the loudspeaker's clock runs, in parts in a million.
    var drift = 0.0
    /// How often the sound had to be sought anew.
    var moves: UInt64 = 0
  }

  /// By how much later what is given was played than it is asked for.
  static let lead = Duration.milliseconds(10)

  private let sound = Mutex(PlayedSound(sampleRate: SoundBlock.frameRate, lead: SpeakerTap.lead))

  /// Takes a block that will be heard at its `time`, on the loudspeaker's thread.
  func play(_ block: SoundBlock) {
    let samples = block.samples
    sound.withLock { $0.play(samples.span, from: block.time) }
  }

  /// Writes to `samples` what was played while `block` was captured, on the microphone's thread.
  func recall(_ block: SoundBlock, into samples: inout [Int16]) -> PlayedSound.Recollection {
    sound.withLock { sound in
      var output = samples.mutableSpan
      return sound.recall(block.position, from: block.time, into: &output)
    }
  }

  var reading: Reading { sound.withLock { Reading(drift: $0.drift, moves: $0.moves) } }
}
