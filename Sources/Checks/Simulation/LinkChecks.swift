// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import Wire

extension Check {
  /// That the simulated link does what its weather says.
  public static let link: [Check] = [
    Check("a good link keeps order and content, late by its latency") {
      var link = Link(.init(latency: .milliseconds(7), jitter: .milliseconds(5)), seed: 1)
      for number in 0..<100 { link.send([UInt8(number)], tag: tag, at: .zero) }
      try expect(link.receive(at: .zero + .milliseconds(6)) == nil, "too early")
      for number in 0..<100 {
        let arrived = link.receive(at: .zero + .milliseconds(12))
        try expectEqual(arrived?.bytes, [UInt8(number)], "datagram \(number)")
      }
      try expectEqual(link.deadline, nil, "deadline")
    },
    Check("the same seed repeats a run, another does not") {
      let weather = Link.Weather(jitter: .milliseconds(9), loss: 0.3, duplication: 0.2)
      let runs = [UInt64(1), 1, 2].map { seed -> [UInt8] in
        var link = Link(weather, seed: seed)
        for number in 0..<200 { link.send([UInt8(number)], tag: tag, at: .zero) }
        return all(&link).map { $0[0] }
      }
      try expectEqual(runs[0], runs[1], "the second run")
      try expect(runs[0] != runs[2], "another seed gave the same run")
    },
    Check("loss, duplication and reordering come as often as they should") {
      let weather = Link.Weather(loss: 0.2, duplication: 0.1, reordering: 0.1)
      var link = Link(weather, seed: 3)
      for number in 0..<20_000 {
        link.send([0], tag: tag, at: Timestamp(nanoseconds: Int64(number) * 1_000_000))
      }
      let statistics = link.statistics
      try expect((3_800...4_200).contains(statistics.lost), "\(statistics)")
      try expect((1_500...1_700).contains(statistics.duplicated), "\(statistics)")
      try expect((1_650...1_870).contains(statistics.reordered), "\(statistics)")
      try expectEqual(all(&link).count, 20_000 - statistics.lost + statistics.duplicated)
    },
    Check("losses in bursts come in rows") {
      let bursts = Link.Weather.Bursts(begin: 0.01, end: 0.1, loss: 1)
      var link = Link(.init(bursts: bursts), seed: 4)
      var rows = 0
      var wasLost = false
      for _ in 0..<20_000 {
        let before = link.statistics.lost
        link.send([0], tag: tag, at: .zero)
        let isLost = link.statistics.lost > before
        if isLost, !wasLost { rows += 1 }
        wasLost = isLost
      }
      let length = Double(link.statistics.lost) / Double(rows)
      try expect((8...12).contains(length), "rows of \(length)")
      try expect((0.07...0.11).contains(Double(link.statistics.lost) / 20_000), "loss")
    },
    Check("a narrow link delivers at its rate, queues, and then drops") {
      let weather = Link.Weather(
        latency: .zero,
        rate: .kilobits(800),
        queueLimit: 10_000
      )
      var link = Link(weather, seed: 5)
      let datagram = [UInt8](repeating: 0, count: 1_000)
      for _ in 0..<20 { link.send(datagram, tag: tag, at: .zero) }
      try expectEqual(link.statistics.overflowed, 10, "overflow")
      for number in 1...10 {
        try expectEqual(link.deadline, .zero + .milliseconds(10 * number), "arrival \(number)")
        _ = link.receive(at: .distantFuture)
      }
      link.send(datagram, tag: tag, at: .zero + .seconds(1))
      try expectEqual(link.deadline, .zero + .milliseconds(1_010), "arrival after a pause")
    },
    Check("nothing longer than the MTU passes, and nothing at all while the link is down") {
      var link = Link(.init(mtu: 100), seed: 6)
      link.send([UInt8](repeating: 0, count: 101), tag: tag, at: .zero)
      try expectEqual(link.statistics.oversized, 1, "oversized")
      link.weather.isDown = true
      link.send([0], tag: tag, at: .zero)
      try expectEqual(link.statistics.lost, 1, "lost")
      try expectEqual(link.deadline, nil, "deadline")
    },
  ]

  private static let tag = Transmit(
    from: SocketAddress(.v4(1), port: 1),
    to: SocketAddress(.v4(2), port: 2)
  )

  private static func all(_ link: inout Link) -> [[UInt8]] {
    var result: [[UInt8]] = []
    while let (bytes, _) = link.receive(at: .distantFuture) { result.append(bytes) }
    return result
  }
}
