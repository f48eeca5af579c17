// SPDX-License-Identifier: Apache-2.0
private import Glibc
public import MediaTypes
internal import Sound
internal import Wire

extension AudioSource {
  /// What is known of the echo that the microphone hears, and of its cleaning, at one moment.
  public struct CleaningFacts: Hashable, Sendable {
    /// By how many dB the echo is below what the loudspeaker plays (ITU-T G.168 section 3.14); `nil` until
    /// there was one.
    public var echoReturnLoss: Double?
    /// By how many dB the canceller lowers it further (section 3.15).
    public var echoReturnLossEnhancement: Double?
    /// Seconds from the loudspeaker's playing to the microphone's hearing, by what the cards tell of their
    /// times; below 0 where they tell it wrongly.
    public var echoDelay: Double?
    /// How much faster the loudspeaker's clock runs than the microphone's, in parts in a million.
    public var clockDrift: Double?
    /// How often the canceller had to begin anew: the loudspeaker was opened, or sound was lost.
    public var restarts: UInt64 = 0
    /// Seconds of processor time that cleaning took.
    public var totalCleaningTime = 0.0
  }

  /// What is done to the sound before it is encoded; at first nothing.
  ///
  /// What is done about the echo, is done where there is a `loudspeaker`. A change takes effect with the
  /// next block of 10 ms.
  public var cleaning: SoundCleaning {
    get { cleaner.cleaning }
    set { cleaner.cleaning = newValue }
  }

  /// The loudspeaker whose echo the microphone hears.
  public var loudspeaker: Loudspeaker? {
    get { cleaner.speaker }
    set { cleaner.speaker = newValue }
  }

  /// What is known of the cleaning now.
  public var cleaningFacts: CleaningFacts {
    let (done, cards) = (cleaner.reading, cleaner.cards)
    var facts = CleaningFacts()
    facts.echoReturnLoss = done.echo.returned.map { 0 - decibels($0) }
    facts.echoReturnLossEnhancement = done.echo.left.map { 0 - decibels($0) }
    facts.echoDelay = done.echo.delay.map { samples in
      Double(samples) / Double(SoundBlock.frameRate) - SpeakerTap.lead.inSeconds
    }
    facts.clockDrift = cards?.drift
    facts.restarts = cards?.moves ?? 0
    facts.totalCleaningTime = done.busy.inSeconds
    return facts
  }
}

/// A ratio of energies, 100 dB at most.
private func decibels(_ ratio: Double) -> Double { 10 * log10(max(1e-10, min(ratio, 1e10))) }
