// SPDX-License-Identifier: Apache-2.0

/// What the peer reports of a stream that it sends (W3C webrtc-stats section 8.5).
public struct RTCRemoteOutboundRtpStreamStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `remote-outbound-rtp`.
  public var type: RTCStatsType { .remoteOutboundRtp }
  /// The stream.
  public internal(set) var ssrc: Int64
  /// What it carries: `audio` or `video`.
  public internal(set) var kind: String
  /// The transport.
  public internal(set) var transportId: String?
  /// The codec.
  public internal(set) var codecId: String?
  /// Packets that it has sent, modulo 2³².
  public internal(set) var packetsSent: UInt64 = 0
  /// Bytes of payload that it has sent, modulo 2³².
  public internal(set) var bytesSent: UInt64 = 0
  /// The stream.
  public internal(set) var localId: String?
  /// When it made the report, by its own clock, in milliseconds since 1970.
  public internal(set) var remoteTimestamp: Double?
  /// Reports received.
  public internal(set) var reportsSent: UInt64 = 0
}
