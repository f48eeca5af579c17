// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

@testable import Capture

struct CameraFormatChoiceTests {
  private static let hd = PictureSize(width: 1280, height: 720)
  private static let vga = PictureSize(width: 640, height: 480)

  private func mode(_ size: PictureSize, _ rates: Int...) -> CameraDevice.Mode {
    CameraDevice.Mode(sizes: .exactly(size), frameRates: rates.map { FrameRate($0) })
  }

  private func choose(
    _ formats: [CameraDevice.Format],
    _ request: CameraRequest = CameraRequest()
  ) -> CameraFormatChoice? {
    CameraFormatChoice.best(of: formats, for: request)
  }

  @Test func `takes the layout that needs no conversion`() {
    let modes = [mode(Self.hd, 30)]
    let formats = ["YUYV", "YU12", "NV12"].map { CameraDevice.Format(fourcc: $0, modes: modes) }
    #expect(choose(formats)?.pixelFormat == .nv12)
    #expect(choose(formats.dropLast())?.pixelFormat == .i420)
  }

  @Test func `converts rather than be too slow, and is slow rather than too small`() {
    let formats = [
      CameraDevice.Format(fourcc: "NV12", modes: [mode(Self.hd, 10), mode(Self.vga, 30)]),
      CameraDevice.Format(fourcc: "YUYV", modes: [mode(Self.hd, 30)]),
    ]
    let choice = choose(formats)
    #expect(choice?.pixelFormat == .yuyv)
    #expect(choice?.size == Self.hd)
    #expect(choose([formats[0]])?.frameRate == FrameRate(10))
  }

  @Test func `takes JPEG only where raw pictures are too small or too slow`() {
    let jpeg = CameraDevice.Format(fourcc: "MJPG", modes: [mode(Self.hd, 30), mode(Self.vga, 30)])
    let raw = CameraDevice.Format(fourcc: "YUYV", modes: [mode(Self.hd, 10), mode(Self.vga, 30)])
    #expect(choose([jpeg, raw])?.pixelFormat == .mjpeg)
    #expect(choose([jpeg, raw])?.frameRate == FrameRate(30))
    #expect(choose([jpeg, raw], CameraRequest(size: Self.vga))?.pixelFormat == .yuyv)
    let slow = CameraRequest(size: Self.hd, frameRate: FrameRate(10))
    #expect(choose([jpeg, raw], slow)?.pixelFormat == .yuyv)
  }

  @Test func `knows planes in memories of their own, and both names of JPEG`() {
    let modes = [mode(Self.hd, 30)]
    let known = ["NM12": PixelFormat.nv12, "YM12": .i420, "MJPG": .mjpeg, "JPEG": .mjpeg]
    for (fourcc, pixelFormat) in known {
      let choice = choose([CameraDevice.Format(fourcc: fourcc, modes: modes)])
      #expect(choice?.pixelFormat == pixelFormat)
      #expect(choice?.fourcc == fourcc)
    }
    #expect(choose([CameraDevice.Format(fourcc: "NM21", modes: modes)])?.fourcc == nil)
  }

  @Test func `takes no faster rate than is wished for`() {
    let formats = [CameraDevice.Format(fourcc: "NV12", modes: [mode(Self.hd, 60, 30, 15)])]
    #expect(choose(formats)?.frameRate == FrameRate(30))
    let slow = CameraRequest(size: Self.hd, frameRate: FrameRate(20))
    #expect(choose(formats, slow)?.frameRate == FrameRate(30))
  }

  @Test func `finds the nearest size of a range`() {
    let range = CameraDevice.Sizes.range(
      PictureSize(width: 32, height: 32),
      PictureSize(width: 1024, height: 768),
      step: PictureSize(width: 16, height: 8)
    )
    #expect(range.nearest(to: Self.hd) == PictureSize(width: 1024, height: 720))
    #expect(
      range.nearest(to: PictureSize(width: 100, height: 1)) == PictureSize(width: 96, height: 32)
    )
    let formats = [
      CameraDevice.Format(
        fourcc: "YUYV",
        modes: [CameraDevice.Mode(sizes: range, frameRates: [])]
      )
    ]
    #expect(choose(formats)?.frameRate == FrameRate(30))
  }

  @Test func `understands no unknown layout`() {
    #expect(choose([CameraDevice.Format(fourcc: "H264", modes: [mode(Self.hd, 30)])]) == nil)
    #expect(choose([]) == nil)
  }
}
