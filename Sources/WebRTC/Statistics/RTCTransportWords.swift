// SPDX-License-Identifier: Apache-2.0

/// Who decides which pair of candidates is used (W3C webrtc-pc section 5.6, RTCIceRole).
public enum RTCIceRole: String, Hashable, Sendable, RTCStatsWord {
  /// The descriptions have not settled it.
  case unknown
  /// We decide.
  case controlling
  /// The peer decides.
  case controlled
}

/// How far ICE is (W3C webrtc-pc section 5.6, RTCIceTransportState).
public enum RTCIceTransportState: String, Hashable, Sendable, RTCStatsWord {
  /// The transport is closed.
  case closed
  /// No pair works.
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

/// How far DTLS is (W3C webrtc-pc section 5.5, RTCDtlsTransportState).
public enum RTCDtlsTransportState: String, Hashable, Sendable, RTCStatsWord {
  /// It has not begun.
  case new
  /// It is shaking hands.
  case connecting
  /// There are keys, and the peer is the one of its description.
  case connected
  /// It was closed.
  case closed
  /// It failed.
  case failed
}

/// Which end of the handshake we are (W3C webrtc-stats section 8.11, RTCDtlsRole).
public enum RTCDtlsRole: String, Hashable, Sendable, RTCStatsWord {
  /// The end that begins.
  case client
  /// The end that waits.
  case server
  /// The descriptions have not settled it.
  case unknown
}

/// How far the checks of a pair are (W3C webrtc-stats section 8.13, RTCStatsIceCandidatePairState).
public enum RTCStatsIceCandidatePairState: String, Hashable, Sendable, RTCStatsWord {
  /// It waits for another pair.
  case frozen
  /// It is to be checked.
  case waiting
  /// It is being checked.
  case inProgress = "in-progress"
  /// No check was answered.
  case failed
  /// A check was answered.
  case succeeded
}

/// How a candidate was found (W3C webrtc-pc section 4.8.1.3, RTCIceCandidateType).
public enum RTCIceCandidateType: String, Hashable, Sendable, RTCStatsWord {
  /// An address of an interface.
  case host
  /// What a STUN server saw.
  case srflx
  /// What the peer saw.
  case prflx
  /// An address of a TURN server.
  case relay
}
