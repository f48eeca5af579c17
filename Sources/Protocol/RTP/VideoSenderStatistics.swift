// SPDX-License-Identifier: Apache-2.0

/// What one video stream has sent, and what its receiver has said about it.
///
/// The counts have the names of W3C's `outbound-rtp` and `remote-inbound-rtp` statistics.
public struct VideoSenderStatistics: Hashable, Sendable {
  /// RTP packets sent, retransmissions included.
  public var packetsSent: UInt64 = 0
  /// Bytes of payload sent, retransmissions included, headers not.
  public var bytesSent: UInt64 = 0
  /// Bytes of RTP headers and header extensions sent.
  public var headerBytesSent: UInt64 = 0
  /// Packets sent again.
  public var retransmittedPacketsSent: UInt64 = 0
  /// Bytes of payload sent again.
  public var retransmittedBytesSent: UInt64 = 0
  /// Frames whose last packet has been sent.
  public var framesSent: UInt64 = 0
  /// Keyframes among them.
  public var keyFramesSent: UInt64 = 0
  /// Frames not sent: before the first keyframe, after a gap, or overtaken by a keyframe.
  public var framesDropped: UInt64 = 0
  /// Generic NACK packets received.
  public var nackCount: UInt64 = 0
  /// PLI packets received.
  public var pliCount: UInt64 = 0
  /// FIR requests received, repeated ones not.
  public var firCount: UInt64 = 0
  /// Packets asked for by NACK that were not sent again: forgotten, sent a moment ago, or beyond
  /// the share of the rate that retransmission may have.
  public var retransmissionsRefused: UInt64 = 0
  /// Feedback for this stream that contradicts what was sent.
  public var malformed: UInt64 = 0
  /// What the receiver last reported; `nil` before its first report.
  public var remote: RemoteReceptionStatistics?

  /// Creates statistics of a stream that has sent nothing.
  public init() {}
}
