// SPDX-License-Identifier: Apache-2.0
import Sound
import Testing

struct ResamplerTests {
  @Test func `a tone of a card at 44,100 Hz keeps its pitch and its level at 48,000 Hz`() {
    guard var resampler = Resampler(channels: 1, from: 44_100, to: 48_000) else {
      Issue.record("not opened")
      return
    }
    var output: [Int16] = []
    for second in 0..<2 {
      let input = (0..<44_100).map { Tone.sample(second * 44_100 + $0, hertz: 1000, rate: 44_100) }
      output += Tone.resampled(input, by: &resampler, room: 50_000)
    }
    #expect(abs(output.count - 96_000) < 20)
    let settled = Array(output[10_000..<58_000])
    #expect(abs(Tone.risingZeros(settled) - 1000) <= 1)
    #expect(abs(Tone.level(settled) - Tone.amplitude / 2.0.squareRoot()) < Tone.amplitude * 0.01)
  }

  @Test(arguments: [-300.0, -7, 0, 3, 300])
  func `a speed is kept to less than a tenth of a part in a million`(_ partsPerMillion: Double) {
    guard var resampler = Resampler(channels: 1, from: 48_000, to: 48_000) else {
      Issue.record("not opened")
      return
    }
    let input = [Int16](repeating: 0, count: 48_000)
    var written = 0
    for _ in 0..<300 {
      resampler.setSpeed(1 + partsPerMillion / 1_000_000)
      written += Tone.resampled(input, by: &resampler, room: 49_000).count
    }
    let expected = 300 * 48_000 / (1 + partsPerMillion / 1_000_000)
    #expect(abs(Double(written) - expected) < 30, "\(written) instead of \(expected)")
  }

  @Test func `a change of speed makes no click`() {
    guard var resampler = Resampler(channels: 1, from: 48_000, to: 48_000) else {
      Issue.record("not opened")
      return
    }
    var output: [Int16] = []
    for part in 0..<200 {
      resampler.setSpeed(1 + Double(part % 7 - 3) * 0.0001)
      let input = (0..<480).map { Tone.sample(part * 480 + $0, hertz: 500, rate: 48_000) }
      output += Tone.resampled(input, by: &resampler, room: 600)
    }
    // From one sample to the next, a tone of 500 Hz moves by at most 6.5 percent of its amplitude.
    let steps = zip(output.dropFirst(100), output.dropFirst(101)).map { abs(Int($0) - Int($1)) }
    #expect(Double(steps.max() ?? 0) < Tone.amplitude * 0.07)
  }

  @Test func `what has no room is left to the caller`() {
    guard var resampler = Resampler(channels: 2, from: 16_000, to: 48_000) else {
      Issue.record("not opened")
      return
    }
    let input = [Int16](repeating: 100, count: 320)
    var buffer = [Int16](repeating: 0, count: 96)
    let done = Tone.resampled(input, by: &resampler, into: &buffer)
    #expect(done.read < 320 && done.read % 2 == 0)
    #expect(done.written == 96)
  }

  @Test func `rates and channels that cannot be are refused`() {
    for (channels, rate) in [(0, 48_000), (9, 48_000), (1, 0), (1, 1_000_000)] {
      let isOpened =
        switch Resampler(channels: channels, from: rate, to: 48_000) {
        case .some: true
        case .none: false
        }
      #expect(!isOpened)
    }
  }
}
