// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Sound
internal import Wire

extension Check {
  static let jitterBuffer: [Check] = networks + interruptions

  private static func milliseconds(_ count: Int) -> PlayoutSimulation.Fate {
    .init(delays: [.milliseconds(count)])
  }

  private static let networks: [Check] = [
    Check("on a quiet network sound waits less than 40 ms and nothing is made up") {
      var random = RandomSource.seeded(1)
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(60)) { _ in
        .init(delays: [.microseconds(Int.random(in: 30_000...33_000, using: &random))])
      }
      try expectEqual(simulation.sound.concealed, 0, "concealed")
      try expect(simulation.sound.decoded.count > 2_990, "packets are missing")
      try expect(simulation.buffer.targetDelay < .milliseconds(40), "target")
      let longest = simulation.sound.delays.max() ?? .zero
      try expect(longest < .milliseconds(70), "played after \(longest)")
      let statistics = simulation.buffer.statistics
      let mean = statistics.jitterBufferDelay / statistics.jitterBufferEmittedCount
      try expect(mean < .milliseconds(40) && mean > .milliseconds(10), "waited \(mean)")
    },
    Check("the delay follows a network that holds packets up, and falls again") {
      var random = RandomSource.seeded(2)
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(60)) { _ in milliseconds(.random(in: 10...70, using: &random)) }
      let target = simulation.buffer.targetDelay
      try expect(target >= .milliseconds(60) && target <= .milliseconds(80), "target \(target)")
      let concealed = simulation.sound.concealed
      try expect(concealed < 60 * 48_000 / 50, "\(concealed) ticks were made up")
      simulation.sound = .init()
      simulation.run(.seconds(20)) { _ in milliseconds(.random(in: 10...70, using: &random)) }
      try expect(simulation.sound.concealed < 20 * 480, "\(simulation.sound.concealed) at last")
      simulation.run(.seconds(180)) { _ in milliseconds(20) }
      try expect(simulation.buffer.targetDelay < .milliseconds(40), "the target stays")
    },
    Check("every lost packet is made good by the copy in the next one") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(20)) { .init(delays: $0 % 20 == 10 ? [] : [.milliseconds(30)]) }
      try expectEqual(simulation.sound.recoveredFrom.count, 50, "recovered")
      try expectEqual(simulation.buffer.statistics.packetsRecovered, 50, "packetsRecovered")
      try expectEqual(simulation.sound.concealed, 0, "concealed")
      try expect(isRising(simulation.sound.decoded), "out of order")
    },
    Check("of three packets lost in a row, two are made up and one is made good") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(10)) {
        .init(delays: (100...102).contains($0) ? [] : [.milliseconds(30)])
      }
      try expectEqual(simulation.sound.concealed, 2 * PlayoutSimulation.ticks, "concealed")
      try expectEqual(simulation.sound.recoveredFrom, [1_103], "recovered from")
      try expectEqual(simulation.buffer.statistics.concealmentEvents, 1, "concealmentEvents")
    },
    Check("a codec without copies makes up what is lost, and keeps the time") {
      var configuration = JitterBuffer.Configuration()
      configuration.hasForwardErrorCorrection = false
      var simulation = PlayoutSimulation(configuration)
      simulation.run(.seconds(20)) { .init(delays: $0 % 20 == 10 ? [] : [.milliseconds(30)]) }
      try expectEqual(simulation.sound.concealed, 50 * PlayoutSimulation.ticks, "concealed")
      let spread =
        (simulation.sound.delays.max() ?? .zero) - (simulation.sound.delays.min() ?? .zero)
      try expect(spread <= .milliseconds(10), "delays spread over \(spread)")
    },
    Check("packets that overtake one another are played in order, each once") {
      var random = RandomSource.seeded(3)
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(60)) { index in
        let delay = Duration.milliseconds(index % 5 == 3 ? 55 : 10)
        let isRepeated = Int.random(in: 0..<4, using: &random) == 0
        return .init(delays: isRepeated ? [delay, delay + .milliseconds(3)] : [delay])
      }
      try expect(isRising(simulation.sound.decoded), "out of order")
      let missing = 3_000 - simulation.sound.decoded.count
      try expect(missing < 10, "\(missing) are missing")
      let statistics = simulation.buffer.statistics
      try expect(statistics.packetsDuplicated > 500, "\(statistics.packetsDuplicated) repeated")
      try expect(statistics.packetsDiscarded < 10, "\(statistics.packetsDiscarded) discarded")
    },
  ]

  private static let interruptions: [Check] = [
    Check("what is not sent while nobody speaks is noise, not loss") {
      var simulation = PlayoutSimulation()
      for _ in 0..<10 {
        simulation.run(.seconds(2)) { _ in milliseconds(20) }
        simulation.run(.milliseconds(20)) { _ in .init(delays: [.milliseconds(20)], size: 1) }
        simulation.run(.milliseconds(3_600), every: .milliseconds(400)) { _ in
          .init(delays: [.milliseconds(20)], size: 2)
        }
      }
      try expectEqual(simulation.sound.concealed, 0, "concealed")
      try expectEqual(simulation.buffer.statistics.concealedSamples, 0, "concealedSamples")
      try expect(simulation.sound.noise > 10 * 3 * 48_000, "noise for \(simulation.sound.noise)")
      try expectEqual(simulation.buffer.statistics.packetsDiscarded, 0, "packetsDiscarded")
    },
    Check("after a stall the sound is back near live, in order") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(30)) { _ in milliseconds(20) }
      // Everything of 700 ms arrives at once.
      simulation.run(.milliseconds(700)) { milliseconds(720 - 20 * $0) }
      simulation.sound = .init()
      simulation.run(.seconds(2)) { _ in milliseconds(20) }
      try expect(isRising(simulation.sound.decoded), "out of order")
      let last = simulation.sound.delays.last ?? .zero
      try expect(last < simulation.buffer.targetDelay + .milliseconds(80), "late by \(last)")
    },
    Check("nothing but silence is made up for a stream that has ended, and the next is played") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(5)) { _ in milliseconds(20) }
      simulation.run(.seconds(10)) { _ in .init(delays: []) }
      try expectEqual(simulation.sound.concealed, 6 * 960, "concealed")
      try expect(simulation.sound.noise < 48_000, "noise for \(simulation.sound.noise)")
      try expect(simulation.sound.silence > 8 * 48_000, "silence for \(simulation.sound.silence)")
      simulation.sound = .init()
      simulation.run(.seconds(1)) { _ in milliseconds(20) }
      try expect(simulation.sound.decoded.count > 45, "\(simulation.sound.decoded.count) decoded")
      try expectEqual(simulation.sound.concealed, 0, "concealed afterwards")
    },
    Check("another source with other numbers is followed from its second packet on") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(5)) { _ in milliseconds(20) }
      simulation.changeNumbers(to: 7, timestamp: 1 << 40)
      simulation.sound = .init()
      simulation.run(.seconds(1)) { _ in milliseconds(20) }
      try expectEqual(simulation.buffer.statistics.restarts, 1, "restarts")
      let numbers = simulation.sound.decoded.drop { $0 >= 1_000 }
      try expectEqual(numbers.first, 8, "the first of the new source")
      try expect(numbers.count > 44, "\(numbers.count) of it decoded")
    },
    Check("one stray packet changes nothing") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(5)) { _ in milliseconds(20) }
      let stray = EncodedAudio(
        bytes: [1, 2, 3],
        captured: simulation.now,
        number: .max,
        timestamp: .min,
        payloadType: 111
      )
      simulation.buffer.insert(stray, ticks: 960, at: simulation.now)
      simulation.run(.seconds(5)) { _ in milliseconds(20) }
      try expectEqual(simulation.buffer.statistics.restarts, 0, "restarts")
      try expectEqual(simulation.sound.concealed, 0, "concealed")
    },
    Check("a card that takes nothing for a while leaves a bounded number waiting") {
      var simulation = PlayoutSimulation()
      simulation.run(.seconds(5)) { _ in milliseconds(20) }
      simulation.run(.seconds(10), isStalled: true) { _ in milliseconds(20) }
      try expect(simulation.buffer.packets <= 128, "\(simulation.buffer.packets) wait")
      simulation.sound = .init()
      simulation.run(.seconds(2)) { _ in milliseconds(20) }
      let last = simulation.sound.delays.last ?? .zero
      try expect(last < .milliseconds(250), "late by \(last)")
      try expect(isRising(simulation.sound.decoded), "out of order")
    },
  ]

  private static func isRising(_ numbers: [UInt64]) -> Bool {
    zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
  }
}
