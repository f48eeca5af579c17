// SPDX-License-Identifier: Apache-2.0

/// What an `RTCPeerConnection` tells, in the order in which the W3C fires the events.
public enum RTCPeerConnectionEvent: Hashable, Sendable {
  /// `negotiationneeded`: something has changed that an exchange of descriptions must tell the peer.
  case negotiationNeeded
  /// `signalingstatechange`
  case signalingStateChange(RTCSignalingState)
  /// `icegatheringstatechange`
  case iceGatheringStateChange(RTCIceGatheringState)
  /// `iceconnectionstatechange`
  case iceConnectionStateChange(RTCIceConnectionState)
  /// `connectionstatechange`
  case connectionStateChange(RTCPeerConnectionState)
  /// `icecandidate`; `nil` once all candidates are known.
  case iceCandidate(RTCIceCandidate?)
  /// `track`: the peer sends a track.
  case track(RTCTrackEvent)
  /// `datachannel`: the peer has opened a channel.
  case dataChannel(RTCDataChannelEvent)
}

/// A track that the peer has begun to send (W3C webrtc-pc section 5.7).
public struct RTCTrackEvent: Hashable, Sendable {
  /// What receives it.
  public let receiver: RTCRtpReceiver
  /// The track.
  public let track: MediaStreamTrack
  /// The peer's streams that it is in.
  public let streams: [MediaStream]
  /// The transceiver of its m-line.
  public let transceiver: RTCRtpTransceiver

  /// Whether both tell of the same transceiver.
  public static func == (one: RTCTrackEvent, other: RTCTrackEvent) -> Bool {
    one.transceiver === other.transceiver
  }

  /// Hashes the transceiver's identity.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(transceiver))
  }
}
