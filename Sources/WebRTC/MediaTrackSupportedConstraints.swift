// SPDX-License-Identifier: Apache-2.0

/// The constraints that are heeded (W3C mediacapture-main section 4.3.6, MediaTrackSupportedConstraints).
public struct MediaTrackSupportedConstraints: Equatable, Sendable {
  /// Heeded for pictures.
  public let width = true
  /// Heeded for pictures.
  public let height = true
  /// Heeded for pictures.
  public let aspectRatio = true
  /// Heeded for pictures.
  public let frameRate = true
  /// Heeded for sound.
  public let sampleRate = true
  /// Heeded for sound.
  public let channelCount = true
  /// Heeded for sound.
  public let echoCancellation = true
  /// Heeded.
  public let deviceId = true
  /// Heeded.
  public let groupId = true
}
