// SPDX-License-Identifier: Apache-2.0
import Capture
import MediaTypes
import Testing

@testable import WebRTC

struct LocalCameraTests {
  private func camera(_ formats: [CameraDevice.Format]) -> LocalCamera {
    LocalCamera(
      CameraDevice(
        path: "/dev/video9",
        name: "Webcam",
        driver: "uvc",
        bus: "usb-1",
        formats: formats
      )
    )
  }

  private func mode(_ width: Int, _ height: Int, _ rates: FrameRate...) -> CameraDevice.Mode {
    CameraDevice.Mode(
      sizes: .exactly(PictureSize(width: width, height: height)),
      frameRates: rates
    )
  }

  private func text(_ modes: [LocalCamera.Mode]) -> [String] {
    modes.map { "\($0.size)@\($0.frameRate?.description ?? "?")" }
  }

  @Test func `lists native modes, the usual first, each once`() {
    let found = camera([
      .init(
        fourcc: "YUYV",
        modes: [mode(640, 480, .init(30), .init(15)), mode(1280, 720, .init(10))]
      ),
      .init(
        fourcc: "MJPG",
        modes: [mode(1280, 720, .init(60), .init(30)), mode(640, 480, .init(30))]
      ),
      .init(fourcc: "XYZ0", modes: [mode(320, 240, .init(30))]),
    ])
    #expect(
      text(found.modes(for: .init())) == [
        "1280x720@30", "1280x720@60", "1280x720@10", "640x480@30", "640x480@15",
      ]
    )
    #expect(found.info.deviceId == "/dev/video9")
    #expect(found.info.groupId == "usb-1")
    #expect(found.info.kind.rawValue == "videoinput")
    #expect(found.info.label == "Webcam (/dev/video9)")
  }

  @Test func `leaves out what no level of H.264 allows`() {
    let found = camera([
      .init(fourcc: "NV12", modes: [mode(16000, 16000, .init(30)), mode(640, 480, .init(30))])
    ])
    #expect(text(found.modes(for: .init())) == ["640x480@30"])
  }

  @Test func `does not invent a rate that the driver does not tell`() {
    let found = camera([.init(fourcc: "NV12", modes: [mode(640, 480)])])
    let modes = found.modes(for: .init(frameRate: 25))
    #expect(text(modes) == ["640x480@?"])
    #expect(modes.map { found.settings($0).frameRate } == [nil])
    #expect(found.capabilities.frameRate == nil)
  }

  @Test func `finds in a range what is asked for, as the steps allow`() throws {
    let range = CameraDevice.Sizes.range(
      PictureSize(width: 32, height: 32),
      PictureSize(width: 1920, height: 1080),
      step: PictureSize(width: 16, height: 2)
    )
    let found = camera([
      .init(fourcc: "NV12", modes: [.init(sizes: range, frameRates: [FrameRate(30)])])
    ])
    func best(_ constraints: MediaTrackConstraints) throws -> String {
      let modes = found.modes(for: constraints)
      let settings = modes.map { found.settings($0) }
      return "\(modes[try SettingsSelection.best(of: settings, for: constraints, .video)].size)"
    }
    #expect(try best(.init()) == "1280x720")
    #expect(try best(.init(width: .exact(640), height: .exact(362))) == "640x362")
    #expect(try best(.init(width: 700)) == "704x720")
    #expect(try best(.init(width: .max(700), height: .min(721))) == "688x722")
    #expect(try best(.init(height: .exact(480), aspectRatio: .exact(4.0 / 3))) == "640x480")
    #expect(try best(.init(width: 1_000_000, height: 1)) == "1920x32")
    #expect(throws: RTCError.self) { try best(.init(width: .exact(641))) }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e-300, 1e300, -1])
  func `stands any number`(_ odd: Double) {
    for constraint in [ConstrainDouble.ideal(odd), .min(odd), .max(odd)] {
      let modes = LocalCamera.testPattern.modes(
        for: .init(
          width: .max(Int.max),
          height: .ideal(Int.min),
          aspectRatio: constraint,
          frameRate: constraint
        )
      )
      #expect(!modes.isEmpty)
    }
  }

  @Test func `tells the test pattern's capabilities`() {
    let capabilities = LocalCamera.testPattern.capabilities
    #expect(capabilities.width?.min == 80)
    #expect(capabilities.width?.max == 4096)
    #expect(capabilities.height?.min == 32)
    #expect(capabilities.height?.max == 2304)
    #expect(capabilities.frameRate?.max == 60)
    #expect(capabilities.deviceId == "test")
  }
}
