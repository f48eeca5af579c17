// SPDX-License-Identifier: Apache-2.0

/// What is received as RTP (W3C webrtc-stats section 8.3).
public struct RTCInboundRtpStreamStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `inbound-rtp`.
  public var type: RTCStatsType { .inboundRtp }
  /// The stream.
  public internal(set) var ssrc: Int64
  /// What it carries: `audio` or `video`.
  public internal(set) var kind: String
  /// The transport.
  public internal(set) var transportId: String?
  /// The codec.
  public internal(set) var codecId: String?
  /// Packets received, retransmissions and duplicates included.
  public internal(set) var packetsReceived: UInt64 = 0
  /// Packets missed; duplicates can make it negative.
  public internal(set) var packetsLost: Int64 = 0
  /// The variation of arrival times, in seconds.
  public internal(set) var jitter: Double = 0
  /// The track's `id`.
  public internal(set) var trackIdentifier: String
  /// The m-line's identification.
  public internal(set) var mid: String?
  /// What the peer reports of this stream.
  public internal(set) var remoteId: String?
  /// Pictures not handed out: damaged, behind a gap, or not fetched in time.
  public internal(set) var framesDropped: UInt64?
  /// Bytes of RTP headers and padding received.
  public internal(set) var headerBytesReceived: UInt64 = 0
  /// Packets that came too late.
  public internal(set) var packetsDiscarded: UInt64 = 0
  /// Bytes of payload received, retransmissions included, headers and padding not.
  public internal(set) var bytesReceived: UInt64 = 0
  /// Generic NACKs sent.
  public internal(set) var nackCount: UInt64?
  /// Full intra requests sent.
  public internal(set) var firCount: UInt64?
  /// Picture loss indications sent.
  public internal(set) var pliCount: UInt64?
  /// Whole pictures received.
  public internal(set) var framesReceived: UInt64?
  /// Packets received again, on the stream of retransmissions.
  public internal(set) var retransmittedPacketsReceived: UInt64?
  /// Bytes of payload of those.
  public internal(set) var retransmittedBytesReceived: UInt64?
}
