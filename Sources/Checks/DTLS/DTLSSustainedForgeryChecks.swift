// SPDX-License-Identifier: Apache-2.0
internal import DTLS
private import Wire

extension Check {
  static let dtlsSustainedForgery: [Check] = [
    Check("connects although about half of all datagrams have a damaged copy before them") {
      var report = ""
      var failed = 0
      for seed in UInt64(1)...100 {
        var random = RandomSource.seeded(7000 + seed)
        var pair = try DTLSPair(seed: 7000 + seed)
        pair.start()
        pair.run { _, bytes, _ in
          guard Bool.random(using: &random) else { return [bytes] }
          var damaged = bytes
          for _ in 0..<Int.random(in: 1...3, using: &random) {
            damaged[Int.random(in: 0..<damaged.count, using: &random)] ^=
              .random(in: 1...255, using: &random)
          }
          return [damaged, bytes]
        }
        if !pair.isConnected { failed += 1 }
        report += "\(seed):\(pair.isConnected ? "" : "FAILED ")\(pair.now) \(pair.client.statistics.restarts)/\(pair.server.statistics.restarts) "
      }
      try expect(failed < 0, "failed \(failed) \(report)")
    },
  ]
}
