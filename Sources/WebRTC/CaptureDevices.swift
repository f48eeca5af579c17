// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import EventLoop
internal import Synchronization
internal import Wire

/// The devices of this machine as one loop uses them: what there is, and what is open.
///
/// Lives on the loop's thread, whatever thread releases it.
final class CaptureDevices: @unchecked Sendable {
  /// Changes that come within this time are one.
  private static let coalescing = Duration.milliseconds(200)
  /// Those of every loop, so that all of one loop share its cameras.
  private static let known = Mutex<[Weak<CaptureDevices>]>([])

  let loop: EventLoop
  private let list: @Sendable () -> [LocalCamera]
  private var open: [Weak<SharedCamera>] = []
  private var readers: [Weak<MediaDevices>] = []
  private var watch: DirectoryWatch?
  /// The devices when they were last looked at for a change; `nil` before the first look.
  private var last: [MediaDeviceInfo]?
  private var timer: TimerID?

  /// Creates the devices that `list` lists, on the worker thread.
  init(on loop: EventLoop, list: @escaping @Sendable () -> [LocalCamera]) {
    self.loop = loop
    self.list = list
  }

  /// The one of `loop`.
  static func of(_ loop: EventLoop) -> CaptureDevices {
    known.withLock { known in
      known.removeAll { $0.object == nil }
      if let found = known.compactMap(\.object).first(where: { $0.loop === loop }) { return found }
      let made = CaptureDevices(on: loop) { LocalCamera.all() }
      known.append(Weak(object: made))
      return made
    }
  }

  /// The cameras that there are now, the test pattern last.
  func cameras() async -> [LocalCamera] {
    let list = list
    return await loop.offload { list() }
  }

  // MARK: Opening

  /// A track of the camera and mode that come nearest to `constraints`.
  ///
  /// The test pattern takes part only where a constraint names it: it is no camera.
  func track(_ constraints: MediaTrackConstraints) async throws(RTCError) -> MediaStreamTrack {
    let isTestAsked = constraints.sets.contains { set in
      set.deviceId?.mentions(LocalCamera.testID) == true
        || set.groupId?.mentions(LocalCamera.testID) == true
    }
    let found = await cameras().filter { isTestAsked || $0.selection != .test }
    let candidates = found.flatMap { camera in
      (shared(camera)?.modes ?? camera.modes(for: constraints)).map { (camera, $0) }
    }
    guard !candidates.isEmpty else {
      throw RTCError(
        .notFound,
        "There is no camera that can be used: connect one, let this user open it (group 'video'), or "
          + "ask for the deviceId '\(LocalCamera.testID)'."
      )
    }
    let best = try SettingsSelection.best(
      of: candidates.map { $0.0.settings($0.1) },
      for: constraints,
      .video
    )
    let (camera, mode) = candidates[best]
    let track: MediaStreamTrack
    do throws(CaptureError) {
      let shared = try openShared(camera, mode)
      track = MediaStreamTrack(shared, constraints)
      do throws(CaptureError) {
        try await shared.opened()
      } catch {
        track.stop()
        throw error
      }
    } catch {
      throw RTCError(error)
    }
    do throws(RTCError) {
      // A driver may agree to something else than what it lists.
      try track.camera?.check(constraints)
    } catch {
      track.stop()
      throw error
    }
    return track
  }

  private func shared(_ camera: LocalCamera) -> SharedCamera? {
    open.compactMap(\.object).first { $0.camera.info.deviceId == camera.info.deviceId }
  }

  private func openShared(
    _ camera: LocalCamera,
    _ mode: LocalCamera.Mode
  ) throws(CaptureError) -> SharedCamera {
    if let found = shared(camera) { return found }
    let made = try SharedCamera(camera, mode, of: self)
    open.removeAll { $0.object == nil }
    open.append(Weak(object: made))
    return made
  }

  /// `camera` is closed: the next track opens it anew.
  func forget(_ camera: SharedCamera) {
    open.removeAll { $0.object === camera || $0.object == nil }
  }

  // MARK: Changes

  /// Tells `reader` of changes from now on; where /dev cannot be watched, there are none to tell.
  func tell(_ reader: MediaDevices) {
    readers.append(Weak(object: reader))
    guard watch == nil else { return }
    watch = try? DirectoryWatch(of: "/dev", entries: "video", on: loop) { [weak self] in
      self?.noteChange()
    }
    look()
  }

  /// Something has come, gone, or may be opened now: looks a little later, once for all of it.
  func noteChange() {
    guard timer == nil else { return }
    timer = loop.schedule(at: loop.now + Self.coalescing) { [weak self] in
      self?.timer = nil
      self?.look()
    }
  }

  private func look() {
    let list = list
    let isBusy = loop.lend(
      [LocalCamera](),
      to: { $0 = list() },
      then: { [weak self] cameras in self?.compare(cameras.map(\.info)) }
    )
    if isBusy != nil { noteChange() }
  }

  private func compare(_ devices: [MediaDeviceInfo]) {
    defer { last = devices }
    guard let last, last != devices else { return }
    for camera in open.compactMap(\.object) {
      camera.follow(isPresent: devices.contains { $0.deviceId == camera.camera.info.deviceId })
    }
    readers.removeAll { $0.object == nil }
    for reader in readers.compactMap(\.object) { reader.tell(.deviceChange(devices: devices)) }
  }
}
