// SPDX-License-Identifier: Apache-2.0

/// What a peer likes to be sent of Opus, as its description says (RFC 7587 section 6.1); it can decode
/// everything all the same.
public struct OpusPreferences: Hashable, Sendable {
  /// Whether it plays two channels (`stereo`).
  public var isStereo = false
  /// Whether it makes use of the copies inside the stream (`useinbandfec`).
  public var usesForwardErrorCorrection = false
  /// Whether silence is better not sent (`usedtx`).
  public var skipsSilence = false
  /// The shortest packets that it likes, in milliseconds (`minptime`).
  public var leastPacketTime = 3

  /// Creates what holds where nothing is said.
  public init() {}
}
