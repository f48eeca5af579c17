// SPDX-License-Identifier: Apache-2.0

/// A codec that is in use (W3C webrtc-stats section 8.2).
public struct RTCCodecStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `codec`.
  public var type: RTCStatsType { .codec }
  /// Its number in RTP packets.
  public internal(set) var payloadType: Int64
  /// The transport.
  public internal(set) var transportId: String
  /// Such as `video/H264`.
  public internal(set) var mimeType: String
  /// Ticks of the RTP clock per second.
  public internal(set) var clockRate: Int64?
  /// Channels of sound.
  public internal(set) var channels: Int64?
  /// Its parameters as in `a=fmtp`.
  public internal(set) var sdpFmtpLine: String?
}
