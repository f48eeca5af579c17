// SPDX-License-Identifier: Apache-2.0

/// What a track should and must be like, in one set (W3C mediacapture-main section 4.3.7, MediaTrackConstraintSet).
///
/// A constraint that does not apply to the track's kind is passed over.
public struct MediaTrackConstraintSet: Equatable, Sendable {
  /// Samples in a line.
  public var width: ConstrainULong?
  /// Lines in a picture.
  public var height: ConstrainULong?
  /// Width by height.
  public var aspectRatio: ConstrainDouble?
  /// Pictures per second.
  public var frameRate: ConstrainDouble?
  /// Sound samples per second.
  public var sampleRate: ConstrainULong?
  /// 1 for mono, 2 for stereo.
  public var channelCount: ConstrainULong?
  /// Whether the loudspeaker is taken out of the microphone's sound.
  public var echoCancellation: ConstrainBoolean?
  /// The device, by the name that `enumerateDevices` gives it.
  public var deviceId: ConstrainDOMString?
  /// The piece of hardware that the device is part of.
  public var groupId: ConstrainDOMString?

  /// Creates a set; what is left out is not constrained.
  public init(
    width: ConstrainULong? = nil,
    height: ConstrainULong? = nil,
    aspectRatio: ConstrainDouble? = nil,
    frameRate: ConstrainDouble? = nil,
    sampleRate: ConstrainULong? = nil,
    channelCount: ConstrainULong? = nil,
    echoCancellation: ConstrainBoolean? = nil,
    deviceId: ConstrainDOMString? = nil,
    groupId: ConstrainDOMString? = nil
  ) {
    self.width = width
    self.height = height
    self.aspectRatio = aspectRatio
    self.frameRate = frameRate
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    self.echoCancellation = echoCancellation
    self.deviceId = deviceId
    self.groupId = groupId
  }
}
