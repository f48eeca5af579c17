// SPDX-License-Identifier: Apache-2.0
import Capture
import EventLoop
import Glibc
import MediaTypes
import Testing

@testable import WebRTC

/// Whether this runs in the guest whose only camera is the kernel's virtual one.
private let isGuest =
  unsafe getenv("PORTHOLE_TEST_CAMERA").map { unsafe String(cString: $0) } == "vivid"

/// `MediaDevices` on the kernel's virtual camera (vivid) as /dev/video0: `board/uml` boots such a guest.
@Suite(.enabled(if: isGuest), .serialized)
struct MediaDevicesDeviceTests {
  private static let path = "/dev/video0"
  private static let driver = "/sys/bus/platform/drivers/vivid/"
  private static let small = MediaTrackConstraints(
    width: .exact(640),
    height: .exact(360),
    frameRate: .exact(30)
  )

  private func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "w") else { return }
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  @Test func `lists the camera before the test pattern`() async throws {
    let lens = try Lens { LocalCamera.all() }
    let found = await lens.media.enumerateDevices().filter { $0.kind == .videoInput }
    #expect(found.map(\.deviceId) == [Self.path, "test"])
    #expect(found.first?.label == "vivid (\(Self.path))")
    #expect(found.first?.groupId.isEmpty == false)
    lens.close()
  }

  @Test func `opens it with exactly the size and rate that are asked for`() async throws {
    let lens = try Lens { LocalCamera.all() }
    try await lens.run { lens in
      let track = try await lens.open(Self.small)
      let settings = track.getSettings()
      #expect([settings.width, settings.height] == [640, 360])
      #expect(settings.frameRate == 30)
      #expect(settings.deviceId == Self.path)
      #expect(track.readyState == .live && !track.muted)
      let widest = try #require(track.getCapabilities().width?.max)
      #expect(widest >= 1920)
      try await track.applyConstraints(.init(width: .exact(320), height: .exact(180)))
      #expect(track.getSettings().height == 180)
      track.stop()
    }
    lens.close()
  }

  @Test func `names the constraint that the camera cannot satisfy`() async throws {
    let lens = try Lens { LocalCamera.all() }
    let error = await lens.failure { _ = try await $0.open(.init(width: .exact(12345))) }
    #expect(error?.name == .overconstrained)
    #expect(error?.constraint == "width")
    lens.close()
  }

  @Test func `says that another program has the camera`() async throws {
    let lens = try Lens { LocalCamera.all() }
    let other = try CaptureThread(
      .device(path: Self.path),
      CameraRequest(size: PictureSize(width: 640, height: 360)),
      report: { _ in }
    )
    let error = await lens.failure { _ = try await $0.open(Self.small) }
    #expect(error == RTCError(.notReadable, CaptureError.deviceBusy(path: Self.path).description))
    other.stop()
    try await lens.run { try await $0.open(Self.small).stop() }
    lens.close()
  }

  @Test func `mutes the track of an unplugged camera until it is back, and tells of both`()
    async throws
  {
    let lens = try Lens { LocalCamera.all() }
    // What has been seen before anything changes.
    _ = await lens.media.enumerateDevices()
    let track = try await lens.open(Self.small)
    var changes = lens.media.events.makeAsyncIterator()
    var events = track.events.makeAsyncIterator()
    write("vivid.0", to: Self.driver + "unbind")
    #expect(await events.next() == .mute)
    #expect(await changes.next() == .deviceChange(devices: LocalDevices().infos))
    write("vivid.0", to: Self.driver + "bind")
    #expect(await events.next() == .unmute)
    guard case .deviceChange(let devices) = await changes.next() else {
      Issue.record("the events have ended")
      return
    }
    #expect(devices.filter { $0.kind == .videoInput }.map(\.deviceId) == [Self.path, "test"])
    await lens.run { _ in
      #expect(!track.muted && track.readyState == .live)
      track.stop()
    }
    lens.close()
  }
}
