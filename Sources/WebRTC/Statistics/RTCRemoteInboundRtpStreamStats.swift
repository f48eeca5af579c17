// SPDX-License-Identifier: Apache-2.0

/// What the peer reports of a stream that is sent (W3C webrtc-stats section 8.3, RTCRemoteInboundRtpStreamStats).
public struct RTCRemoteInboundRtpStreamStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `remote-inbound-rtp`.
  public var type: RTCStatsType { .remoteInboundRtp }
  /// The stream.
  public internal(set) var ssrc: Int64
  /// What it carries: `audio` or `video`.
  public internal(set) var kind: String
  /// The transport.
  public internal(set) var transportId: String?
  /// The codec.
  public internal(set) var codecId: String?
  /// Packets that the peer has missed; duplicates can make it negative.
  public internal(set) var packetsLost: Int64 = 0
  /// The variation of arrival times, in seconds.
  public internal(set) var jitter: Double = 0
  /// The stream.
  public internal(set) var localId: String?
  /// The round trip that the last report told, in seconds.
  public internal(set) var roundTripTime: Double?
  /// The sum of all of them, in seconds.
  public internal(set) var totalRoundTripTime: Double = 0
  /// The share of packets missed since the report before, 0…1.
  public internal(set) var fractionLost: Double = 0
  /// Reports that told a round trip.
  public internal(set) var roundTripTimeMeasurements: UInt64 = 0
}
