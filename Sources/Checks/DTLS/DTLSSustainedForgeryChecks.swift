// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  static let dtlsSustainedForgery: [Check] = [
    Check("connects although about half of all datagrams have a damaged copy before them") {
      var lost: [UInt64] = []
      for seed in UInt64(7001)...7040 where try !connects(seed: seed, where: { _, _ in true }) {
        lost.append(seed)
      }
      // Who damages both directions for as long as he likes can keep a few apart for 30 s.
      try expect(lost.count <= 3, "not connected: seeds \(lost) of 7001 to 7040")
    },
    Check("connects although half of what follows a client's first datagram has a damaged copy") {
      for seed in UInt64(7101)...7120 {
        try expect(try connects(seed: seed) { $0 > 0 && $1 }, "seed \(seed): not connected")
      }
    },
  ]

  /// Whether two sessions connect when about half of the datagrams that `isHit` holds for have a damaged
  /// copy before them.
  private static func connects(
    seed: UInt64,
    where isHit: (_ number: Int, _ isForServer: Bool) -> Bool
  ) throws -> Bool {
    var random = RandomSource.seeded(seed)
    var pair = try DTLSPair(seed: seed)
    pair.start()
    pair.run { number, bytes, isForServer in
      guard isHit(number, isForServer), Bool.random(using: &random) else { return [bytes] }
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] ^=
          .random(in: 1...255, using: &random)
      }
      return [damaged, bytes]
    }
    return pair.isConnected
  }
}
