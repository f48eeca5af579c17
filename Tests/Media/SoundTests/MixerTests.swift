// SPDX-License-Identifier: Apache-2.0
import Sound
import Testing

struct MixerTests {
  private func mixed(_ talkers: [[Int16]]) -> [Int16] {
    var mixer = Mixer(count: 4)
    for talker in talkers { mixer.add(talker.span) }
    return step(&mixer)
  }

  private func step(_ mixer: inout Mixer) -> [Int16] {
    var samples = [Int16](repeating: 99, count: 4)
    var output = samples.mutableSpan
    mixer.mix(into: &output)
    return samples
  }

  @Test func `what is not loud is added exactly`() {
    #expect(mixed([[1, -2, 24_000, -24_000], [3, 4, 576, -576]]) == [4, 2, 24_576, -24_576])
  }

  @Test func `a sum that is too loud is bent, and its sign stays`() {
    let loud = mixed([[32_767, -32_768, 20_000, 0], [32_767, -32_768, 20_000, 0]])
    #expect(loud[0] > 30_000 && loud[1] < -30_000)
    #expect(loud[2] > 24_576 && loud[2] < loud[0])
    #expect(loud[3] == 0)
  }

  @Test func `the louder the sum the louder the sample`() {
    var last = Int16.min
    for level in stride(from: -60_000, through: 60_000, by: 500) {
      let half = [Int16](repeating: Int16(level / 2), count: 4)
      let sample = mixed([half, half])[0]
      #expect(sample > last || level == -60_000)
      last = sample
    }
  }

  @Test func `each step begins with silence, and a short talker fills its part only`() {
    var mixer = Mixer(count: 4)
    let short: [Int16] = [5, 6]
    mixer.add(short.span)
    #expect(step(&mixer) == [5, 6, 0, 0])
    #expect(step(&mixer) == [0, 0, 0, 0])
  }

  @Test func `a hundred thousand talkers at full scale do not wrap`() {
    var mixer = Mixer(count: 4)
    let full = [Int16](repeating: .min, count: 4)
    for _ in 0..<100_000 { mixer.add(full.span) }
    #expect(step(&mixer).allSatisfy { $0 < -32_000 })
  }
}
