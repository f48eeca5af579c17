// SPDX-License-Identifier: Apache-2.0

/// Where the exchange of descriptions stands (W3C webrtc-pc section 4.3.1).
public enum RTCSignalingState: String, Hashable, Sendable {
  /// No exchange is under way.
  case stable
  /// A local offer waits for its answer.
  case haveLocalOffer = "have-local-offer"
  /// A remote offer waits for its answer.
  case haveRemoteOffer = "have-remote-offer"
  /// A local provisional answer is set.
  case haveLocalPranswer = "have-local-pranswer"
  /// A remote provisional answer is set.
  case haveRemotePranswer = "have-remote-pranswer"
  /// The connection is closed.
  case closed
}

/// Whether local candidates are being gathered (W3C webrtc-pc section 4.3.2).
public enum RTCIceGatheringState: String, Hashable, Sendable {
  /// Nothing has been gathered.
  case new
  /// Candidates are being gathered.
  case gathering
  /// All candidates are known.
  case complete
}

/// ICE and DTLS taken together (W3C webrtc-pc section 4.3.3).
public enum RTCPeerConnectionState: String, Hashable, Sendable {
  /// The connection is closed.
  case closed
  /// A transport has failed for good.
  case failed
  /// A transport has lost its path for now.
  case disconnected
  /// Nothing has started.
  case new
  /// A transport is connecting.
  case connecting
  /// Every transport is connected.
  case connected
}

/// ICE alone (W3C webrtc-pc section 4.3.4).
public enum RTCIceConnectionState: String, Hashable, Sendable {
  /// The connection is closed.
  case closed
  /// No candidate pair works.
  case failed
  /// The path is silent for now.
  case disconnected
  /// Nothing has started.
  case new
  /// Pairs are being checked.
  case checking
  /// Checking is over and a pair works.
  case completed
  /// A pair works.
  case connected
}
