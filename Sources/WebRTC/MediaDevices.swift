// SPDX-License-Identifier: Apache-2.0
public import EventLoop

/// The cameras and microphones of this machine (W3C mediacapture-main section 9.2).
///
/// All `MediaDevices` of one loop share its devices: each is opened once, however many tracks it has,
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

  /// The devices that there are now: microphones, cameras by ascending number, loudspeakers (section 9.2.1).
  ///
  /// The last of each kind is always there: a test tone, a test pattern, and a meter that plays nothing,
  /// whose `deviceId` is `test`. Sound cards need alsa-lib; where it is missing, none are listed.
  public func enumerateDevices() async -> [MediaDeviceInfo] {
    await devices.found().infos
  }

  /// The constraints that are heeded (section 9.2.1); all others cannot be written.
  public func getSupportedConstraints() -> MediaTrackSupportedConstraints {
    MediaTrackSupportedConstraints()
  }

  /// Opens what comes nearest to `constraints` (section 10.2).
  ///
  /// Cameras deliver their own sizes and rates: nothing is scaled or cropped, so that only what the driver
  /// lists can be exact. What is not asked for is as near to 1280x720 and 30 pictures a second as can be.
  /// Sound is mono unless `channelCount` asks for two and the card has them, and always of 48,000 Hz; unless
  /// `echoCancellation` is off, what this loop's `Loudspeaker` plays is taken out of it. What is called `test` is taken only where a `deviceId` names it. A device that other tracks show has only
  /// the settings that it has. Where one of pictures and sound cannot be had, neither is opened.
  ///
  /// - Throws: `TypeError` where neither pictures nor sound are asked for; `NotFoundError` where there is
  ///   no device; `OverconstrainedError` with the constraint that no device satisfies; `NotAllowedError`
  ///   and `NotReadableError` with the reason why the device cannot be opened, such as another program
  ///   that uses it.
  public func getUserMedia(
    _ constraints: MediaStreamConstraints
  ) async throws(RTCError) -> MediaStream {
    guard constraints.video != nil || constraints.audio != nil else {
      throw RTCError(.type, "Neither video nor audio is asked for: ask for one of them.")
    }
    let found = await devices.found()
    let sound: MediaStreamTrack? =
      if let audio = constraints.audio {
        try await devices.track(of: found.microphones, audio)
      } else {
        nil
      }
    guard let video = constraints.video else { return MediaStream([sound].compactMap(\.self)) }
    do throws(RTCError) {
      let pictures = try await devices.track(of: found.cameras, video)
      return MediaStream([sound, pictures].compactMap(\.self))
    } catch {
      sound?.stop()
      throw error
    }
  }

  nonisolated func tell(_ event: Event) {
    continuation.yield(event)
  }
}
