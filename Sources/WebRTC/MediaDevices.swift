// SPDX-License-Identifier: Apache-2.0
public import EventLoop

/// The cameras and microphones of this machine (W3C mediacapture-main section 9.2).
///
/// All `MediaDevices` of one loop share its cameras: a camera is opened once, however many tracks show it,
/// and closed by the `stop()` of the last. What no web page sees needs no permission: `label` and
/// `deviceId` are told before anything is opened.
public actor MediaDevices: EventLoopActor {
  /// What `events` is made of.
  public enum Event: Hashable, Sendable {
    /// `devicechange`: a device has come or gone; changes that come together are one.
    case deviceChange(devices: [MediaDeviceInfo])
  }

  /// The loop that this lives on.
  public nonisolated let loop: EventLoop
  /// Every event, in order, for one reader.
  public nonisolated let events: AsyncStream<Event>

  private let devices: CaptureDevices
  private nonisolated let continuation: AsyncStream<Event>.Continuation

  /// Creates the devices of this machine, for use on `loop`.
  public init(on loop: EventLoop) {
    self.init(CaptureDevices.of(loop))
  }

  init(_ devices: CaptureDevices) {
    loop = devices.loop
    self.devices = devices
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    loop.post { [weak self] in
      if let self { devices.tell(self) }
    }
  }

  deinit {
    continuation.finish()
  }

  /// The devices that there are now: cameras by ascending number, the test pattern last (section 9.2.1).
  ///
  /// The test pattern is a camera that is always there: `deviceId` is `test`. Sound cards are not listed.
  public func enumerateDevices() async -> [MediaDeviceInfo] {
    await devices.cameras().map(\.info)
  }

  /// The constraints that are heeded (section 9.2.1); all others cannot be written.
  public func getSupportedConstraints() -> MediaTrackSupportedConstraints {
    MediaTrackSupportedConstraints()
  }

  /// Opens what comes nearest to `constraints` (section 10.2).
  ///
  /// Cameras deliver their own sizes and rates: nothing is scaled or cropped, so that only what the driver
  /// lists can be exact. What is not asked for is as near to 1280x720 and 30 pictures a second as can be.
  /// The test pattern is taken only where a `deviceId` names it. A camera that other tracks show has only
  /// the settings that it has.
  ///
  /// - Throws: `TypeError` where neither pictures nor sound are asked for; `NotFoundError` where there is
  ///   no device; `OverconstrainedError` with the constraint that no device satisfies; `NotAllowedError`
  ///   and `NotReadableError` with the reason why the device cannot be opened, such as another program
  ///   that uses it.
  public func getUserMedia(
    _ constraints: MediaStreamConstraints
  ) async throws(RTCError) -> MediaStream {
    guard constraints.audio == nil else {
      throw RTCError(
        .notFound,
        "There is no microphone: sound cards are not used by this build. Ask for video alone."
      )
    }
    guard let video = constraints.video else {
      throw RTCError(.type, "Neither video nor audio is asked for: ask for one of them.")
    }
    return MediaStream([try await devices.track(video)])
  }

  nonisolated func tell(_ event: Event) {
    continuation.yield(event)
  }
}
