// SPDX-License-Identifier: Apache-2.0

/// A data channel that is not over (W3C webrtc-stats section 8.10).
public struct RTCDataChannelStats: RTCStats {
  /// A name for the object that stays while the channel lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `data-channel`.
  public var type: RTCStatsType { .dataChannel }
  /// The channel's name.
  public internal(set) var label: String
  /// The subprotocol.
  public internal(set) var `protocol`: String
  /// The number of its stream.
  public internal(set) var dataChannelIdentifier: Int64?
  /// How far it is.
  public internal(set) var state: RTCDataChannelState
  /// Messages sent.
  public internal(set) var messagesSent: UInt64
  /// Bytes of those.
  public internal(set) var bytesSent: UInt64
  /// Messages received.
  public internal(set) var messagesReceived: UInt64
  /// Bytes of those.
  public internal(set) var bytesReceived: UInt64
}
