// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Synchronization
internal import Wire

/// Cleans the blocks of one microphone before they are encoded.
///
/// What is to be done may be changed at any time, by any thread; it is done on the microphone's.
final class MicrophoneCleaner: @unchecked Sendable {
  // Sendable without the compiler's proof: all below `told` is the microphone's thread's alone, and there is
  // never more than one.

  /// What is asked for.
  private struct Wish {
    var cleaning = SoundCleaning()
    weak var speaker: Loudspeaker?
    var tap: SpeakerTap?

    /// Without a loudspeaker there is no echo.
    var useful: SoundCleaning {
      var useful = cleaning
      if tap == nil { useful.echo = .off }
      return useful
    }
  }

  /// What has been done.
  struct Reading {
    var echo = EchoControl.Reading()
    /// Processor time that the microphone's thread has spent here.
    var busy = Duration.zero
  }

  private final class Channel {
    var control: EchoControl

    init?(_ cleaning: SoundCleaning) {
      guard let control = EchoControl(cleaning) else { return nil }
      self.control = control
    }
  }

  private let wish = Mutex(Wish())
  private let told = Mutex(Reading())
  private var done = SoundCleaning()
  private var channels: [Channel] = []
  private var cleaned = SoundBlock(frameCount: EchoControl.frame, channelCount: 1)
  /// What the loudspeaker played, and one channel of what was captured.
  private var played = [Int16](repeating: 0, count: EchoControl.frame)
  private var lane = [Int16](repeating: 0, count: EchoControl.frame)

  deinit {
    let wish = wish.withLock { $0 }
    if let tap = wish.tap { wish.speaker?.remove(tap) }
  }

  var cleaning: SoundCleaning {
    get { wish.withLock { $0.cleaning } }
    set { wish.withLock { $0.cleaning = newValue } }
  }

  /// The loudspeaker whose echo the microphone hears.
  var speaker: Loudspeaker? {
    get { wish.withLock { $0.speaker } }
    set { hear(newValue.map { _ in SpeakerTap() }, of: newValue) }
  }

  /// From now on the microphone hears what `speaker` leaves with `tap`.
  func hear(_ tap: SpeakerTap?, of speaker: Loudspeaker?) {
    let before = wish.withLock { wish in
      defer { (wish.speaker, wish.tap) = (speaker, tap) }
      return wish
    }
    if let gone = before.tap { before.speaker?.remove(gone) }
    if let tap { speaker?.add(tap) }
  }

  var reading: Reading { told.withLock { $0 } }

  /// How the two cards go together; `nil` without a loudspeaker.
  var cards: SpeakerTap.Reading? { wish.withLock { $0.tap }?.reading }

  /// The block to be encoded in the place of `block`, on the microphone's thread.
  func clean(_ block: SoundBlock) -> SoundBlock {
    let wish = wish.withLock { $0 }
    let useful = wish.useful
    guard useful != SoundCleaning(), block.frameCount == EchoControl.frame else {
      if !channels.isEmpty { forget() }
      return block
    }
    let began = MediaClock.threadTime
    guard prepare(useful, block.channelCount) else { return block }
    cleaned.position = block.position
    cleaned.time = block.time - SoundBlock.duration(of: useful.latency)
    let recollection = wish.tap?.recall(block, into: &played) ?? .silence
    for (index, channel) in channels.enumerated() {
      clean(block, index, of: channel, recollection)
    }
    let echo = channels.first?.control.reading ?? EchoControl.Reading()
    told.withLock { told in
      told.echo = echo
      told.busy += MediaClock.threadTime - began
    }
    return cleaned
  }

  /// Opens what is needed to do `cleaning`; `false` without memory.
  private func prepare(_ cleaning: SoundCleaning, _ channelCount: Int) -> Bool {
    guard cleaning != done || channels.count != channelCount else { return true }
    channels = (0..<channelCount).compactMap { _ in Channel(cleaning) }
    done = cleaning
    cleaned = SoundBlock(frameCount: EchoControl.frame, channelCount: channelCount)
    if channels.count < channelCount { forget() }
    return !channels.isEmpty
  }

  private func forget() {
    channels = []
    done = SoundCleaning()
    told.withLock { $0.echo = EchoControl.Reading() }
  }

  private func clean(
    _ block: SoundBlock,
    _ index: Int,
    of channel: Channel,
    _ recollection: PlayedSound.Recollection
  ) {
    let count = block.channelCount
    let captured = block.samples.span
    var one: [Int16] = []
    var all: [Int16] = []
    swap(&one, &lane)
    swap(&all, &cleaned.samples)
    defer {
      swap(&one, &lane)
      swap(&all, &cleaned.samples)
    }
    let played = played
    var samples = one.mutableSpan
    for frame in samples.indices { samples[frame] = captured[frame * count + index] }
    channel.control.clean(&samples, while: played.span, recollection)
    var output = all.mutableSpan
    for frame in samples.indices { output[frame * count + index] = samples[frame] }
  }
}
