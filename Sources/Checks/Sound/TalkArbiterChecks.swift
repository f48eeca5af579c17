// SPDX-License-Identifier: Apache-2.0
internal import Sound
internal import Wire

extension Check {
  static let talkArbiter: [Check] = [
    Check("one is heard at a time, and the others in the order of their asking") {
      var arbiter = TalkArbiter<String>()
      try expectEqual(arbiter.request("a", at: second(0)), .talking)
      try expectEqual(arbiter.request("b", at: second(1)), .waiting(before: 0))
      try expectEqual(arbiter.request("c", at: second(1)), .waiting(before: 1))
      try expectEqual(arbiter.request("b", at: second(2)), .waiting(before: 0), "asked again")
      try expectEqual(events(&arbiter), [.began("a"), .waiting(["b", "c"])])
      arbiter.release("a", at: second(2))
      try expectEqual(events(&arbiter), [.ended("a"), .began("b"), .waiting(["c"])])
      arbiter.release("c", at: second(2))
      arbiter.release("b", at: second(3))
      try expectEqual(events(&arbiter), [.ended("b"), .waiting([])])
      try expectEqual(arbiter.deadline, nil, "deadline")
    },
    Check("who falls silent makes room, at the deadline and not before") {
      var arbiter = TalkArbiter<String>()
      arbiter.request("a", at: second(0))
      arbiter.request("b", at: second(0))
      for moment in 0...20 { arbiter.hear("a", at: second(moment)) }
      try expectEqual(arbiter.deadline, second(23), "deadline")
      arbiter.advance(to: second(23) - .nanoseconds(1))
      try expectEqual(arbiter.talkers, ["a"])
      arbiter.advance(to: second(23))
      try expectEqual(arbiter.talkers, ["b"])
      // The next one has as long to begin.
      try expectEqual(arbiter.deadline, second(26), "deadline")
      arbiter.advance(to: second(26))
      try expectEqual(arbiter.talkers, [])
    },
    Check("a turn ends after its time if somebody waits, and only then") {
      var arbiter = TalkArbiter<Int>()
      arbiter.request(1, at: second(0))
      speak(1, &arbiter, from: 0, to: 100)
      try expectEqual(arbiter.talkers, [1], "nobody waits")
      arbiter.request(2, at: second(100))
      try expectEqual(arbiter.talkers, [1], "asking interrupts nobody")
      arbiter.advance(to: second(100))
      try expectEqual(arbiter.talkers, [2], "somebody waits")
      arbiter.request(1, at: second(101))
      speak(2, &arbiter, from: 100, to: 159)
      try expectEqual(arbiter.talkers, [2], "the turn is not over")
      speak(2, &arbiter, from: 159, to: 160)
      try expectEqual(arbiter.talkers, [1], "the turn is over")
    },
    Check("as many as are mixed are heard at once, and the queue has an end") {
      var configuration = TalkArbiter<Int>.Configuration()
      configuration.maximumTalkers = 3
      configuration.maximumWaiting = 4
      var arbiter = TalkArbiter<Int>(configuration)
      for id in 0..<10 { arbiter.request(id, at: second(0)) }
      try expectEqual(arbiter.talkers, [0, 1, 2])
      try expectEqual(arbiter.waiting, [3, 4, 5, 6])
      try expectEqual(arbiter.standing(of: 9), .absent)
      arbiter.release(1, at: second(1))
      try expectEqual(arbiter.talkers, [0, 2, 3])
      try expectEqual(arbiter.standing(of: 6), .waiting(before: 2))
    },
    Check("whatever a thousand people do, nobody is lost and no deadline stands") {
      var random = RandomSource.seeded(4)
      var configuration = TalkArbiter<Int>.Configuration()
      configuration.maximumTalkers = 2
      var arbiter = TalkArbiter<Int>(configuration)
      var now = Timestamp.zero
      var known: (talkers: Set<Int>, waiting: [Int]) = ([], [])
      for _ in 0..<20_000 {
        now += .milliseconds(Int64.random(in: 0...400, using: &random))
        let id = Int.random(in: 0..<1_000, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: arbiter.release(id, at: now)
        case 1: if let talker = arbiter.talkers.first { arbiter.hear(talker, at: now) }
        case 2:
          let known = arbiter.talkers + arbiter.waiting
          if let one = known.randomElement(using: &random) { arbiter.release(one, at: now) }
        default: arbiter.request(id, at: now)
        }
        arbiter.advance(to: now)
        for event in events(&arbiter) {
          switch event {
          case .began(let id): known.talkers.insert(id)
          case .ended(let id): known.talkers.remove(id)
          case .waiting(let list): known.waiting = list
          }
        }
        try expectEqual(known.talkers, Set(arbiter.talkers), "talkers as told")
        try expectEqual(known.waiting, arbiter.waiting, "waiting as told")
        try expect(arbiter.talkers.count <= 2 && arbiter.waiting.count <= 16, "too many")
        try expect(
          arbiter.waiting.isEmpty || arbiter.talkers.count == 2,
          "somebody waits for nobody"
        )
        if let deadline = arbiter.deadline { try expect(deadline > now, "a deadline stands") }
      }
    },
  ]

  private static func second(_ count: Int) -> Timestamp { .zero + .seconds(count) }

  private static func events<ID>(_ arbiter: inout TalkArbiter<ID>) -> [TalkArbiter<ID>.Event] {
    var events: [TalkArbiter<ID>.Event] = []
    while let event = arbiter.nextEvent() { events.append(event) }
    return events
  }

  private static func speak(
    _ id: Int,
    _ arbiter: inout TalkArbiter<Int>,
    from first: Int,
    to last: Int
  ) {
    for moment in first...last {
      arbiter.hear(id, at: second(moment))
      arbiter.advance(to: second(moment))
    }
  }
}
