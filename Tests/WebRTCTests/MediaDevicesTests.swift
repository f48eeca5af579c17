// SPDX-License-Identifier: Apache-2.0
import Capture
import EventLoop
import MediaTypes
import Synchronization
import Testing

@testable import WebRTC

@Suite struct MediaDevicesTests {
  @Test func `lists microphones, cameras and loudspeakers, what is always there last of its kind`()
    async throws
  {
    let lens = try Lens { [Lens.camera("/dev/none", 640, 480), .testPattern] }
    let found = await lens.media.enumerateDevices()
    #expect(found.map(\.deviceId) == ["test", "/dev/none", "test", "test"])
    #expect(found.map(\.kind) == [.audioInput, .videoInput, .videoInput, .audioOutput])
    #expect(
      found.map(\.label) == ["Test tone", "Camera (/dev/none)", "Test pattern", "Test meter"]
    )
    #expect(await lens.media.getSupportedConstraints().echoCancellation)
    lens.close()
  }

  @Test func `lists what this machine has, and always what needs no hardware`() async throws {
    let loop = try EventLoop.start()
    let media = MediaDevices(on: loop)
    let found = await media.enumerateDevices()
    for kind in [MediaDeviceInfo.Kind.audioInput, .videoInput, .audioOutput] {
      #expect(found.last { $0.kind == kind }?.deviceId == "test")
    }
    #expect(MediaDevices(on: loop).loop === loop)
    loop.stop()
  }

  @Test func `needs a request for something`() async throws {
    let lens = try Lens()
    let error = await lens.failure { _ = try await $0.media.getUserMedia(.init()) }
    #expect(error?.name == .type)
    lens.close()
  }

  @Test func `opens no camera where there is no microphone that is asked for too`() async throws {
    let lens = try Lens()
    let error = await lens.failure {
      _ = try await $0.media.getUserMedia(.init(video: smallPattern, audio: true))
    }
    #expect(error?.name == .notFound)
    #expect(error?.message.contains("microphone") == true)
    lens.close()
  }

  @Test func `does not take the test pattern for a camera`() async throws {
    let lens = try Lens()
    let error = await lens.failure { _ = try await $0.media.getUserMedia(.init(video: true)) }
    #expect(error?.name == .notFound)
    let settings = try await lens.run { lens in
      let track = try await lens.open(.init(frameRate: 15, deviceId: "test"))
      defer { track.stop() }
      return track.getSettings()
    }
    #expect(settings.deviceId == "test")
    #expect(settings.frameRate == 15)
    #expect([settings.width, settings.height] == [1280, 720])
    lens.close()
  }

  @Test func `delivers exactly what is asked for, and names what cannot be`() async throws {
    let lens = try Lens()
    let stream = try await lens.run { try await $0.media.getUserMedia(.init(video: smallPattern)) }
    let (settings, label) = try await lens.run { _ in
      let track = try #require(stream.getTracks().first)
      #expect(stream.active && !track.muted)
      #expect(track.getConstraints() == smallPattern)
      #expect(track.getCapabilities().width?.max == 4096)
      track.stop()
      #expect(!stream.active)
      return (track.getSettings(), track.label)
    }
    #expect(label == "Test pattern")
    #expect([settings.width, settings.height] == [160, 120])
    let error = await lens.failure {
      _ = try await $0.open(.init(width: .exact(12345), deviceId: .exact("test")))
    }
    #expect(error?.name == .overconstrained)
    #expect(error?.constraint == "width")
    lens.close()
  }

  @Test func `says why a camera cannot be opened, and forgets it`() async throws {
    let lens = try Lens { [Lens.camera("/dev/none", 640, 480), .testPattern] }
    for _ in 0..<2 {
      let error = await lens.failure { _ = try await $0.media.getUserMedia(.init(video: true)) }
      #expect(error?.name == .notReadable)
      #expect(error?.message.contains("/dev/none") == true)
    }
    lens.close()
  }

  @Test func `calls forbidden what the user may not open`() {
    #expect(RTCError(.deviceForbidden(path: "/dev/none")).name == .notAllowed)
    let busy = CaptureError.deviceBusy(path: "/dev/none")
    #expect(RTCError(busy) == RTCError(.notReadable, busy.description))
  }

  @Test func `opens a camera once for all who ask at once, and closes it with the last track`()
    async throws
  {
    let lens = try Lens()
    try await lens.run { lens in
      async let one = lens.open(smallPattern)
      async let other = lens.open(smallPattern)
      let tracks = [try await one, try await other]
      #expect(tracks[0] !== tracks[1])
      #expect(tracks[0].id != tracks[1].id)
      let source = try #require(tracks[0].source as? VideoSource)
      #expect(tracks[1].source === source)
      // Who comes later has the choice of what there is.
      let later = try await lens.open(.init(width: 640, deviceId: .exact("test")))
      #expect(later.getSettings().width == 160)
      let error = await lens.failure {
        _ = try await $0.open(.init(width: .exact(640), deviceId: .exact("test")))
      }
      #expect(error?.constraint == "width")
      later.stop()
      tracks[0].stop()
      let last = try await lens.open(smallPattern)
      #expect(last.source === source)
      tracks[1].stop()
      last.stop()
      #expect(source.isAsleep)
      let fresh = try await lens.open(.init(width: .exact(640), deviceId: .exact("test")))
      #expect(fresh.source !== source)
      fresh.stop()
    }
    lens.close()
  }

  @Test func `tells once of changes that come together`() async throws {
    let cameras = Mutex([LocalCamera.testPattern])
    let box = Box(cameras: cameras)
    let lens = try Lens { box.cameras.withLock { $0 } }
    var events = lens.media.events.makeAsyncIterator()
    // The first look is under way or over once a later piece of the worker's work is done.
    await lens.run { _ in }
    _ = await lens.media.enumerateDevices()
    for count in [1, 0, 2] {
      let found = (0..<count).map { Lens.camera("/dev/none\($0)", 640, 480) } + [.testPattern]
      box.cameras.withLock { $0 = found }
      await lens.run { lens in
        for _ in 0..<5 { lens.devices.noteChange() }
      }
      guard case .deviceChange(let devices) = await events.next() else {
        Issue.record("the events have ended")
        return
      }
      #expect(devices.filter { $0.kind == .videoInput } == found.map(\.info))
    }
    lens.close()
  }

  /// What a list of cameras is taken from.
  private final class Box: Sendable {
    let cameras: Mutex<[LocalCamera]>

    init(cameras: consuming Mutex<[LocalCamera]>) {
      self.cameras = cameras
    }
  }
}
