// SPDX-License-Identifier: Apache-2.0

/// What a stream that comes encoded delivers, as its sequence parameter set says.
public struct EncodedVideoFormat: Hashable, Sendable {
  /// Width and height of the picture that is shown.
  public var size: PictureSize
  /// Frames per second; 30 where the stream does not say.
  public var frameRate: FrameRate
  /// profile_idc, the constraint flags and level_idc: SDP's profile-level-id.
  public var profileLevelID: [UInt8]

  /// Creates a format from its parts.
  public init(size: PictureSize, frameRate: FrameRate, profileLevelID: [UInt8]) {
    self.size = size
    self.frameRate = frameRate
    self.profileLevelID = profileLevelID
  }
}
