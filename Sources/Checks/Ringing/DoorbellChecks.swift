// SPDX-License-Identifier: Apache-2.0
private import Ringing
private import Wire

extension Check {
  /// The bell of a board, on a virtual clock.
  public static let doorbell: [Check] = [
    Check("a bell rings until somebody answers, once") {
      var bell = Doorbell()
      try expectEqual(bell.deadline, nil, "deadline at rest")
      try expectEqual(bell.ring("Front door", at: second(1)), .rings(1))
      try expectEqual(bell.deadline, second(31), "deadline")
      let call = bell.nextEvent()
      try expectEqual(call?.name, "Front door")
      try expectEqual(call?.state, .ringing(until: second(31)))
      try expectEqual(bell.nextEvent(), nil)
      bell.answer(1, by: 7, at: second(5))
      bell.decline(1, by: 8, at: second(5))
      bell.answer(1, by: 9, at: second(6))
      try expectEqual(bell.nextEvent()?.state, .answered(by: 7))
      try expectEqual(bell.nextEvent(), nil)
      try expectEqual(bell.deadline, nil, "deadline after the answer")
    },
    Check("a call that is declined is over for all, and the next one is another") {
      var bell = Doorbell()
      try expectEqual(bell.ring("", at: second(0)), .rings(1))
      bell.decline(1, by: 2, at: second(3))
      try expectEqual(bell.nextEvent()?.state, .declined(by: 2))
      try expectEqual(bell.ring("", at: second(4)), .rings(2))
      // Whoever still saw the first one does not end the second.
      bell.answer(1, by: 3, at: second(5))
      bell.decline(1, by: 3, at: second(5))
      try expectEqual(bell.call?.isRinging, true)
    },
    Check("nobody answers: missed at the deadline and not before, and an answer then is too late") {
      var bell = Doorbell()
      _ = bell.ring("", at: second(0))
      _ = bell.nextEvent()
      bell.advance(to: second(30) - .nanoseconds(1))
      try expectEqual(bell.nextEvent(), nil)
      bell.answer(1, by: 1, at: second(30))
      try expectEqual(bell.nextEvent()?.state, .missed)
      try expectEqual(bell.deadline, nil, "deadline")
    },
    Check("pressing again makes a call ring for longer, but not for ever, and under its first name")
    {
      var bell = Doorbell()
      _ = bell.ring("Front door", at: second(0))
      _ = bell.nextEvent()
      try expectEqual(bell.ring("Back door", at: second(20)), .rings(1))
      try expectEqual(bell.deadline, second(50), "deadline")
      try expectEqual(bell.call?.name, "Front door")
      try expectEqual(bell.nextEvent(), nil, "an event for a longer call")
      for moment in 21..<150 { try expectEqual(bell.ring("", at: second(moment)), .rings(1)) }
      try expectEqual(bell.deadline, second(150), "the longest")
      bell.advance(to: second(150))
      try expectEqual(bell.nextEvent()?.state, .missed)
    },
    Check("more calls than may come are refused, and one more with each recovery") {
      var bell = Doorbell()
      var now = second(0)
      for number in 1...5 {
        try expectEqual(bell.ring("", at: now), .rings(UInt64(number)))
        bell.decline(UInt64(number), by: 1, at: now)
      }
      try expectEqual(bell.ring("", at: now), .refused)
      now += .seconds(10) - .nanoseconds(1)
      try expectEqual(bell.ring("", at: now), .refused)
      now += .nanoseconds(1)
      try expectEqual(bell.ring("", at: now), .rings(6))
      bell.decline(6, by: 1, at: now)
      try expectEqual(bell.ring("", at: now), .refused)
      try expectEqual(bell.refused, 3, "refusals")
      try expectEqual(bell.ring("", at: now + .seconds(3600)), .rings(7))
    },
    Check("a call that began and ended before anybody asked is told as it ended") {
      var bell = Doorbell()
      _ = bell.ring("", at: second(0))
      bell.answer(1, by: 4, at: second(1))
      _ = bell.ring("", at: second(2))
      bell.decline(2, by: 4, at: second(3))
      let last = bell.nextEvent()
      try expectEqual(last?.number, 2)
      try expectEqual(last?.state, .declined(by: 4))
      try expectEqual(bell.nextEvent(), nil)
    },
    Check("whatever a thousand visitors and buttons do, each call ends once and in time") {
      var random = RandomSource.seeded(19)
      var bell = Doorbell()
      var now = Timestamp.zero
      var ended: UInt64 = 0
      var began = Timestamp.zero
      for _ in 0..<20_000 {
        now += .milliseconds(Int64.random(in: 0...20_000, using: &random))
        let number = UInt64.random(in: 0...3, using: &random) &+ (bell.call?.number ?? 1) &- 2
        let visitor = UInt64.random(in: 0..<1_000, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bell.answer(number, by: visitor, at: now)
        case 1: bell.decline(number, by: visitor, at: now)
        case 2: bell.advance(to: now)
        default: _ = bell.ring("", at: now)
        }
        bell.advance(to: now)
        if let deadline = bell.deadline { try expect(deadline > now, "a deadline stands") }
        while let call = bell.nextEvent() {
          guard !call.isRinging else {
            began = now
            continue
          }
          try expect(call.number > ended, "call \(call.number) ended twice")
          ended = call.number
        }
        guard let call = bell.call, call.isRinging else { continue }
        try expect(now - began < .seconds(150), "call \(call.number) rings for too long")
      }
      try expect(ended > 1_000, "only \(ended) calls")
    },
  ]

  private static func second(_ count: Int) -> Timestamp { .zero + .seconds(count) }
}
