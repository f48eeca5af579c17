// SPDX-License-Identifier: Apache-2.0

/// What is done to the sound of a microphone before it is encoded.
public struct SoundCleaning: Hashable, Sendable {
  /// What is done where a microphone hears the loudspeaker beside it.
  public enum Echo: String, Hashable, Sendable, CaseIterable {
    /// Nothing: who speaks through the loudspeaker hears himself.
    case off
    /// The echo is taken out, and both sides may speak at a time.
    case cancel
    /// The microphone is quiet while the loudspeaker is not.
    case duck
  }

  /// What is done about the loudspeaker.
  public var echo: Echo
  /// Whether noise that does not change is lowered, by up to 18 dB.
  public var suppressesNoise: Bool
  /// Whether speech is brought to one level, by up to 20 dB more.
  public var controlsGain: Bool

  /// Creates a cleaning that does nothing unless told to.
  public init(echo: Echo = .off, suppressesNoise: Bool = false, controlsGain: Bool = false) {
    self.echo = echo
    self.suppressesNoise = suppressesNoise
    self.controlsGain = controlsGain
  }
}
