// SPDX-License-Identifier: Apache-2.0
public import PeerSession
internal import SDP
public import Wire

extension PeerSession {
  /// Answers `offer` as the program does: sends `tracks` where the offer receives, and nothing else.
  public mutating func answer(
    _ offer: String,
    sending tracks: [OutgoingTrack],
    at now: Timestamp
  ) throws(NegotiationError) -> String {
    for track in tracks
    where !transceivers.contains(where: { $0.outgoing?.trackID == track.trackID }) {
      _ = addTransceiver(.video, direction: .sendonly, outgoing: track, isForAnyLine: true)
    }
    try setRemoteDescription(.offer, offer, at: now)
    for transceiver in transceivers where transceiver.outgoing == nil {
      stopTransceiver(transceiver.id)
    }
    let answer = try createAnswer()
    try setLocalDescription(.answer, answer, at: now)
    return answer
  }
}
