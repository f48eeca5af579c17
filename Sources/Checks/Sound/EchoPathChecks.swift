// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Wire

/// The whole way from what a loudspeaker plays to what is encoded of the microphone beside it.
extension Check {
  static let echoPath: [Check] = [
    Check("the echo of one card is lowered by 25 dB after 3 s, however its timestamps tremble") {
      let cards = EchoSimulation.Cards(trembling: .microseconds(1_500))
      var room = try simulation(.cancel, cards, seed: 2)
      // Until it is known, the microphone is quiet while the loudspeaker is not.
      try expectReduction(of: room.pass(2), by: 25, "at first")
      _ = room.pass(1)
      try expectReduction(of: room.pass(4), by: 25, "after 3 s")
      try expectNear(&room)
      try expectEqual(room.memory.drift, 0, "drift")
      // The loudest reflection, and what is given as played is of 10 ms later.
      let late = room.wayOfEcho + 480
      let delay = room.reading.delay ?? 0
      try expect((late - 120...late + 120).contains(delay), "late by \(delay), not \(late) samples")
      try expectEqual(room.memory.moves, 1, "moves")
    },
    Check("the echo of two cards 100 ppm apart is lowered once their clocks are known") {
      let cards = EchoSimulation.Cards(
        speaker: 60,
        microphone: -40,
        trembling: .microseconds(300)
      )
      var room = try simulation(.cancel, cards, seed: 5)
      _ = room.pass(12)
      try expectReduction(of: room.pass(4), by: 25, "after 12 s")
      try expect((room.memory.drift - 100).magnitude < 5, "\(room.memory.drift) ppm")
      try expectNear(&room)
      try expectEqual(room.memory.moves, 1, "moves")
    },
    Check("where sound was lost, or the loudspeaker rested, 3 s later the echo is lowered again") {
      let cards = EchoSimulation.Cards(trembling: .microseconds(300))
      var room = try simulation(.cancel, cards, seed: 7)
      _ = room.pass(3)
      room.interruptSpeaker(0.057)
      _ = room.pass(3)
      try expectReduction(of: room.pass(3), by: 25, "after the loudspeaker was late")
      room.interruptMicrophone(1_234)
      _ = room.pass(3)
      try expectReduction(of: room.pass(3), by: 25, "after the microphone was late")
      room.isPlaying = false
      let rest = room.pass(3, near: true)
      // Nothing is computed then: the microphone is heard as it is, 10 ms late.
      try expect(
        rest.output.suffix(48_000).elementsEqual(rest.captured.suffix(48_480).prefix(48_000)),
        "changed while the loudspeaker rests"
      )
      room.isPlaying = true
      _ = room.pass(3)
      try expectReduction(of: room.pass(3), by: 25, "after the loudspeaker rested")
      try expectEqual(room.memory.moves, 4, "moves")
    },
    Check("half duplex needs no learning, and lets through who speaks when the loudspeaker rests") {
      var room = try simulation(.duck, EchoSimulation.Cards(), seed: 8)
      let far = room.pass(3)
      try expectReduction(of: far, by: 25, "while the loudspeaker plays")
      room.isPlaying = false
      _ = room.pass(1)
      let near = room.pass(2, near: true)
      try expect(near.output == near.near, "changed while the loudspeaker rests")
    },
    Check("noise is lowered by 10 dB, and speech raised, with and without a loudspeaker") {
      var random = RandomSource.seeded(9)
      let noise = (0..<480_000).map { _ in Int16.random(in: -300...300, using: &random) }
      for echo in [SoundCleaning.Echo.off, .cancel] {
        let quiet = try cleaned(noise, SoundCleaning(echo: echo, suppressesNoise: true))
        let lowered = decibels(level(noise) / level(Array(quiet.suffix(96_000))))
        try expect(lowered > 10, "noise is lowered by \(lowered) dB")
        var speech = SyntheticSpeech(rate: 48_000, level: 300, seed: 10)
        let low = speech.take(480_000)
        let loud = try cleaned(low, SoundCleaning(echo: echo, controlsGain: true))
        let raised = decibels(level(Array(loud.suffix(96_000))) / level(Array(low.suffix(96_000))))
        try expect(raised > 6 && raised < 21, "speech is raised by \(raised) dB")
      }
    },
    Check("gain that raises speech does not raise what is left of an echo") {
      let cleaning = SoundCleaning(echo: .cancel, suppressesNoise: true, controlsGain: true)
      let cards = EchoSimulation.Cards(trembling: .microseconds(300))
      guard var room = EchoSimulation(cleaning, cards, seed: 11, near: 400) else {
        throw CheckFailure(description: "no canceller")
      }
      _ = room.pass(3)
      try expectReduction(of: room.pass(3), by: 25, "after 3 s")
      room.isPlaying = false
      _ = room.pass(4, near: true)
      let near = room.pass(2, near: true)
      let raised = decibels(level(near.output) / level(near.near))
      try expect(raised > 6 && raised < 21, "speech is raised by \(raised) dB")
      room.isPlaying = true
      _ = room.pass(3)
      try expectReduction(of: room.pass(3), by: 25, "after speech was raised")
    },
  ]

  private static func simulation(
    _ echo: SoundCleaning.Echo,
    _ cards: EchoSimulation.Cards,
    seed: UInt64
  ) throws -> EchoSimulation {
    guard let room = EchoSimulation(SoundCleaning(echo: echo), cards, seed: seed) else {
      throw CheckFailure(description: "no canceller")
    }
    return room
  }

  private static func expectReduction(
    of stretch: EchoSimulation.Stretch,
    by least: Double,
    _ when: String
  ) throws {
    let reduction = decibels(level(stretch.captured) / max(1, level(stretch.output)))
    try expect(reduction >= least, "\(when) lowered by \(reduction) dB")
  }

  /// Who speaks near is heard, though the loudspeaker plays too.
  private static func expectNear(_ room: inout EchoSimulation) throws {
    let both = room.pass(4, near: true)
    let kept = decibels(level(both.output) / level(both.near))
    try expect(kept > -6 && kept < 3, "near speech at \(kept) dB")
    let likeness = correlation(both.output, both.near)
    try expect(likeness > 0.7, "near speech is like what is left by \(likeness)")
  }

  private static func cleaned(_ sound: [Int16], _ cleaning: SoundCleaning) throws -> [Int16] {
    guard var control = EchoControl(cleaning) else {
      throw CheckFailure(description: "no canceller")
    }
    let played = [Int16](repeating: 0, count: EchoControl.frame)
    var whole: [Int16] = []
    for start in stride(from: 0, to: sound.count, by: EchoControl.frame) {
      var step = Array(sound[start..<start + EchoControl.frame])
      var samples = step.mutableSpan
      control.clean(&samples, while: played.span, .silence)
      whole += step
    }
    return whole
  }
}
