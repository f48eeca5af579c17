// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct H264SequenceParameterSetTests {
  @Test(arguments: [
    ("6742c01fda014016ec0440000003004000000f23c60ca8", "1280x720", 30),
    ("6764001eacb405017fcb80880000030008000003019078b175", "640x360", 25),
    ("6742c028da01e0089f97016e020202800001f480007530078c1950", "1920x1080", 30_000.0 / 1001),
  ])
  func `reads what x264 writes`(_ text: String, _ size: String, _ rate: Double) throws {
    let bytes = try #require(Text.bytes(hex: text))
    let found = H264SequenceParameterSet(bytes.span)
    let set = try #require(found)
    #expect(set.size.description == size)
    #expect(set.frameRate?.perSecond == rate)
    #expect(set.isProgressive && set.hasCommonSamples && set.id == 0)
    #expect(set.profileLevelID == Array(bytes[1...3]))
  }

  @Test func `answers nothing for what is none or is cut short`() {
    let whole = H264Streams.sequenceSet(rate: 30)
    func read(_ bytes: [UInt8]) -> H264SequenceParameterSet? {
      H264SequenceParameterSet(bytes.span)
    }
    #expect(read(H264Streams.pictureSet()) == nil)
    for count in 0..<8 { #expect(read(Array(whole.prefix(count))) == nil) }
    // Without the whole timing the rest is still known.
    let cut = read(Array(whole.dropLast(6)))
    #expect(cut?.size == PictureSize(width: 640, height: 360))
    #expect(cut?.frameRate == nil)
  }

  @Test(arguments: [0, 1, 2, 254, 65_535, Int(UInt32.max) - 1])
  func `numbers of every length are read`(_ value: Int) {
    var bits = H264Streams.Bits()
    bits.append(unsigned: value)
    let bytes = bits.bytes
    var reader = BitReader(bytes.span)
    let found = reader.readUnsigned()
    #expect(found == UInt32(value))
  }
}
