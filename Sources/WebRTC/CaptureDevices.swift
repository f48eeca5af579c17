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
  /// Those of every loop, so that all of one loop share its devices.
  private static let known = Mutex<[Weak<CaptureDevices>]>([])

  let loop: EventLoop
  private let list: @Sendable () -> LocalDevices
  private var open: [Opened] = []
  private var readers: [Weak<MediaDevices>] = []
  private var watch: DirectoryWatch?
  /// Of the folder with the sound cards' devices, which is there only while there is a card.
  private var soundWatch: DirectoryWatch?
  /// The devices when they were last looked at for a change; `nil` before the first look.
  private var last: [MediaDeviceInfo]?
  private var timer: TimerID?
  /// The loudspeaker that microphones hear: the one that was opened last.
  weak var loudspeaker: Loudspeaker? {
    didSet {
      for device in open.compactMap(\.device) { device.hear(loudspeaker) }
    }
  }

  /// Creates the devices that `list` lists, on the worker thread.
  init(on loop: EventLoop, list: @escaping @Sendable () -> LocalDevices) {
    self.loop = loop
    self.list = list
  }

  /// The one of `loop`.
  static func of(_ loop: EventLoop) -> CaptureDevices {
    known.withLock { known in
      known.removeAll { $0.object == nil }
      if let found = known.compactMap(\.object).first(where: { $0.loop === loop }) { return found }
      let made = CaptureDevices(on: loop) { LocalDevices.all() }
      known.append(Weak(object: made))
      return made
    }
  }

  /// The devices that there are now.
  func found() async -> LocalDevices {
    let list = list
    return await loop.offload { list() }
  }

  // MARK: Opening

  /// A track of that one of `devices`, in that mode, which comes nearest to `constraints`.
  ///
  /// What the program makes itself takes part only where a constraint names it: it is no device.
  func track<Device: LocalDevice>(
    of devices: [Device],
    _ constraints: MediaTrackConstraints
  ) async throws(RTCError) -> MediaStreamTrack {
    let isTestAsked = constraints.sets.contains { set in
      set.deviceId?.mentions(MediaDeviceInfo.testID) == true
        || set.groupId?.mentions(MediaDeviceInfo.testID) == true
    }
    let candidates = devices.filter { isTestAsked || !$0.isTest }.flatMap { device in
      (shared(device)?.modes ?? device.modes(for: constraints)).map { (device, $0) }
    }
    guard !candidates.isEmpty else { throw RTCError(.notFound, Device.missing) }
    let best = try SettingsSelection.best(
      of: candidates.map { $0.0.settings($0.1) },
      for: constraints,
      Device.kind
    )
    let (device, mode) = candidates[best]
    let opened = try openShared(device, mode)
    let track = MediaStreamTrack(opened, constraints)
    do throws(RTCError) {
      try await opened.opened()
      // A driver may agree to something else than what it lists.
      try track.device?.check(constraints)
    } catch {
      track.stop()
      throw error
    }
    return track
  }

  private func shared<Device: LocalDevice>(_ device: Device) -> SharedDevice<Device>? {
    let ofThisKind = open.lazy.compactMap { $0.device as? SharedDevice<Device> }
    return ofThisKind.first { $0.info.deviceId == device.info.deviceId }
  }

  private func openShared<Device: LocalDevice>(
    _ device: Device,
    _ mode: Device.Mode
  ) throws(RTCError) -> SharedDevice<Device> {
    if let found = shared(device) { return found }
    let made = try SharedDevice(device, mode, of: self)
    open.removeAll { $0.device == nil }
    open.append(Opened(device: made))
    return made
  }

  /// `device` is closed: the next track opens it anew.
  func forget(_ device: any OpenDevice) {
    open.removeAll { $0.device === device || $0.device == nil }
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
    watchSound()
    let list = list
    let isBusy = loop.lend(
      LocalDevices(),
      to: { $0 = list() },
      then: { [weak self] devices in self?.compare(devices.infos) }
    )
    if isBusy != nil { noteChange() }
  }

  /// Watches the folder of the sound cards anew: it may have come, or be another one than before.
  private func watchSound() {
    soundWatch = try? DirectoryWatch(of: "/dev/snd", entries: "pcm", on: loop) { [weak self] in
      self?.noteChange()
    }
  }

  private func compare(_ devices: [MediaDeviceInfo]) {
    defer { last = devices }
    guard let last, last != devices else { return }
    for device in open.compactMap(\.device) {
      device.follow(
        isPresent: devices.contains {
          $0.deviceId == device.info.deviceId && $0.kind == device.info.kind
        }
      )
    }
    readers.removeAll { $0.object == nil }
    for reader in readers.compactMap(\.object) { reader.tell(.deviceChange(devices: devices)) }
  }

  /// An open device that its tracks keep alive.
  private struct Opened {
    weak var device: (any OpenDevice)?
  }
}
