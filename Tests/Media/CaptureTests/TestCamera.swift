// SPDX-License-Identifier: Apache-2.0
import Glibc
import MediaTypes
import Testing

/// The camera of the guest that the tests run in, if they run in one.
enum TestCamera {
  /// What `PORTHOLE_TEST_CAMERA` says: `vivid`, `multiplanar` (vivid with the option multiplanar=2),
  /// `jpeg` (v4l2loopback, fed with JPEG) or `damaged` (the same, with errors in the pictures).
  static let kind = unsafe getenv("PORTHOLE_TEST_CAMERA").map { unsafe String(cString: $0) }
  static let path = "/dev/video0"
}

/// Luma, U and V in the middle of each of the eight bars that vivid paints.
func colorBars(_ frame: borrowing CapturedFrame) -> [[Int]] {
  let line = frame.size.height * 2 / 5 / 2 * 2
  return (0..<8).map { bar in
    let column = (2 * bar + 1) * frame.size.width / 16 / 2 * 2
    let layout = frame.picture.layout.planes
    let luma = Int(frame.picture.plane(0)[line * layout[0].stride + column])
    let start = line / 2 * layout[1].stride
    guard frame.pixelFormat == .i420 else {
      let chroma = frame.picture.plane(1)
      return [luma, Int(chroma[start + column]), Int(chroma[start + column + 1])]
    }
    let place = start + column / 2
    let last = line / 2 * layout[2].stride + column / 2
    return [luma, Int(frame.picture.plane(1)[place]), Int(frame.picture.plane(2)[last])]
  }
}

/// 75 % bars of ITU-R BT.601: white, yellow, cyan, green, magenta, red, blue, black.
func expectColorBars(_ frame: borrowing CapturedFrame) {
  let wanted = [
    [180, 128, 128], [162, 44, 142], [131, 156, 44], [112, 72, 58], [84, 184, 198],
    [65, 100, 212], [35, 212, 114], [16, 128, 128],
  ]
  for (found, wanted) in zip(colorBars(frame), wanted) {
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 4 }, "\(found), not \(wanted)")
  }
}
