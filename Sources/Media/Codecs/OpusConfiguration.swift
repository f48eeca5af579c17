// SPDX-License-Identifier: Apache-2.0
public import MediaTypes

/// How sound is to be encoded as Opus (RFC 6716), at 48,000 frames a second.
public struct OpusConfiguration: Hashable, Sendable {
  /// Bits per second that do one channel good.
  private static let oneChannel = 32_000

  /// Channels, 1 or 2.
  public var channelCount: Int
  /// Bits per second, 6,000 to 510,000.
  public var bitrate: Bitrate
  /// How much is computed for quality, 0 to 10.
  public var complexity: Int
  /// Milliseconds of a packet: 10 or 20.
  public var packetTime: Int
  /// Whether a packet also tells, roughly, what was in the one before (RFC 6716 section 2.1.7).
  public var usesForwardErrorCorrection: Bool
  /// How many packets in a hundred are expected to be lost: what the error correction reckons with.
  public var expectedLoss: Int
  /// Whether nothing is sent of silence (RFC 6716 section 2.1.9).
  public var skipsSilence: Bool
  /// Whether two channels are sent as one.
  public var isMixedDown: Bool
  /// Whether it is tuned for speech rather than for all sound.
  public var isForVoice: Bool

  /// Creates a configuration; complexity 5 costs a small board half of what 9 does.
  public init(
    channelCount: Int = 1,
    bitrate: Bitrate = .kilobits(32),
    complexity: Int = 5,
    packetTime: Int = 20,
    usesForwardErrorCorrection: Bool = true,
    expectedLoss: Int = 0,
    skipsSilence: Bool = false,
    isMixedDown: Bool = false,
    isForVoice: Bool = true
  ) {
    self.channelCount = channelCount
    self.bitrate = bitrate
    self.complexity = complexity
    self.packetTime = packetTime
    self.usesForwardErrorCorrection = usesForwardErrorCorrection
    self.expectedLoss = expectedLoss
    self.skipsSilence = skipsSilence
    self.isMixedDown = isMixedDown
    self.isForVoice = isForVoice
  }

  /// The same as a packet of other listeners: as much as `wishes` allow of what was configured.
  ///
  /// One encode is for all, and everyone can decode all of it. So copies and a second channel are for
  /// whoever wants them, and what makes the sound poorer happens only where everyone does.
  public func following(_ wishes: [OpusPreferences]) -> OpusConfiguration {
    guard !wishes.isEmpty else { return self }
    var result = self
    result.usesForwardErrorCorrection =
      usesForwardErrorCorrection && wishes.contains(where: \.usesForwardErrorCorrection)
    result.skipsSilence = skipsSilence || wishes.allSatisfy(\.skipsSilence)
    if wishes.contains(where: { $0.leastPacketTime > 10 }) { result.packetTime = 20 }
    if channelCount == 2, !isMixedDown, !wishes.contains(where: \.isStereo) {
      result.isMixedDown = true
      let bits = bitrate.bitsPerSecond
      result.bitrate = Bitrate(bitsPerSecond: max(bits / 2, min(bits, Self.oneChannel)))
    }
    return result
  }

  /// Frames of a packet.
  public var packetFrames: Int { SoundBlock.frameRate / 1000 * packetTime }
}
