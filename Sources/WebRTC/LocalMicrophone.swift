// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import MediaTypes

/// A microphone of this machine, or the test tone, with what it can do.
///
/// Its sound is always taken at 48,000 Hz, which is what Opus encodes; ALSA converts where the card
/// cannot do that.
struct LocalMicrophone: LocalDevice {
  /// One number of channels, with or without the echo of the loudspeaker.
  struct Mode: Hashable, Sendable {
    var channelCount: Int
    var cancelsEcho: Bool
  }

  static let kind = MediaStreamTrack.Kind.audio
  static let missing =
    "There is no microphone that can be used: connect one, install the package libasound2, or ask for "
    + "the deviceId '\(MediaDeviceInfo.testID)'."

  let info: MediaDeviceInfo
  let selection: SoundSelection
  var isTest: Bool { selection == .test }
  private let channelCounts: ClosedRange<Int>

  /// Creates the description of a sound card's device.
  init(_ device: SoundDevice) {
    info = MediaDeviceInfo(device)
    selection = .device(name: device.name)
    // Of a card that another program has nothing is known, and opening it says so.
    channelCounts = 1...max(1, min(device.channelCounts?.upperBound ?? 1, 2))
  }

  private init() {
    info = MediaDeviceInfo(testFor: .audioInput)
    selection = .test
    channelCounts = 1...2
  }

  /// The microphone that is always there.
  static let testTone = LocalMicrophone()

  /// Mono without echo first, which speech needs; stereo where the card has it.
  ///
  /// The test tone hears no loudspeaker.
  func modes(for constraints: MediaTrackConstraints) -> [Mode] {
    channelCounts.flatMap { count in
      (isTest ? [false] : [true, false]).map { Mode(channelCount: count, cancelsEcho: $0) }
    }
  }

  func settings(_ mode: Mode) -> MediaTrackSettings {
    var settings = MediaTrackSettings()
    settings.sampleRate = SoundBlock.frameRate
    settings.channelCount = mode.channelCount
    settings.echoCancellation = mode.cancelsEcho
    settings.deviceId = info.deviceId
    settings.groupId = info.groupId
    return settings
  }
}

/// How a microphone is opened for tracks.
extension LocalMicrophone {
  func does(_ mode: Mode, as other: Mode) -> Bool { mode == other }

  func open(_ mode: Mode, on loop: EventLoop) throws(RTCError) -> AudioSource {
    do throws(CodecError) {
      let configuration = OpusConfiguration(channelCount: mode.channelCount)
      let source = try AudioSource(
        selection,
        label: info.label,
        configuration: configuration,
        on: loop
      )
      source.cleaning = mode.cleaning
      return source
    } catch {
      throw RTCError(.notReadable, error.description)
    }
  }

  func observe(_ source: AudioSource, by observer: @escaping (DeviceStatus<Mode>) -> Void) {
    source.onStatus = { status in
      switch status {
      // Silence may be what there is to hear.
      case .started, .silent: observer(.started(nil))
      case .stalled:
        observer(.failed(RTCError(.notReadable, status.problem("microphone") ?? "")))
      case .failed(let error, _): observer(.failed(RTCError(error)))
      }
    }
  }

  func reopen(_ source: AudioSource, _ mode: Mode) throws(RTCError) {
    do throws(CodecError) {
      try source.reopen(channelCount: mode.channelCount)
      source.cleaning = mode.cleaning
    } catch {
      throw RTCError(.notReadable, error.description)
    }
  }

  func hear(_ loudspeaker: Loudspeaker?, by source: AudioSource) {
    source.loudspeaker = loudspeaker
  }

  func close(_ source: AudioSource) { source.close() }

  func isFailing(_ source: AudioSource) -> Bool { !source.isAsleep && source.isFailing }
}

extension LocalMicrophone.Mode {
  fileprivate var cleaning: SoundCleaning { SoundCleaning(echo: cancelsEcho ? .cancel : .off) }
}

extension MediaDeviceInfo {
  /// What is told of a sound card's device.
  init(_ device: SoundDevice) {
    self.init(
      deviceId: device.name,
      groupId: device.card,
      kind: device.direction == .capture ? .audioInput : .audioOutput,
      label: "\(device.label) (\(device.name))"
    )
  }

  /// What is told of the sound that is always there.
  init(testFor kind: Kind) {
    self.init(
      deviceId: Self.testID,
      groupId: Self.testID,
      kind: kind,
      label: SoundSelection.test.label(kind == .audioInput ? .capture : .playback)
    )
  }
}

extension RTCError {
  /// What the W3C calls the reason why a microphone cannot be used.
  init(_ error: SoundError) {
    switch error.reason {
    case .deviceForbidden: self.init(.notAllowed, error.description)
    default: self.init(.notReadable, error.description)
    }
  }
}
