// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import WebRTC

extension Settings {
  /// The camera that was asked for, else the first that is found.
  func chooseCamera() -> CameraSelection { camera ?? CameraSelection.firstFound() }

  /// The camera `selection` with its encoder; `nil` for `--camera none`.
  func videoSource(
    _ selection: CameraSelection,
    on loop: EventLoop
  ) throws(StartError) -> VideoSource? {
    guard selection != .none else { return nil }
    do {
      let request = CameraRequest(size: size, frameRate: rate)
      var encoder = VideoEncoderConfiguration(size: size, frameRate: rate, bitrate: bitrate)
      encoder.preset = preset
      encoder.threads = threads
      return try VideoSource(selection, request: request, encoder: encoder, on: loop)
    } catch {
      throw StartError(error.description)
    }
  }

  /// The microphone with its encoder; `nil` for `--microphone none`.
  private func audioSource(on loop: EventLoop) throws(StartError) -> AudioSource? {
    guard microphone != .none else { return nil }
    do {
      let configuration = OpusConfiguration(
        channelCount: microphoneChannels,
        bitrate: .kilobits(32 * microphoneChannels),
        packetTime: packetTime
      )
      return try AudioSource(microphone, configuration: configuration, on: loop)
    } catch {
      throw StartError(error.description)
    }
  }

  /// Microphone and loudspeaker, where there are any, and what is done about the one's hearing the other.
  func sound(
    isEndless: Bool = false,
    on loop: EventLoop
  ) throws(StartError) -> (microphone: AudioSource?, speaker: Loudspeaker?) {
    let source = try audioSource(on: loop)
    let loudspeaker = loudspeaker(isEndless: isEndless, on: loop)
    source?.cleaning = cleaning
    // A tone hears nothing, and what is only measured is not heard.
    if microphone != .test, speaker != .test { source?.loudspeaker = loudspeaker }
    return (source, loudspeaker)
  }

  /// The loudspeaker; `nil` for `--speaker none`.
  ///
  /// Where its turns are endless, the only talker may be silent as long as he likes.
  private func loudspeaker(isEndless: Bool, on loop: EventLoop) -> Loudspeaker? {
    guard speaker != .none else { return nil }
    var configuration = Loudspeaker.Configuration()
    configuration.maximumTalkers = talkers
    if isEndless { configuration.longestSilence = .seconds(31_536_000) }
    return Loudspeaker(speaker, configuration: configuration, on: loop)
  }
}
