// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

struct H264LevelTests {
  @Test(arguments: [
    (320, 180, 30, 500, 13), (640, 360, 30, 1000, 30), (1280, 720, 30, 2000, 31),
    (1280, 720, 60, 4000, 32), (1920, 1080, 30, 6000, 40), (1920, 1080, 60, 6000, 42),
    (3840, 2160, 30, 20000, 51), (1280, 720, 30, 16000, 32),
  ])
  func `finds the lowest level`(
    _ width: Int,
    _ height: Int,
    _ rate: Int,
    _ kilobits: Int,
    _ level: UInt8
  ) {
    let found = H264Level.lowest(
      for: PictureSize(width: width, height: height),
      FrameRate(rate),
      .kilobits(kilobits),
      bufferKilobits: kilobits
    )
    #expect(found?.indication == level)
  }

  @Test func `there is no level for what is too large`() {
    let size = PictureSize(width: 8192, height: 8192)
    let level = H264Level.lowest(for: size, FrameRate(1), .kilobits(1), bufferKilobits: 1)
    #expect(level == nil)
  }
}
