// SPDX-License-Identifier: Apache-2.0
import Codecs
import MediaTypes
import Testing

struct VideoEncoderConfigurationTests {
  @Test func `small pictures are marked 3.1, which leaves room for a higher bitrate`() {
    var configuration = VideoEncoderConfiguration(
      size: PictureSize(width: 320, height: 180),
      frameRate: FrameRate(30)
    )
    #expect(configuration.level == .level3_1)
    configuration.size = PictureSize(width: 1920, height: 1080)
    #expect(configuration.level?.description == "4")
    configuration.maximumLevel = .level3_1
    #expect(configuration.level == nil)
  }
}
