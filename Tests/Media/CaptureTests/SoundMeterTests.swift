// SPDX-License-Identifier: Apache-2.0
import Glibc
import MediaTypes
import Testing

@testable import Capture

struct SoundMeterTests {
  /// Half a second of a sine.
  private static func sine(_ frequency: Double, amplitude: Double, channels: Int) -> SoundBlock {
    var block = SoundBlock(frameCount: 24_000, channelCount: channels)
    for frame in 0..<24_000 {
      let sample = Int16(
        (amplitude * sin(2 * .pi * frequency * Double(frame) / 48_000)).rounded()
      )
      for channel in 0..<channels { block.samples[frame * channels + channel] = sample }
    }
    return block
  }

  @Test(arguments: [
    (1000.0, 3276.8, 1, -20.0), (440.5, 32_767.0, 1, 0.0), (7000.0, 328.0, 2, -39.99),
  ])
  func `reads level and frequency of a tone`(
    _ frequency: Double,
    _ amplitude: Double,
    _ channels: Int,
    _ level: Double
  ) throws {
    var meter = SoundMeter()
    meter.hear(Self.sine(frequency, amplitude: amplitude, channels: channels))
    let reading = try #require(meter.reading)
    #expect(abs(reading.frequency - frequency) < 0.5, "\(reading)")
    #expect(abs((reading.level ?? -200) - level) < 0.05, "\(reading)")
    #expect(meter.silentFrames == 0)
  }

  @Test func `tells silence by no level, and counts it`() {
    var meter = SoundMeter()
    let block = SoundBlock(frameCount: 480, channelCount: 2)
    for _ in 0..<50 { meter.hear(block) }
    #expect(meter.reading == SoundMeter.Reading(level: nil, frequency: 0))
    #expect(meter.silentFrames == 24_000)
  }

  @Test func `tells nothing before half a second is over`() {
    var meter = SoundMeter()
    let block = SoundBlock(frameCount: 480, channelCount: 1)
    for _ in 0..<49 { meter.hear(block) }
    #expect(meter.reading == nil)
  }
}
