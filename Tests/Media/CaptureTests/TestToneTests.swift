// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Testing
import Wire

@testable import Capture

struct TestToneTests {
  private let start = Timestamp(nanoseconds: 5_000_000_000)

  @Test func `is 1,000 Hz at -20 dBFS without a seam, on time`() throws {
    var tone = TestTone(at: start)
    var meter = SoundMeter()
    var block = SoundBlock(frameCount: 480, channelCount: 1)
    for number in 0..<100 {
      let due = tone.due(480)
      #expect(due == start + .milliseconds(10 * (number + 1)))
      tone.read(into: &block, at: due)
      #expect(block.position == UInt64(480 * number))
      #expect(block.time == due - .milliseconds(10))
      meter.hear(block)
    }
    let reading = try #require(meter.reading)
    #expect(abs(reading.frequency - 1000) < 0.01)
    #expect(abs((reading.level ?? 0) + 20) < 0.01)
    #expect(tone.skipped == 0)
  }

  @Test func `as a clock it begins with each second, and a meter tells when`() throws {
    let start = Timestamp(nanoseconds: 5_723_456_789)
    var tone = TestTone(at: start, isClock: true)
    var meter = SoundMeter()
    var block = SoundBlock(frameCount: 480, channelCount: 2)
    var onsets: [Timestamp] = []
    var sounding = 0
    for _ in 0..<300 {
      tone.read(into: &block, at: tone.due(480))
      meter.hear(block)
      sounding += stride(from: 0, to: 960, by: 2).count { block.samples[$0].magnitude > 2000 }
      if let onset = meter.onset, onset != onsets.last { onsets.append(onset) }
    }
    let seconds: [Int64] = [6, 7, 8]
    #expect(onsets.count == 3)
    for (onset, second) in zip(onsets, seconds) {
      // The first samples of a swing are quiet.
      let late = onset - Timestamp(nanoseconds: second * 1_000_000_000)
      #expect(late >= .zero - .microseconds(50) && late < .microseconds(150), "\(late)")
    }
    #expect((3 * 2000...3 * 3000).contains(sounding), "\(sounding)")
  }

  @Test func `leaves out what nobody came for`() {
    var tone = TestTone(at: start)
    var block = SoundBlock(frameCount: 480, channelCount: 2)
    tone.read(into: &block, at: start + .milliseconds(1010))
    #expect(tone.skipped == 48_000)
    #expect(block.position == 48_000)
    #expect(block.time == start + .seconds(1))
    #expect(block.samples[0] == block.samples[1])
  }
}
