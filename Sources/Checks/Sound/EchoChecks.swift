// SPDX-License-Identifier: Apache-2.0
private import Glibc
internal import Sound
internal import Wire

extension Check {
  static let echo: [Check] = [
    Check("an echo at -6 dB is lowered by 25 dB after 3 s, and who speaks near is heard") {
      guard var room = Room(seed: 1) else { throw CheckFailure(description: "no canceller") }
      _ = room.pass(seconds: 3, near: false)
      let far = room.pass(seconds: 4, near: false)
      let reduction = decibels(level(far.captured) / max(1, level(far.output)))
      try expect(reduction >= 25, "lowered by \(reduction) dB")
      let both = room.pass(seconds: 4, near: true)
      let kept = decibels(level(both.output) / level(both.near))
      try expect(kept > -6 && kept < 3, "near speech at \(kept) dB")
      let likeness = correlation(both.output, both.near)
      try expect(likeness > 0.7, "near speech is like what is left by \(likeness)")
      // Nor has speaking at the same time spoilt what was learnt.
      _ = room.pass(seconds: 1, near: false)
      let after = room.pass(seconds: 3, near: false)
      let again = decibels(level(after.captured) / max(1, level(after.output)))
      try expect(again >= 25, "lowered by \(again) dB afterwards")
    },
    Check("while the loudspeaker is silent the microphone is heard as it is") {
      guard var room = Room(seed: 2, isPlaying: false) else {
        throw CheckFailure(description: "no canceller")
      }
      _ = room.pass(seconds: 1, near: true)
      let alone = room.pass(seconds: 4, near: true)
      let likeness = correlation(alone.output, alone.near)
      try expect(likeness > 0.9, "near speech is like what is left by \(likeness)")
    },
    Check("what was played is given again as it was heard, however the timestamps tremble") {
      var random = RandomSource.seeded(3)
      var memory = PlayedSound(sampleRate: 48_000, lead: .zero)
      var played: [Int16] = []
      var place: Int?
      for step in 0..<3_000 {
        let now = Timestamp.zero + .milliseconds(10) * step
        let sound = (0..<480).map { _ in Int16.random(in: 1...30_000, using: &random) }
        memory.play(sound.span, from: now + .milliseconds(20))
        played += sound
        // Captured 10 ms before: between 30 and 40 ms behind what was written last.
        let trembling = Duration.microseconds(Int64.random(in: -1_500...1_500, using: &random))
        let heard = recall(step, &memory, from: now - .milliseconds(10) + trembling)
        guard step > 10 else { continue }
        let first = place ?? played.count - 480 - (20 + 10) * 48
        let found = (first - 100..<first + 100).first { played[$0..<$0 + 480].elementsEqual(heard) }
        try expect(found != nil, "something else is given at step \(step)")
        if place != nil { try expectEqual(found, place, "the place at step \(step)") }
        place = found.map { $0 + 480 }
      }
      try expectEqual(memory.moves, 1, "moves")
    },
    Check("a card that stood still is noticed soon, one that lies by 8 ms after a while") {
      var memory = PlayedSound(sampleRate: 48_000)
      let sound = [Int16](repeating: 7, count: 480)
      func pass(_ steps: Range<Int>, off: Duration) {
        for step in steps {
          let now = Timestamp.zero + .milliseconds(10) * step
          memory.play(sound.span, from: now)
          _ = recall(step, &memory, from: now - .milliseconds(20) + off)
        }
      }
      pass(0..<100, off: .zero)
      try expectEqual(memory.moves, 1, "moves")
      pass(100..<140, off: .milliseconds(8))
      try expectEqual(memory.moves, 1, "moves too soon")
      pass(140..<200, off: .milliseconds(8))
      try expectEqual(memory.moves, 2, "moves")
      pass(200..<202, off: .milliseconds(-80))
      try expectEqual(memory.moves, 2, "moves because a thread was late")
      pass(202..<210, off: .milliseconds(-80))
      try expectEqual(memory.moves, 3, "moves after a jump")
    },
    Check("what was played is silence where nothing was, and of another place after a pause") {
      var memory = PlayedSound(sampleRate: 48_000)
      let sound = [Int16](repeating: 7, count: 480)
      func answer(_ step: Int, isPlaying: Bool) -> (PlayedSound.Recollection, Int16?) {
        let now = Timestamp.zero + .milliseconds(10) * step
        if isPlaying { memory.play(sound.span, from: now) }
        var samples = [Int16](repeating: 1, count: 480)
        var output = samples.mutableSpan
        let place = UInt64(480 * step)
        return (memory.recall(place, from: now - .milliseconds(20), into: &output), samples.last)
      }
      try expect(answer(0, isPlaying: false) == (.silence, 0), "before the first sound")
      _ = answer(1, isPlaying: true)
      try expect(answer(2, isPlaying: true).0 == .continued, "while it plays")
      try expect(answer(3, isPlaying: true) == (.continued, 7), "what is played")
      for step in 4..<100 {
        try expect(answer(step, isPlaying: false).0 == .continued, "while it may echo")
      }
      for step in 100..<200 { _ = answer(step, isPlaying: false) }
      try expect(answer(200, isPlaying: false) == (.silence, 0), "a second later")
      try expect(answer(201, isPlaying: true).0 == .moved, "when it plays again")
      // What was played before the pause is not taken for what was played just before.
      try expectEqual(answer(202, isPlaying: true).1, 7, "what is played")
    },
    Check("half duplex lowers the microphone while the loudspeaker plays, and a little longer") {
      var ducking = Ducking(sampleRate: 48_000)
      let (loud, silent) = (
        [Int16](repeating: 5_000, count: 480), [Int16](repeating: 0, count: 480)
      )
      try expectEqual(duck(&ducking, while: silent).last, 10_000, "untouched")
      _ = duck(&ducking, while: loud)
      try expect((duck(&ducking, while: loud).last ?? 0) < 110, "lowered")
      for _ in 0..<19 { _ = duck(&ducking, while: silent) }
      try expect((duck(&ducking, while: silent).last ?? 0) < 110, "held for 200 ms")
      for _ in 0..<6 { _ = duck(&ducking, while: silent) }
      try expectEqual(duck(&ducking, while: silent).last, 10_000, "raised again")
      try expect(!ducking.isDucking, "is at rest")
    },
  ]

  private static func recall(
    _ step: Int,
    _ memory: inout PlayedSound,
    from instant: Timestamp
  ) -> [Int16] {
    var samples = [Int16](repeating: 0, count: 480)
    var output = samples.mutableSpan
    _ = memory.recall(UInt64(480 * step), from: instant, into: &output)
    return samples
  }

  private static func duck(_ ducking: inout Ducking, while played: [Int16]) -> [Int16] {
    var samples = [Int16](repeating: 10_000, count: played.count)
    var captured = samples.mutableSpan
    ducking.duck(&captured, while: played.span)
    return samples
  }

  static func decibels(_ ratio: Double) -> Double { 20 * log10(ratio) }

  static func level(_ samples: [Int16]) -> Double {
    let squares = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (squares / Double(max(1, samples.count))).squareRoot()
  }

  /// How much of the one is the other, 0 to 1, where the first may be up to 30 ms late.
  static func correlation(_ output: [Int16], _ near: [Int16]) -> Double {
    var best = 0.0
    for late in stride(from: 0, through: 1_440, by: 4) {
      var product = 0.0
      for index in stride(from: late, to: output.count, by: 3) {
        product += Double(output[index]) * Double(near[index - late])
      }
      best = max(best, product)
    }
    return 3 * best / (Double(output.count) * level(output) * level(near))
  }
}

/// A loudspeaker, a microphone, walls, and somebody near: 48 kHz in steps of 10 ms.
private struct Room: ~Copyable {
  private var canceller: EchoCanceller
  private var far: SyntheticSpeech
  private var near: SyntheticSpeech
  private let isPlaying: Bool
  /// Samples by which each reflection is late, and how loud it is; 12 ms to 90 ms.
  private var reflections: [(late: Int, gain: Double)] = []
  private var played = [Int16](repeating: 0, count: 4_800)

  init?(seed: UInt64, isPlaying: Bool = true) {
    guard let canceller = EchoCanceller() else { return nil }
    self.canceller = canceller
    self.isPlaying = isPlaying
    far = SyntheticSpeech(rate: 48_000, level: 6_000, seed: seed)
    near = SyntheticSpeech(rate: 48_000, level: 4_000, seed: seed + 100)
    var random = RandomSource.seeded(seed)
    var late = 576
    var gain = 0.42
    while late < 4_320 {
      reflections.append((late, gain * (Bool.random(using: &random) ? 1 : -1)))
      late += .random(in: 20...200, using: &random)
      gain *= 0.86
    }
  }

  /// Lets `seconds` pass; what is near, what the microphone hears, and what is left of it.
  mutating func pass(
    seconds: Int,
    near isNear: Bool
  ) -> (near: [Int16], captured: [Int16], output: [Int16]) {
    var whole: (near: [Int16], captured: [Int16], output: [Int16]) = ([], [], [])
    for _ in 0..<(seconds * 100) {
      let sound = isPlaying ? far.take(480) : [Int16](repeating: 0, count: 480)
      let speech = isNear ? near.take(480) : [Int16](repeating: 0, count: 480)
      played = Array(played.suffix(4_320)) + sound
      let captured = (0..<480).map { index in
        var sum = Double(speech[index])
        for (late, gain) in reflections { sum += gain * Double(played[4_320 + index - late]) }
        return Int16(max(-32_768, min(sum, 32_767)))
      }
      var cleaned = [Int16](repeating: 0, count: 480)
      var output = cleaned.mutableSpan
      _ = canceller.cancel(captured.span, played: sound.span, into: &output)
      whole.near += speech
      whole.captured += captured
      whole.output += cleaned
    }
    return whole
  }
}
