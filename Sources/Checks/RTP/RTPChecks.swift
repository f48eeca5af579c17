// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Everything about RTP and RTCP that is to hold on every machine.
  public static let rtp: [Check] =
    h264RoundTrips + hostileRTCP + rtpSimulations + receptions + rtpMutations

  /// Seeded mutation of each fuzz target of this area.
  private static let rtpMutations: [Check] = FuzzTarget.rtp.map { target in
    // An input of the receivers is a whole sequence of packets and takes many times as long.
    let count = FuzzTarget.rtpReceivers.contains { $0.name == target.name } ? 3_000 : 20_000
    return Check("survives \(count) mutations of \(target.name)") {
      target.mutate(count: count, seed: 1)
    }
  }
}
