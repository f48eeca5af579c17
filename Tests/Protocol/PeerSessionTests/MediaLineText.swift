// SPDX-License-Identifier: Apache-2.0
import SDP

/// M-lines of a peer, as its description has them.
enum MediaLineText {
  static var dataChannel: MediaDescription {
    var line = MediaDescription(
      kind: .application,
      proto: "UDP/DTLS/SCTP",
      formats: ["webrtc-datachannel"]
    )
    line.sctpPort = 5_000
    line.maxMessageSize = 262_144
    return line
  }
}
