// SPDX-License-Identifier: Apache-2.0

/// What a track is like now (W3C mediacapture-main section 4.3.9, MediaTrackSettings).
///
/// A member is `nil` where it does not apply to the track or is not known.
public struct MediaTrackSettings: Equatable, Sendable {
  /// Samples in a line.
  public var width: Int?
  /// Lines in a picture.
  public var height: Int?
  /// Width by height.
  public var aspectRatio: Double?
  /// Pictures per second.
  public var frameRate: Double?
  /// Sound samples per second.
  public var sampleRate: Int?
  /// 1 for mono, 2 for stereo.
  public var channelCount: Int?
  /// Whether the loudspeaker is taken out of the microphone's sound.
  public var echoCancellation: Bool?
  /// The device, by the name that `enumerateDevices` gives it.
  public var deviceId: String?
  /// The piece of hardware that the device is part of.
  public var groupId: String?

  /// Creates settings of which nothing is known.
  public init() {}
}
