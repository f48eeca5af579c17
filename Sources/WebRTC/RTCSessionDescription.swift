// SPDX-License-Identifier: Apache-2.0

/// The kind of a session description (W3C webrtc-pc section 4.6.1).
public enum RTCSdpType: String, Hashable, Sendable {
  /// An offer.
  case offer
  /// A provisional answer.
  case pranswer
  /// A final answer.
  case answer
  /// A return to the stable state.
  case rollback
}

/// A session description: its kind and its SDP text (W3C webrtc-pc section 4.6.2).
public struct RTCSessionDescription: Hashable, Sendable {
  /// Offer, answer or rollback.
  public var type: RTCSdpType
  /// The SDP text (RFC 8866) with CRLF line ends.
  public var sdp: String

  /// Creates a description from its parts.
  public init(type: RTCSdpType, sdp: String) {
    self.type = type
    self.sdp = sdp
  }
}

/// A candidate of the remote peer (W3C webrtc-pc section 4.8.1, RTCIceCandidateInit).
public struct RTCIceCandidate: Hashable, Sendable {
  /// The `candidate-attribute`, with or without `candidate:` in front; empty means end-of-candidates.
  public var candidate: String
  /// The identification tag of the m-line it belongs to.
  public var sdpMid: String?
  /// The index of the m-line it belongs to.
  public var sdpMLineIndex: UInt16?
  /// The username fragment of the generation it belongs to.
  public var usernameFragment: String?

  /// Creates a candidate; `sdpMid` and `sdpMLineIndex` may both be `nil` only for end-of-candidates.
  public init(
    candidate: String,
    sdpMid: String? = nil,
    sdpMLineIndex: UInt16? = nil,
    usernameFragment: String? = nil
  ) {
    self.candidate = candidate
    self.sdpMid = sdpMid
    self.sdpMLineIndex = sdpMLineIndex
    self.usernameFragment = usernameFragment
  }
}
