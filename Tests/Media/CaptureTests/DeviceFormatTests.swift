// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

/// Cameras that deliver otherwise than one raw picture in one memory; see `TestCamera`.
@Suite(.serialized)
struct DeviceFormatTests {
  private static let request = CameraRequest(size: PictureSize(width: 640, height: 360))

  @Test(
    .enabled(if: TestCamera.kind == "multiplanar"),
    arguments: ["NV12", "YU12", "YUYV", "NM12", "YM12"]
  )
  func `a multiplanar camera's planes are lent, in one memory or several`(
    _ fourcc: String
  ) throws {
    var camera = try V4L2Camera(path: TestCamera.path, Self.request, fourcc: fourcc)
    let wake = try WakeDescriptor()
    var last: UInt64?
    for _ in 0..<10 {
      let frame = try required(camera.nextFrame(until: nil, wake: wake))
      expectColorBars(frame)
      #expect(last.map { frame.number > $0 } ?? true)
      last = frame.number
      let planes = frame.picture.layout.planes
      guard ["NM12", "YM12"].contains(fourcc) else { continue }
      #expect(planes.allSatisfy { $0.offset % 4096 == 0 })
      #expect(planes[1].offset >= planes[0].byteCount)
    }
    #expect(camera.statistics.damaged == 0)
  }

  @Test(.enabled(if: TestCamera.kind == "multiplanar"))
  func `a multiplanar camera is listed and chosen`() throws {
    let device = try #require(CameraDevice.all().first)
    #expect(device.isUsable)
    #expect(device.formats.contains { $0.fourcc == "NM12" && $0.pixelFormat == .nv12 })
    let camera = try V4L2Camera(path: TestCamera.path, Self.request)
    #expect(camera.format?.pixelFormat == .nv12)
  }

  @Test(.enabled(if: TestCamera.kind == "jpeg"))
  func `a camera of JPEG is decoded in its colours`() throws {
    var camera = try V4L2Camera(path: TestCamera.path, Self.request)
    #expect(camera.format?.pixelFormat == .mjpeg)
    let wake = try WakeDescriptor()
    for _ in 0..<20 {
      let frame = try required(camera.nextFrame(until: nil, wake: wake))
      #expect(frame.size == Self.request.size)
      #expect(frame.color == ColorDescription(isFullRange: true, matrix: .bt601))
      // Green on the left, crimson on the right, as in JPEGPictures.
      for (bar, wanted) in [(1, [116, 80, 90]), (6, [97, 127, 197])] {
        let found = colorBars(frame)[bar]
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 4 }, "\(found), not \(wanted)")
      }
    }
    #expect(camera.statistics.damaged == 0)
  }

  @Test(.enabled(if: TestCamera.kind == "damaged"))
  func `damaged JPEG is skipped and counted, and sound pictures come`() throws {
    var camera = try V4L2Camera(path: TestCamera.path, Self.request)
    let wake = try WakeDescriptor()
    var shown = 0
    while shown < 10 || camera.statistics.damaged < 10 {
      let deadline = MediaClock.now + .seconds(30)
      let frame = try required(camera.nextFrame(until: deadline, wake: wake))
      #expect(frame.size == Self.request.size)
      shown += 1
    }
  }
}
