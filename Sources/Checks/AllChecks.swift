// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Every check of the project, in the order of the floors.
  public static let all: [Check] =
    wire + json + toml + jsonRPC + telemetry + doorbell + link + sdp + ice + srtp + dtls + tls + rtp
    + sctp
    + sound
    + http + webSocket + peerSession + calls + dcep + channels + museum
}

extension FuzzTarget {
  /// Every fuzz target of the project.
  public static let all: [FuzzTarget] =
    json + toml + jsonRPC + telemetry + sdp + ice + srtp + dtls + tls + rtp + sctp + sound + http
    + webSocket
    + negotiation + dcep
}
