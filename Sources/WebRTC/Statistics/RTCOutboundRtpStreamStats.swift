// SPDX-License-Identifier: Apache-2.0

/// What is sent as RTP (W3C webrtc-stats section 8.4).
public struct RTCOutboundRtpStreamStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `outbound-rtp`.
  public var type: RTCStatsType { .outboundRtp }
  /// The stream.
  public internal(set) var ssrc: Int64
  /// What it carries: `audio` or `video`.
  public internal(set) var kind: String
  /// The transport.
  public internal(set) var transportId: String?
  /// The codec.
  public internal(set) var codecId: String?
  /// Packets sent, retransmissions included.
  public internal(set) var packetsSent: UInt64 = 0
  /// Bytes of payload sent, retransmissions included, headers and padding not.
  public internal(set) var bytesSent: UInt64 = 0
  /// The m-line's identification.
  public internal(set) var mid: String?
  /// What the track comes from.
  public internal(set) var mediaSourceId: String?
  /// What the peer reports of this stream.
  public internal(set) var remoteId: String?
  /// Bytes of RTP headers and padding sent.
  public internal(set) var headerBytesSent: UInt64 = 0
  /// Packets sent again.
  public internal(set) var retransmittedPacketsSent: UInt64?
  /// Bytes of payload sent again.
  public internal(set) var retransmittedBytesSent: UInt64?
  /// The stream of retransmissions.
  public internal(set) var rtxSsrc: Int64?
  /// Bits per second that the encoder aims at.
  public internal(set) var targetBitrate: Double?
  /// Samples in a line of the last picture.
  public internal(set) var frameWidth: Int64?
  /// Lines in the last picture.
  public internal(set) var frameHeight: Int64?
  /// Pictures sent.
  public internal(set) var framesSent: UInt64?
  /// Pictures that the encoder, which all peers share, has made.
  public internal(set) var framesEncoded: UInt64?
  /// Keyframes among them.
  public internal(set) var keyFramesEncoded: UInt64?
  /// Seconds of processor time that encoding took.
  public internal(set) var totalEncodeTime: Double?
  /// Generic NACKs received.
  public internal(set) var nackCount: UInt64?
  /// Full intra requests received.
  public internal(set) var firCount: UInt64?
  /// Picture loss indications received.
  public internal(set) var pliCount: UInt64?
  /// The encoder: `x264`; nothing where pictures come encoded.
  public internal(set) var encoderImplementation: String?
  /// Whether the encoding is sent.
  public internal(set) var active: Bool = true
}
