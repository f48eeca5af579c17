// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import MediaTypes

/// An open camera with the tracks that show it: one `VideoSource` for all of them.
///
/// While several tracks share it, its mode stands: a constraint that asks one of them for another mode
/// fails, because it would change the others. Lives on the loop's thread.
final class SharedCamera: @unchecked Sendable {
  let camera: LocalCamera
  let source: VideoSource
  private let devices: CaptureDevices
  private var mode: LocalCamera.Mode
  private var tracks: [Weak<MediaStreamTrack>] = []
  /// Whether no pictures come for the time being.
  private(set) var isMuted = false
  /// Whether a track is being given another mode.
  private var isChanging = false
  /// How the last opening went; `nil` while it is under way.
  private var opening: Result<Void, CaptureError>?
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Begins to open `camera` in `mode`.
  init(
    _ camera: LocalCamera,
    _ mode: LocalCamera.Mode,
    of devices: CaptureDevices
  ) throws(CaptureError) {
    self.camera = camera
    self.mode = mode
    self.devices = devices
    source = try VideoSource(
      camera.selection,
      label: camera.info.label,
      request: mode.request,
      encoder: VideoEncoderConfiguration(size: mode.size, frameRate: mode.request.frameRate),
      waitsUntilOpen: false,
      on: devices.loop
    )
    source.onStatus = { [weak self] in self?.follow($0) }
  }

  /// What the camera does now.
  var settings: MediaTrackSettings { camera.settings(mode) }

  /// The modes that one more track can choose from: those who share the camera hold it to what it does.
  var modes: [LocalCamera.Mode] { [mode] }

  /// Waits until the camera is open.
  func opened() async throws(CaptureError) {
    while opening == nil || isChanging { await settled() }
    try opening?.get()
  }

  func add(_ track: MediaStreamTrack) {
    tracks.append(Weak(object: track))
  }

  /// Takes out a track that has ended; the last one closes the camera.
  func remove(_ track: MediaStreamTrack) {
    tracks.removeAll { $0.object === track || $0.object == nil }
    guard tracks.isEmpty else { return }
    devices.forget(self)
    source.close()
    settle(.failure(.deviceGone(path: camera.info.deviceId)))
  }

  /// Does what `constraints` ask, for `track`; the mode stays where that fails.
  func apply(
    _ constraints: MediaTrackConstraints,
    for track: MediaStreamTrack
  ) async throws(RTCError) {
    while opening == nil || isChanging { await settled() }
    let chosen = try choose(constraints, for: track)
    guard chosen.size != mode.size || chosen.request.frameRate != mode.request.frameRate else {
      return
    }
    isChanging = true
    defer {
      isChanging = false
      resumeWaiting()
    }
    let before = mode
    do throws(RTCError) {
      try await reopen(chosen)
      // A driver may agree to something else than what it lists.
      try check(constraints)
    } catch {
      if !tracks.isEmpty { try? await reopen(before) }
      throw error
    }
  }

  /// Whether what the camera does satisfies `constraints`.
  func check(_ constraints: MediaTrackConstraints) throws(RTCError) {
    _ = try SettingsSelection.best(of: [settings], for: constraints, .video)
  }

  private func choose(
    _ constraints: MediaTrackConstraints,
    for track: MediaStreamTrack
  ) throws(RTCError) -> LocalCamera.Mode {
    let isAlone = !tracks.contains { $0.object != nil && $0.object !== track }
    let modes = isAlone ? camera.modes(for: constraints) : modes
    let best = try SettingsSelection.best(
      of: modes.map { camera.settings($0) },
      for: constraints,
      .video
    )
    return modes[best]
  }

  private func reopen(_ mode: LocalCamera.Mode) async throws(RTCError) {
    do throws(CaptureError) {
      opening = nil
      self.mode = mode
      try source.reopen(mode.request)
      while opening == nil { await settled() }
      try opening?.get()
    } catch {
      settle(.failure(error))
      throw RTCError(error)
    }
  }

  /// Follows what is seen of the camera from outside: nothing else tells while it is closed, unwatched.
  func follow(isPresent: Bool) {
    setMuted(!isPresent || (!source.isAsleep && source.problem != nil))
  }

  private func follow(_ status: CaptureThread.Status) {
    switch status {
    case .started(let format):
      mode = LocalCamera.Mode(size: format.size, frameRate: format.frameRate)
      setMuted(false)
      // Also of a camera that could not be opened and has come back by itself.
      opening = .success(())
      resumeWaiting()
    case .startedEncoded: break
    case .stalled: setMuted(true)
    case .failed(let error, _):
      setMuted(true)
      settle(.failure(error))
    }
  }

  private func setMuted(_ isMuted: Bool) {
    self.isMuted = isMuted
    for track in tracks.compactMap(\.object) { track.setMuted(isMuted) }
  }

  private func settle(_ result: Result<Void, CaptureError>) {
    guard opening == nil else { return }
    opening = result
    resumeWaiting()
  }

  /// Waits until something has changed that one may wait for.
  private func settled() async {
    await withCheckedContinuation { waiting.append($0) }
  }

  private func resumeWaiting() {
    let resumed = waiting
    waiting = []
    for continuation in resumed { continuation.resume() }
  }
}

extension RTCError {
  /// What the W3C calls the reason why a camera cannot be used.
  init(_ error: CaptureError) {
    switch error {
    case .deviceForbidden: self.init(.notAllowed, error.description)
    default: self.init(.notReadable, error.description)
    }
  }
}
