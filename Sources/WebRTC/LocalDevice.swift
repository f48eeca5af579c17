// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// A camera or microphone of this machine, with what it can do; not opened.
protocol LocalDevice: Sendable {
  /// One way in which it can work.
  associatedtype Mode: Sendable
  /// What takes and encodes what it delivers.
  associatedtype Source: EncodedSource

  /// What its tracks carry.
  static var kind: MediaStreamTrack.Kind { get }
  /// What to do where there is none.
  static var missing: String { get }

  var info: MediaDeviceInfo { get }
  /// Whether it is made by the program, and so taken only where a constraint names it.
  var isTest: Bool { get }
  /// What it can do, the usual first; of endless choices those that `constraints` speak of.
  func modes(for constraints: MediaTrackConstraints) -> [Mode]
  /// What a track is like that it delivers in `mode`.
  func settings(_ mode: Mode) -> MediaTrackSettings
  /// Whether a device that does `mode` need not be opened again for `other`.
  func does(_ mode: Mode, as other: Mode) -> Bool
  /// Begins to open it.
  func open(_ mode: Mode, on loop: EventLoop) throws(RTCError) -> Source
  /// Tells `observer`, on the loop, how opening went, and what comes of it later.
  func observe(_ source: Source, by observer: @escaping (DeviceStatus<Mode>) -> Void)
  /// Begins to open `source` again, in another mode.
  func reopen(_ source: Source, _ mode: Mode) throws(RTCError)
  /// From now on `source` hears what `loudspeaker` plays.
  func hear(_ loudspeaker: Loudspeaker?, by source: Source)
  func close(_ source: Source)
  /// Whether `source` wants to deliver and cannot.
  func isFailing(_ source: Source) -> Bool
}

/// What an open device tells.
enum DeviceStatus<Mode: Sendable>: Sendable {
  /// It delivers, in this mode where the driver tells it.
  case started(Mode?)
  /// It cannot be opened, does not move, or was unplugged.
  case failed(RTCError)
}

extension LocalDevice {
  /// Cameras hear nothing.
  func hear(_ loudspeaker: Loudspeaker?, by source: Source) {}

  var capabilities: MediaTrackCapabilities {
    let all = modes(for: MediaTrackConstraints()).map { settings($0) }
    var capabilities = MediaTrackCapabilities()
    capabilities.width = ULongRange(all.compactMap(\.width))
    capabilities.height = ULongRange(all.compactMap(\.height))
    capabilities.aspectRatio = DoubleRange(all.compactMap(\.aspectRatio))
    capabilities.frameRate = DoubleRange(all.compactMap(\.frameRate))
    capabilities.sampleRate = ULongRange(all.compactMap(\.sampleRate))
    capabilities.channelCount = ULongRange(all.compactMap(\.channelCount))
    let switches = Set(all.compactMap(\.echoCancellation))
    capabilities.echoCancellation =
      switches.isEmpty ? nil : [false, true].filter(switches.contains)
    capabilities.deviceId = info.deviceId
    capabilities.groupId = info.groupId
    return capabilities
  }
}
