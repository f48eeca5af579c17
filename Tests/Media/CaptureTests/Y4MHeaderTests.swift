// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

@testable import Capture

struct Y4MHeaderTests {
  private func header(_ text: String) throws(Y4MHeader.Malformed) -> Y4MHeader {
    try Y4MHeader(Array(text.utf8).span)
  }

  @Test func `reads size, rate and range of what ffmpeg writes`() throws {
    let read = try header(
      "YUV4MPEG2 W1280 H720 F30000:1001 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=FULL"
    )
    #expect(read.size == PictureSize(width: 1280, height: 720))
    #expect(read.frameRate == FrameRate(30000, per: 1001))
    #expect(read.isFullRange)
  }

  @Test func `takes 30 frames per second where the rate is unknown`() throws {
    #expect(try header("YUV4MPEG2 W16 H16").frameRate == FrameRate(30))
    #expect(try header("YUV4MPEG2 W16 H16 F0:0").frameRate == FrameRate(30))
  }

  @Test(arguments: [
    ("", "does not begin with YUV4MPEG2"),
    ("YUV4MPEG W16 H16", "does not begin with YUV4MPEG2"),
    ("YUV4MPEG2", "has pictures of 0x0"),
    ("YUV4MPEG2 W16", "has pictures of 16x0"),
    ("YUV4MPEG2 W-16 H16", "has pictures of 0x16"),
    ("YUV4MPEG2 W99999999999999999999 H16", "has pictures of 0x16"),
    ("YUV4MPEG2 W8192 H8192", "has pictures of 8192x8192"),
    ("YUV4MPEG2 W17 H16", "has an odd width or height (17x16)"),
    ("YUV4MPEG2 W16 H16 F30", "has no readable frame rate"),
    ("YUV4MPEG2 W16 H16 F0:1", "has a frame rate of 0:1"),
    ("YUV4MPEG2 W16 H16 F999999999:1", "has a frame rate of 999999999:1"),
    ("YUV4MPEG2 W16 H16 It", "is interlaced"),
    ("YUV4MPEG2 W16 H16 C444", "has samples of layout 444"),
    ("YUV4MPEG2 W16 H16 C420p10", "has samples of layout 420p10"),
    ("YUV4MPEG2 W16 H16 C\u{1B}[31m", "has samples of layout ?[31m"),
  ])
  func `says what is wrong with a header`(_ text: String, _ reason: String) {
    #expect(throws: Y4MHeader.Malformed(reason: reason)) { try header(text) }
  }
}
