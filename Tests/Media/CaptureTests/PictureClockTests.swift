// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct PictureClockTests {
  @Test func `a row is frame, number and sum`() {
    // 1 0 | 32 bits | 1+2+…+8 = 36, of which 4 is left | 0 1
    #expect(PictureClock.blocks(of: 0x1234_5678) == 0b10 << 38 | 0x1234_5678 << 6 | 4 << 2 | 1)
    #expect(PictureClock.value(of: PictureClock.blocks(of: 0xFFFF_FFFF)) == 0xFFFF_FFFF)
  }

  @Test func `one wrong block is noticed`() {
    let right = PictureClock.blocks(of: 0xC0FF_EE11)
    for bit in UInt64(0)..<40 { #expect(PictureClock.value(of: right ^ 1 << bit) == nil) }
  }

  @Test(arguments: [
    PictureSize(width: 1280, height: 720), PictureSize(width: 640, height: 360),
    PictureSize(width: 1000, height: 562), PictureSize(width: 80, height: 32),
  ])
  func `what is painted is read back`(_ size: PictureSize) throws {
    let layout = PictureLayout(.i420, size: size)
    var picture = try required(PicturePool(layout).take())
    var random = RandomSource.seeded(3)
    for row in 0...1 {
      let value = UInt32.random(in: 0...UInt32.max, using: &random)
      var luma = picture.mutablePlane(0)
      PictureClock.paint(value, row: row, into: &luma, layout.planes[0])
      #expect(PictureClock.read(row: row, from: picture.plane(0), layout.planes[0]) == value)
    }
  }

  @Test func `blocks are W over 40 wide and 24 lines high in 720`() throws {
    let layout = PictureLayout(.i420, size: PictureSize(width: 1280, height: 720))
    var picture = try required(PicturePool(layout).take())
    var luma = picture.mutablePlane(0)
    PictureClock.paint(0, row: 1, into: &luma, layout.planes[0])
    let painted = picture.plane(0)
    #expect(painted[23 * 1280] == 0)
    #expect(painted[24 * 1280] == 210)
    #expect(painted[24 * 1280 + 31] == 210)
    #expect(painted[24 * 1280 + 32] == 40)
    #expect(painted[47 * 1280 + 1279] == 210)
    #expect(painted[48 * 1280] == 0)
  }
}
