// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import RTP
import Testing
import Wire

@Suite struct H264ParameterSetsTests {
  @Test func `reads profile, constraints and level of an SPS`() throws {
    let unit: [UInt8] = [0x67, 0x42, 0xC0, 0x1F, 0xDA]
    let sets = try #require(H264ParameterSets.reading(unit))
    #expect(sets.profileLevelID == 0x42C01F)
    #expect(sets.isConstrainedBaseline)
    let high: [UInt8] = [0x67, 0x64, 0x00, 0x28]
    #expect(H264ParameterSets.reading(high)?.isConstrainedBaseline == false)
  }

  @Test func `refuses other units and short ones`() {
    for unit: [UInt8] in [[], [0x67], [0x67, 0x42, 0xC0], [0x68, 1, 2, 3], [0xE7, 1, 2, 3]] {
      #expect(H264ParameterSets.reading(unit) == nil)
    }
  }

  @Test func `finds the SPS of a frame`() {
    let frame = EncodedFrame(
      bytes: [0x09, 0x10, 0x67, 0x42, 0xE0, 0x1F, 0x65],
      nalUnits: [0..<2, 2..<6, 6..<7],
      captured: .zero,
      isKeyframe: true,
      number: 0
    )
    #expect(H264ParameterSets(of: frame)?.profileLevelID == 0x42E01F)
  }
}
