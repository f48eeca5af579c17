// SPDX-License-Identifier: Apache-2.0

/// What an `RTCPeerConnection` tells, in the order in which the W3C fires the events.
public enum RTCPeerConnectionEvent: Hashable, Sendable {
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
}
