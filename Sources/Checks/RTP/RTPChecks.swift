// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Everything about RTP and RTCP that is to hold on every machine.
  public static let rtp: [Check] =
    h264RoundTrips + hostileRTCP + rtpSimulations + receptions + rtpMutations

  /// Seeded mutation of each fuzz target of this area.
  private static let rtpMutations: [Check] = FuzzTarget.rtp.map { target in
    Check("survives 20,000 mutations of \(target.name)") {
      target.mutate(count: 20_000, seed: 1)
    }
  }
}
