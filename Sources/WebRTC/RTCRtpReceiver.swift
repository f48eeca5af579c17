// SPDX-License-Identifier: Apache-2.0
internal import PeerSession

/// The receiving of one track (W3C webrtc-pc section 5.3).
///
/// For any thread.
public final class RTCRtpReceiver: @unchecked Sendable {
  /// What the peer sends; muted until something comes.
  public let track: MediaStreamTrack
  /// The transceiver in its session, once there is one.
  var transceiver: Transceiver.ID = -1
  weak var transport: PeerTransport?

  init(track: MediaStreamTrack) {
    self.track = track
  }

  /// Ends the track, and what is read from it.
  func end() {
    track.end()
    (track.source as? RemoteVideoSource)?.finish()
    (track.source as? RemoteAudioSource)?.finish()
  }
}
