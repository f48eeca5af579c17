// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import SCTP
internal import Wire

extension Check {
  /// Data between two associations over bad networks.
  static let sctpTransfers: [Check] = [
    Check("SCTP: crossing INITs connect, and a message arrives whole (seed 1)") {
      var simulation = try SCTPSimulation.connected(seed: 1)
      for count in [1, 4, 1100, 1132, 1133, 5000, 262_144] {
        try simulation.send(.numbered(count, bytes: max(4, count)))
      }
      try simulation.run(for: .seconds(20)) { $0.ends[1].messages.count == 7 }
      try expectEqual(
        simulation.ends[1].messages.map(\.number),
        [1, 4, 1100, 1132, 1133, 5000, 262_144],
        "messages"
      )
    },
    Check("SCTP: 10 % loss: 10,000 messages arrive in order and once (seeds 1 and 2)") {
      for seed: UInt64 in 1...2 {
        try transfer(10_000, seed: seed, .init(latency: .milliseconds(20), loss: 0.1))
      }
    },
    Check("SCTP: reordering, duplication and jitter: in order and once (seeds 1 to 3)") {
      for seed: UInt64 in 1...3 {
        let weather = Link.Weather(
          latency: .milliseconds(15),
          jitter: .milliseconds(10),
          loss: 0.02,
          duplication: 0.05,
          reordering: 0.1
        )
        try transfer(5_000, seed: seed, weather)
      }
    },
    Check("SCTP: 16 MiB in messages of 16 KiB over a clean link") { try carry(zeroChecksum: true) },
    Check("SCTP: 16 MiB in messages of 16 KiB over a clean link, with checksums") {
      try carry(zeroChecksum: false)
    },
    Check("SCTP: a narrow link with a short queue is filled (seeds 1 and 2)") {
      for seed: UInt64 in 1...2 {
        let weather = Link.Weather(
          latency: .milliseconds(30),
          rate: .kilobits(1_000),
          queueLimit: 20_000
        )
        let rate = try throughput(seed: seed, weather)
        try expect(rate >= 750_000, "seed \(seed): \(rate) bit/s")
      }
    },
    Check("SCTP: 1 % loss and 60 ms of round trip carry 1.5 Mbit/s (seeds 1 to 3)") {
      for seed: UInt64 in 1...3 {
        let rate = try throughput(seed: seed, .init(latency: .milliseconds(30), loss: 0.01))
        try expect(rate >= 1_500_000, "seed \(seed): \(rate) bit/s")
      }
    },
  ]

  /// Sends 1,024 messages of 16 KiB; the time it takes is a figure.
  private static func carry(zeroChecksum: Bool) throws {
    var configuration = SCTPConfiguration()
    configuration.acceptsZeroChecksum = zeroChecksum
    var simulation = try SCTPSimulation.connected(
      seed: 6,
      weather: .init(),
      [configuration, configuration]
    )
    let message = SCTPMessage.numbered(1, bytes: 16_384)
    var sent = 0
    var received = 0
    while received < 1_024 {
      while sent < 1_024, simulation.ends[0].association.bufferedAmount(of: 1) < 1_000_000 {
        try simulation.send(message)
        sent += 1
      }
      try simulation.run(for: .milliseconds(10))
      received += simulation.ends[1].messages.count { $0.payload.count == 16_384 }
      simulation.ends[1].messages.removeAll()
      try expect(simulation.now < .zero + .seconds(600), "\(received) messages in ten minutes")
    }
    let statistics = simulation.ends[0].association.statistics
    try expectEqual(statistics.chunksRetransmitted, 0, "sent again")
  }

  /// Sends numbered messages of many lengths and expects them in order and once.
  static func transfer(
    _ count: Int,
    seed: UInt64,
    _ weather: Link.Weather,
    _ configurations: [SCTPConfiguration] = [.init(), .init()]
  ) throws {
    var simulation = try SCTPSimulation.connected(seed: seed, weather: weather, configurations)
    var random = RandomSource.seeded(seed)
    var next = 0
    while simulation.ends[1].messages.count < count {
      while next < count, simulation.ends[0].association.bufferedAmount(of: 1) < 500_000 {
        let isLong = next % 100 == 0
        let bytes = Int.random(in: isLong ? 4...60_000 : 4...600, using: &random)
        try simulation.send(.numbered(next, bytes: bytes))
        next += 1
      }
      try simulation.run(for: .milliseconds(100))
      try expect(
        simulation.now < .zero + .seconds(3_600),
        "seed \(seed): \(simulation.ends[1].messages.count) messages in an hour"
      )
    }
    try expectEqual(simulation.ends[1].messages.map(\.number), Array(0..<count), "seed \(seed)")
  }

  /// Bits of payload in a second over 20 s.
  static func throughput(seed: UInt64, _ weather: Link.Weather) throws -> Int {
    var simulation = try SCTPSimulation.connected(seed: seed, weather: weather)
    let message = SCTPMessage(
      stream: 1,
      payloadProtocol: 53,
      payload: [UInt8](repeating: 7, count: 1_000)
    )
    let start = simulation.now
    while simulation.now < start + .seconds(20) {
      while simulation.ends[0].association.bufferedAmount(of: 1) < 100_000 {
        try simulation.send(message)
      }
      try simulation.run(for: .milliseconds(10))
    }
    let bytes = simulation.ends[1].messages.reduce(0) { $0 + $1.payload.count }
    return bytes * 8 / 20
  }
}
