// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes

/// What a track is like, can be, and is to be (W3C mediacapture-main sections 4.3.8 and 6).
extension MediaStreamTrack {
  /// What the track is like now (section 4.3.9).
  public func getSettings() -> MediaTrackSettings {
    loop.sync {
      if let device { return device.settings }
      var settings = MediaTrackSettings()
      if let microphone = source as? AudioSource {
        settings.sampleRate = SoundBlock.frameRate
        settings.channelCount = microphone.facts.channelCount
        settings.echoCancellation = false
      }
      guard let facts = (source as? VideoSource)?.facts, facts.height > 0 else { return settings }
      settings.width = facts.width
      settings.height = facts.height
      settings.aspectRatio = Double(facts.width) / Double(facts.height)
      return settings
    }
  }

  /// What the track's device can do (section 4.3.8); of other sources nothing is known.
  public func getCapabilities() -> MediaTrackCapabilities {
    loop.sync { device?.capabilities } ?? MediaTrackCapabilities()
  }

  /// The constraints that were last granted (section 6.2).
  public func getConstraints() -> MediaTrackConstraints { loop.sync { constraints } }

  /// Asks for other settings (section 6.2.1); the peers see them at once, beginning with a keyframe.
  ///
  /// The device is opened again where the best of its modes is another one. Of a device that other tracks
  /// share, and of a source that is no device, the settings stand: asking for others fails. A track that
  /// has ended asks for nothing.
  ///
  /// - Throws: `OverconstrainedError` with the constraint; `NotReadableError` where the device refused
  ///   the mode. The settings and constraints are then what they were.
  public func applyConstraints(
    _ constraints: MediaTrackConstraints = MediaTrackConstraints()
  ) async throws(RTCError) {
    try await LoopVisitor(on: loop).apply(constraints, to: self)
  }
}
