// SPDX-License-Identifier: Apache-2.0

/// What one audio stream has sent, and what its receiver has said about it.
///
/// The counts have the names of W3C's `outbound-rtp` statistics.
public struct AudioSenderStatistics: Hashable, Sendable {
  /// RTP packets sent.
  public var packetsSent: UInt64 = 0
  /// Packets among them with a copy of the one before (RFC 2198).
  public var packetsWithCopies: UInt64 = 0
  /// Bytes of payload sent, headers not.
  public var bytesSent: UInt64 = 0
  /// Bytes of RTP headers and header extensions sent.
  public var headerBytesSent: UInt64 = 0
  /// Packets not sent: empty, too large, or more than may wait.
  public var packetsDropped: UInt64 = 0
  /// Reports about this stream that contradict what was sent.
  public var malformed: UInt64 = 0
  /// What the receiver last reported; `nil` before its first report.
  public var remote: RemoteReceptionStatistics?

  /// Creates statistics of a stream that has sent nothing.
  public init() {}
}
