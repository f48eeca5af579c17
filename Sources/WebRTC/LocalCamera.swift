// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import Codecs
internal import EventLoop
internal import MediaTypes

/// A camera of this machine, or the test pattern, with what it can do.
struct LocalCamera: LocalDevice {
  /// One size at one rate.
  struct Mode: Hashable, Sendable {
    var size: PictureSize
    /// `nil` where the driver does not say.
    var frameRate: FrameRate?

    /// What is asked of the driver.
    var request: CameraRequest {
      CameraRequest(size: size, frameRate: frameRate ?? Self.usual.frameRate)
    }

    /// What is taken where nothing is asked for: the same as of the program without options.
    static let usual = CameraRequest()
  }

  static let kind = MediaStreamTrack.Kind.video
  static let missing =
    "There is no camera that can be used: connect one, let this user open it (group 'video'), or ask "
    + "for the deviceId '\(MediaDeviceInfo.testID)'."

  let info: MediaDeviceInfo
  let selection: CameraSelection
  var isTest: Bool { selection == .test }
  private let offered: [CameraDevice.Mode]
  /// Any rate in here, where no rates are named.
  private let rates: ClosedRange<Int>?

  /// Creates the description of a V4L2 device.
  init(_ device: CameraDevice) {
    info = MediaDeviceInfo(
      deviceId: device.path,
      groupId: device.bus,
      kind: .videoInput,
      label: "\(device.name) (\(device.path))"
    )
    selection = .device(path: device.path)
    var modes: [CameraDevice.Mode] = []
    for mode in device.formats.filter({ $0.pixelFormat != nil }).flatMap(\.modes)
    where !modes.contains(mode) {
      modes.append(mode)
    }
    offered = modes
    rates = nil
  }

  private init(testPatternFrom low: PictureSize, to high: PictureSize) {
    info = MediaDeviceInfo(
      deviceId: MediaDeviceInfo.testID,
      groupId: MediaDeviceInfo.testID,
      kind: .videoInput,
      label: "Test pattern"
    )
    selection = .test
    let step = PictureSize(width: 2, height: 2)
    offered = [CameraDevice.Mode(sizes: .range(low, high, step: step), frameRates: [])]
    rates = 1...60
  }

  /// The camera that is always there.
  static let testPattern = LocalCamera(
    testPatternFrom: PictureSize(width: 80, height: 32),
    to: PictureSize(width: 4096, height: 2304)
  )

  /// Every camera that can be opened now and delivers a format that we understand, the test pattern last.
  static func all() -> [LocalCamera] {
    CameraDevice.all().filter(\.isUsable).map { LocalCamera($0) } + [testPattern]
  }

  /// What the camera can do natively, the usual first: pictures are neither scaled nor cropped.
  ///
  /// Of a range of sizes or rates those are listed that `constraints` speak of, its ends, and the usual
  /// one. Left out is what no level of H.264 allows.
  func modes(for constraints: MediaTrackConstraints) -> [Mode] {
    var modes: Set<Mode> = []
    for mode in offered {
      let rates = frameRates(of: mode, constraints)
      for size in Self.sizes(of: mode, constraints) {
        for rate in rates { modes.insert(Mode(size: size, frameRate: rate)) }
      }
    }
    return modes.filter { mode in
      VideoEncoderConfiguration(size: mode.size, frameRate: mode.request.frameRate).level != nil
    }.sorted { Self.rank($0).lexicographicallyPrecedes(Self.rank($1)) }
  }

  func settings(_ mode: Mode) -> MediaTrackSettings {
    var settings = MediaTrackSettings()
    settings.width = mode.size.width
    settings.height = mode.size.height
    settings.aspectRatio = Double(mode.size.width) / Double(max(1, mode.size.height))
    settings.frameRate = mode.frameRate?.perSecond
    settings.deviceId = info.deviceId
    settings.groupId = info.groupId
    return settings
  }

  /// Near to the usual size first, then fast enough, then no faster than need be.
  private static func rank(_ mode: Mode) -> [Double] {
    let (usual, rate) = (Mode.usual, mode.request.frameRate.perSecond)
    let distance =
      abs(mode.size.width - usual.size.width) + abs(mode.size.height - usual.size.height)
    let wish = usual.frameRate.perSecond
    return [Double(distance), max(0, wish - rate - 0.01), rate, Double(mode.size.width)]
  }

  private func frameRates(
    of mode: CameraDevice.Mode,
    _ constraints: MediaTrackConstraints
  ) -> [FrameRate?] {
    guard mode.frameRates.isEmpty else { return mode.frameRates }
    guard let rates else { return [nil] }
    let asked = constraints.sets.flatMap { $0.frameRate?.numbers ?? [] }
    let inside = asked.filter { (Double(rates.lowerBound)...Double(rates.upperBound)).contains($0) }
    return [rates.lowerBound, rates.upperBound].map { FrameRate($0) } + [Mode.usual.frameRate]
      + inside.map { rate in
        let thousandths = Int((rate * 1000).rounded())
        return thousandths % 1000 == 0
          ? FrameRate(thousandths / 1000) : FrameRate(thousandths, per: 1000)
      }
  }

  private static func sizes(
    of mode: CameraDevice.Mode,
    _ constraints: MediaTrackConstraints
  ) -> [PictureSize] {
    guard case .range(let low, let high, let step) = mode.sizes else {
      return [mode.sizes.nearest(to: Mode.usual.size)]
    }
    // The nearest on both sides, because one of them may be refused.
    func around(_ wishes: [Double], _ step: Int) -> [Int] {
      wishes.filter(\.isFinite).flatMap { wish in
        let whole = Int(max(0, min(wish.rounded(), 65_536)))
        return [whole - step, whole, whole + step]
      }
    }
    let sets = constraints.sets
    let widths =
      [low.width, high.width, Mode.usual.size.width]
      + around(sets.flatMap { $0.width?.numbers ?? [] }.map(Double.init), step.width)
    let heights =
      [low.height, high.height, Mode.usual.size.height]
      + around(sets.flatMap { $0.height?.numbers ?? [] }.map(Double.init), step.height)
    let ratios = sets.flatMap { $0.aspectRatio?.numbers ?? [] }.filter { $0 > 0 }
    var sizes: Set<PictureSize> = []
    for width in Set(widths) {
      for height in Set(heights + around(ratios.map { Double(width) / $0 }, step.height)) {
        sizes.insert(mode.sizes.nearest(to: PictureSize(width: width, height: height)))
      }
    }
    // A width that fits a height is as good as a height that fits a width.
    for height in Set(heights) {
      for width in around(ratios.map { Double(height) * $0 }, step.width) {
        sizes.insert(mode.sizes.nearest(to: PictureSize(width: width, height: height)))
      }
    }
    return Array(sizes)
  }
}

/// How a camera is opened for tracks.
extension LocalCamera {
  func does(_ mode: Mode, as other: Mode) -> Bool { mode.request == other.request }

  func open(_ mode: Mode, on loop: EventLoop) throws(RTCError) -> VideoSource {
    do throws(CaptureError) {
      return try VideoSource(
        selection,
        label: info.label,
        request: mode.request,
        encoder: VideoEncoderConfiguration(size: mode.size, frameRate: mode.request.frameRate),
        waitsUntilOpen: false,
        on: loop
      )
    } catch {
      throw RTCError(error)
    }
  }

  func observe(_ source: VideoSource, by observer: @escaping (DeviceStatus<Mode>) -> Void) {
    let label = info.label
    source.onStatus = { status in
      switch status {
      case .started(let format):
        observer(.started(Mode(size: format.size, frameRate: format.frameRate)))
      case .startedEncoded: observer(.started(nil))
      case .stalled:
        observer(.failed(RTCError(.notReadable, "\(label) is there but delivers no pictures.")))
      case .failed(let error, _): observer(.failed(RTCError(error)))
      }
    }
  }

  func reopen(_ source: VideoSource, _ mode: Mode) throws(RTCError) {
    do throws(CaptureError) {
      try source.reopen(mode.request)
    } catch {
      throw RTCError(error)
    }
  }

  func close(_ source: VideoSource) { source.close() }

  func isFailing(_ source: VideoSource) -> Bool { !source.isAsleep && source.problem != nil }
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
