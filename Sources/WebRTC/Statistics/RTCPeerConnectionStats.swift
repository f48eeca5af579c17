// SPDX-License-Identifier: Apache-2.0

/// The connection (W3C webrtc-stats section 8.9).
public struct RTCPeerConnectionStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `peer-connection`.
  public var type: RTCStatsType { .peerConnection }
  /// Data channels that have been open.
  public internal(set) var dataChannelsOpened: UInt64 = 0
  /// Data channels that have been closed again.
  public internal(set) var dataChannelsClosed: UInt64 = 0
}
