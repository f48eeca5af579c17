// SPDX-License-Identifier: Apache-2.0
import Glibc
import MediaTypes
import Synchronization
import Testing
import Wire

@testable import Capture

/// Whether this runs in the guest whose only camera is the kernel's virtual one.
private let isGuest = TestCamera.kind == "vivid"

/// The kernel's virtual camera (vivid) as /dev/video0, with its picture of colour bars.
///
/// They run where `PORTHOLE_TEST_CAMERA` is `vivid`: `board/uml` boots such a guest.
@Suite(.enabled(if: isGuest), .serialized)
struct DeviceTests {
  private static let path = "/dev/video0"
  private static let request = CameraRequest(size: PictureSize(width: 640, height: 360))
  private static let driver = "/sys/bus/platform/drivers/vivid/"

  private func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "w") else { return }
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  @Test func `lists the camera with its formats`() throws {
    let device = try #require(CameraDevice.all().first)
    #expect(device.path == Self.path)
    #expect(device.driver == "vivid")
    #expect(device.isUsable)
    #expect(device.formats.contains { $0.pixelFormat == .nv12 && $0.modes.count > 3 })
    #expect(CameraSelection.firstFound() == .device(path: Self.path))
  }

  @Test(arguments: [PixelFormat.nv12, .i420, .yuyv])
  func `delivers the right colours at the right rate, dated by the driver`(
    _ format: PixelFormat
  ) throws {
    var request = Self.request
    request.pixelFormat = format
    var camera = try V4L2Camera(path: Self.path, request)
    let agreed = camera.format
    #expect(
      agreed
        == VideoFormat(size: request.size, pixelFormat: format, frameRate: FrameRate(30))
    )
    let wake = try WakeDescriptor()
    var first: (captured: Timestamp, number: UInt64)?
    var last = (captured: Timestamp.distantPast, number: UInt64(0))
    var youngest = Duration.seconds(1)
    for number in 0..<45 {
      let frame = try required(camera.nextFrame(until: nil, wake: wake))
      #expect(frame.pixelFormat == (format == .yuyv ? .nv12 : format))
      #expect(frame.captured > last.captured)
      let age = MediaClock.now - frame.captured
      #expect(age > .milliseconds(-40))
      youngest = min(youngest, age)
      last = (frame.captured, frame.number)
      if first == nil { first = last }
      guard number % 10 == 0 else { continue }
      expectColorBars(frame)
    }
    // Another load on the machine may make single pictures late.
    #expect(youngest < .milliseconds(100))
    // By the driver's count, because an unoptimised conversion may skip pictures.
    let start = try #require(first)
    let rate = Double(last.number - start.number) / (last.captured - start.captured).inSeconds
    #expect((29...31).contains(rate), "\(rate)")
    let statistics = camera.statistics
    #expect(statistics.undated == 0)
    #expect(statistics.damaged == 0)
  }

  @Test func `says that another has the camera`() throws {
    let first = try V4L2Camera(path: Self.path, Self.request)
    #expect(throws: CaptureError.deviceBusy(path: Self.path)) {
      _ = try V4L2Camera(path: Self.path, Self.request).format
    }
    let hasSignal = first.hasSignal
    #expect(hasSignal)
  }

  @Test func `names the cameras that there are when one is missing`() {
    let missing = CaptureError.deviceMissing(path: "/dev/video7", available: [Self.path])
    #expect(throws: missing) { _ = try V4L2Camera(path: "/dev/video7", Self.request).format }
  }

  @Test func `passes over pictures that the driver marks as damaged`() throws {
    let thread = try CaptureThread(.device(path: Self.path), Self.request) { _ in }
    for _ in 0..<3 {
      _ = try required(thread.frames.next()).number
      unsafe system("v4l2-ctl -d /dev/video0 -c inject_v4l2_buf_flag_error=1")
    }
    for _ in 0..<3 { _ = try required(thread.frames.next()).number }
    #expect((1...3).contains(thread.statistics.damaged))
    thread.stop()
  }

  @Test func `a frame outlives the camera that lent it`() throws {
    var request = Self.request
    request.pixelFormat = .nv12
    let wake = try WakeDescriptor()
    var camera = Optional(try V4L2Camera(path: Self.path, request))
    let frame = try required(camera?.nextFrame(until: nil, wake: wake))
    camera = nil
    #expect(colorBars(frame)[7][0] == 16)
  }

  @Test func `a slow taker gets the newest picture and starves nobody`() throws {
    let thread = try CaptureThread(.device(path: Self.path), Self.request) { _ in }
    for _ in 0..<3 {
      let frame = try required(thread.frames.next())
      // Six pictures come and go while this one is kept.
      let goal = thread.statistics.delivered + 6
      while thread.statistics.delivered < goal { sched_yield() }
      _ = consume frame
    }
    let frame = try required(thread.frames.next())
    #expect(MediaClock.now - frame.captured < .milliseconds(200))
    #expect(thread.frames.replaced >= 9)
    thread.stop()
  }

  @Test func `an unplugged camera is told, and comes back by itself`() throws {
    let journal = CaptureThreadTests.Journal()
    let thread = try CaptureThread(.device(path: Self.path), Self.request) { status in
      journal.entries.withLock { $0.append(status) }
    }
    for round in 0..<3 {
      for _ in 0..<5 { _ = try required(thread.frames.next()).number }
      write("vivid.0", to: Self.driver + "unbind")
      while !journal.hasLost(count: round + 1) { sched_yield() }
      write("vivid.0", to: Self.driver + "bind")
    }
    let frame = try required(thread.frames.next())
    #expect(frame.size == Self.request.size)
    thread.stop()
    let entries = journal.entries.withLock { $0 }
    let gone = CaptureThread.Status.failed(.deviceGone(path: Self.path), willRetry: true)
    #expect(entries.count { $0 == gone } == 3)
    let started = entries.count { entry in
      if case .started = entry { true } else { false }
    }
    #expect(started == 4)
  }

  @Test func `sets what the camera offers, and is told what others set`() throws {
    let controls = try CameraControls(path: Self.path)
    let other = try CameraControls(path: Self.path)
    let all = controls.all()
    let brightness = try #require(all.first { $0.word == "brightness" })
    #expect(brightness.kind == .integer)
    #expect((brightness.state.minimum, brightness.state.maximum) == (0, 255))
    let menus = all.filter { if case .menu = $0.kind { true } else { false } }
    #expect(!menus.isEmpty)
    #expect(all.contains { $0.kind == .button })
    #expect(all.contains { $0.kind == .boolean })
    #expect(controls.changes() == [])
    #expect(try other.set(brightness, to: 201) == 201)
    #expect(controls.changes().contains { $0.id == brightness.id && $0.state.value == 201 })
    #expect(other.all().first { $0.id == brightness.id }?.state.value == 201)
    #expect(try controls.set(brightness, to: 127) == 127)
    #expect(controls.changes().contains { $0.id == brightness.id && $0.state.value == 127 })
  }
}
