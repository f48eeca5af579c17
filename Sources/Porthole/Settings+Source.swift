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
}
