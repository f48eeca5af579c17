// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Capture

struct CameraSelectionTests {
  @Test(arguments: [
    ("test", CameraSelection.test), ("none", .none), ("file:-", .standardInput),
    ("/dev/video3", .device(path: "/dev/video3")),
    ("/dev/v4l/by-id/usb-cam", .device(path: "/dev/v4l/by-id/usb-cam")),
    ("file:clip.y4m", .file(path: "clip.y4m")), ("file:/tmp/a b.y4m", .file(path: "/tmp/a b.y4m")),
  ])
  func `reads what it writes`(_ text: String, _ selection: CameraSelection) throws {
    #expect(try CameraSelection(text) == selection)
    #expect(selection.description == text)
  }

  @Test(arguments: ["", "tes", "file:", "/dev/", "video0", "http://x"])
  func `says which camera is not known`(_ text: String) {
    #expect(throws: CaptureError.selectionUnknown(text)) { try CameraSelection(text) }
  }

  @Test func `says that libcamera is not in this build`() {
    #expect(throws: CaptureError.notInThisBuild("libcamera:0")) {
      try CameraSelection("libcamera:0")
    }
  }
}
