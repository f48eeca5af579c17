// SPDX-License-Identifier: Apache-2.0
import WebRTC

/// Cameras and microphones, in a function that knows nothing of the loop's thread.
func tryCameras(on loop: EventLoop) async throws {
  let media = MediaDevices(on: loop)
  for device in await media.enumerateDevices() where device.kind == .videoInput {
    print("\(device.label) is \(device.deviceId)")
  }
  let stream = try await media.getUserMedia(
    .init(
      video: .init(
        width: .ideal(640),
        height: .ideal(360),
        frameRate: .max(30),
        deviceId: .exact("test")
      )
    )
  )
  guard let track = stream.getVideoTracks().first else { throw CallError.noTrack }
  let settings = track.getSettings()
  print("\(track.label): \(settings.width ?? 0)x\(settings.height ?? 0)")
  try await track.applyConstraints(.init(width: .exact(320), height: .exact(180)))
  do {
    try await track.applyConstraints(.init(width: .min(10_000)))
  } catch {
    guard error.name == .overconstrained else { throw error }
    print("no camera can do that: \(error.constraint ?? "")")
  }
  track.stop()
  print("the track is \(track.readyState.rawValue)")
  let sound = try await media.getUserMedia(
    .init(audio: .init(channelCount: .ideal(2), deviceId: .exact("test")))
  )
  for heard in sound.getAudioTracks() {
    print("\(heard.label): \(heard.getSettings().channelCount ?? 0) channels")
    heard.stop()
  }
}

/// Says which devices come and go, until the task is cancelled.
func watchDevices(_ media: MediaDevices) async {
  for await event in media.events {
    guard case .deviceChange(let devices) = event else { continue }
    print(devices.map(\.label))
  }
}
