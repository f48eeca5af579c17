// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing

@testable import Codecs

struct OpusConfigurationTests {
  private let stereo = OpusConfiguration(channelCount: 2, bitrate: .kilobits(64), packetTime: 10)

  private func wishes(_ set: (inout OpusPreferences) -> Void) -> OpusPreferences {
    var result = OpusPreferences()
    set(&result)
    return result
  }

  @Test func `without listeners all is as configured`() {
    #expect(stereo.following([]) == stereo)
  }

  @Test func `two channels are sent while somebody asks for them`() {
    let mono = stereo.following([OpusPreferences()])
    #expect(mono.isMixedDown && mono.bitrate == .kilobits(32) && mono.channelCount == 2)
    let both = stereo.following([OpusPreferences(), wishes { $0.isStereo = true }])
    #expect(!both.isMixedDown && both.bitrate == .kilobits(64))
    #expect(!OpusConfiguration().following([OpusPreferences()]).isMixedDown)
  }

  @Test func `copies are sent while somebody wants them, silence while anybody does`() {
    let wanting = wishes { $0.usesForwardErrorCorrection = true }
    #expect(stereo.following([wanting, OpusPreferences()]).usesForwardErrorCorrection)
    #expect(!stereo.following([OpusPreferences()]).usesForwardErrorCorrection)
    let quiet = wishes { $0.skipsSilence = true }
    #expect(stereo.following([quiet, quiet]).skipsSilence)
    #expect(!stereo.following([quiet, OpusPreferences()]).skipsSilence)
  }

  @Test func `packets are as long as every listener wants`() {
    #expect(stereo.following([wishes { $0.leastPacketTime = 10 }]).packetTime == 10)
    let patient = wishes { $0.leastPacketTime = 20 }
    #expect(stereo.following([patient, OpusPreferences()]).packetTime == 20)
  }
}
