// SPDX-License-Identifier: Apache-2.0

/// An open device with the tracks of it: one source for all of them.
///
/// While several tracks share it, its mode stands: a constraint that asks one of them for another mode
/// fails, because it would change the others. Lives on the loop's thread.
final class SharedDevice<Device: LocalDevice>: OpenDevice, @unchecked Sendable {
  let device: Device
  private let source: Device.Source
  private let devices: CaptureDevices
  private var mode: Device.Mode
  private var tracks: [Weak<MediaStreamTrack>] = []
  private(set) var isMuted = false
  /// Whether a track is being given another mode.
  private var isChanging = false
  /// How the last opening went; `nil` while it is under way.
  private var opening: Result<Void, RTCError>?
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Begins to open `device` in `mode`.
  init(_ device: Device, _ mode: Device.Mode, of devices: CaptureDevices) throws(RTCError) {
    self.device = device
    self.mode = mode
    self.devices = devices
    source = try device.open(mode, on: devices.loop)
    device.hear(devices.loudspeaker, by: source)
    device.observe(source) { [weak self] in self?.follow($0) }
  }

  var info: MediaDeviceInfo { device.info }
  var kind: MediaStreamTrack.Kind { Device.kind }
  var encodedSource: any EncodedSource { source }
  var settings: MediaTrackSettings { device.settings(mode) }
  var capabilities: MediaTrackCapabilities { device.capabilities }

  /// The modes that one more track can choose from: those who share the device hold it to what it does.
  var modes: [Device.Mode] { [mode] }

  func opened() async throws(RTCError) {
    while opening == nil || isChanging { await settled() }
    try opening?.get()
  }

  func add(_ track: MediaStreamTrack) {
    tracks.append(Weak(object: track))
  }

  func remove(_ track: MediaStreamTrack) {
    tracks.removeAll { $0.object === track || $0.object == nil }
    guard tracks.isEmpty else { return }
    devices.forget(self)
    device.close(source)
    settle(.failure(RTCError(.notReadable, "\(info.label) was closed while it was being opened.")))
  }

  func apply(
    _ constraints: MediaTrackConstraints,
    for track: MediaStreamTrack
  ) async throws(RTCError) {
    while opening == nil || isChanging { await settled() }
    let chosen = try choose(constraints, for: track)
    guard !device.does(mode, as: chosen) else { return }
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

  func check(_ constraints: MediaTrackConstraints) throws(RTCError) {
    _ = try SettingsSelection.best(of: [settings], for: constraints, kind)
  }

  private func choose(
    _ constraints: MediaTrackConstraints,
    for track: MediaStreamTrack
  ) throws(RTCError) -> Device.Mode {
    let isAlone = !tracks.contains { $0.object != nil && $0.object !== track }
    let modes = isAlone ? device.modes(for: constraints) : modes
    let best = try SettingsSelection.best(
      of: modes.map { device.settings($0) },
      for: constraints,
      kind
    )
    return modes[best]
  }

  private func reopen(_ mode: Device.Mode) async throws(RTCError) {
    opening = nil
    self.mode = mode
    do throws(RTCError) {
      try device.reopen(source, mode)
    } catch {
      settle(.failure(error))
    }
    while opening == nil { await settled() }
    try opening?.get()
  }

  func hear(_ loudspeaker: Loudspeaker?) { device.hear(loudspeaker, by: source) }

  func follow(isPresent: Bool) {
    setMuted(!isPresent || device.isFailing(source))
  }

  private func follow(_ status: DeviceStatus<Device.Mode>) {
    switch status {
    case .started(let told):
      mode = told ?? mode
      setMuted(false)
      // Also of a device that could not be opened and has come back by itself.
      opening = .success(())
      resumeWaiting()
    case .failed(let error):
      setMuted(true)
      settle(.failure(error))
    }
  }

  private func setMuted(_ isMuted: Bool) {
    self.isMuted = isMuted
    for track in tracks.compactMap(\.object) { track.setMuted(isMuted) }
  }

  private func settle(_ result: Result<Void, RTCError>) {
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
