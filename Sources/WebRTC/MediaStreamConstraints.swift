// SPDX-License-Identifier: Apache-2.0

/// Which tracks a stream is to have, and what they must be like (W3C mediacapture-main section 10.1).
public struct MediaStreamConstraints: Equatable, Sendable {
  /// What the pictures are to be like; `nil` for none.
  public var video: MediaTrackConstraints?
  /// What the sound is to be like; `nil` for none.
  public var audio: MediaTrackConstraints?

  /// Asks for pictures or sound of any kind.
  public init(video: Bool = false, audio: Bool = false) {
    self.video = video ? MediaTrackConstraints() : nil
    self.audio = audio ? MediaTrackConstraints() : nil
  }

  /// Asks for pictures as `video` says, and perhaps for sound of any kind.
  public init(video: MediaTrackConstraints, audio: Bool = false) {
    self.video = video
    self.audio = audio ? MediaTrackConstraints() : nil
  }

  /// Asks for sound as `audio` says, and perhaps for pictures of any kind.
  public init(video: Bool = false, audio: MediaTrackConstraints) {
    self.video = video ? MediaTrackConstraints() : nil
    self.audio = audio
  }

  /// Asks for pictures as `video` says and for sound as `audio` says.
  public init(video: MediaTrackConstraints, audio: MediaTrackConstraints) {
    self.video = video
    self.audio = audio
  }
}
