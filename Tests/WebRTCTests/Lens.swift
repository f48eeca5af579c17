// SPDX-License-Identifier: Apache-2.0
import Capture
import EventLoop
import MediaTypes
import Testing

@testable import WebRTC

/// A loop with `MediaDevices` of its own, which sees the devices that a test gives it.
actor Lens: EventLoopActor {
  nonisolated let loop: EventLoop
  nonisolated let devices: CaptureDevices
  nonisolated let media: MediaDevices

  /// Lists what `devices` answers, on the worker thread.
  init(devices list: @escaping @Sendable () -> LocalDevices) throws {
    loop = try EventLoop.start()
    devices = CaptureDevices(on: loop, list: list)
    media = MediaDevices(devices)
  }

  /// Lists what `cameras` answers, and no sound card.
  init(_ cameras: @escaping @Sendable () -> [LocalCamera] = { [.testPattern] }) throws {
    try self.init(devices: { LocalDevices(cameras: cameras()) })
  }

  /// Lists what `microphones` answers, and no camera.
  init(microphones: @escaping @Sendable () -> [LocalMicrophone]) throws {
    try self.init(devices: { LocalDevices(microphones: microphones()) })
  }

  /// A camera that is listed, but is not there when it is opened.
  static func camera(_ path: String, _ width: Int, _ height: Int) -> LocalCamera {
    let mode = CameraDevice.Mode(
      sizes: .exactly(PictureSize(width: width, height: height)),
      frameRates: [FrameRate(30)]
    )
    return LocalCamera(
      CameraDevice(
        path: path,
        name: "Camera",
        driver: "none",
        bus: "none",
        formats: [.init(fourcc: "NV12", modes: [mode])]
      )
    )
  }

  /// Runs `body` on the loop, where tracks live.
  func run<Value: Sendable>(
    _ body: @Sendable (isolated Lens) async throws -> Value
  ) async rethrows -> Value {
    try await body(self)
  }

  /// The only track of a stream that satisfies `constraints`.
  func open(_ constraints: MediaTrackConstraints) async throws -> MediaStreamTrack {
    let stream = try await media.getUserMedia(.init(video: constraints))
    return try #require(stream.getVideoTracks().first)
  }

  /// The only track of sound that satisfies `constraints`.
  func hear(_ constraints: MediaTrackConstraints) async throws -> MediaStreamTrack {
    let stream = try await media.getUserMedia(.init(audio: constraints))
    return try #require(stream.getAudioTracks().first)
  }

  /// The error that `body` throws on the loop.
  func failure(
    _ body: @Sendable (isolated Lens) async throws -> Void
  ) async -> RTCError? {
    do {
      try await body(self)
      return nil
    } catch {
      return error as? RTCError
    }
  }

  nonisolated func close() {
    loop.stop()
  }
}

/// The test pattern in small.
let smallPattern = MediaTrackConstraints(
  width: .exact(160),
  height: .exact(120),
  frameRate: .exact(30),
  deviceId: .exact("test")
)

/// The test tone.
let tone = MediaTrackConstraints(deviceId: .exact("test"))
