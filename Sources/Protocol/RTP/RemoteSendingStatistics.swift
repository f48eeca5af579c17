// SPDX-License-Identifier: Apache-2.0

/// What the sender of a stream has last reported of itself (RFC 3550 section 6.4.1).
///
/// The counts have the names of W3C's `remote-outbound-rtp` statistics.
public struct RemoteSendingStatistics: Hashable, Sendable {
  /// RTP packets that it has sent, modulo 2³².
  public var packetsSent: UInt32
  /// Bytes of payload that it has sent, modulo 2³².
  public var bytesSent: UInt32
  /// Its time of day at the report: seconds since 1900 in the high half, fraction in the low one.
  public var ntp: UInt64
  /// Reports received.
  public var reportsSent: UInt64

  /// Takes a report; `before` is what the reports before it came to.
  init(_ report: RTCPPacket.SenderReport, after before: RemoteSendingStatistics?) {
    packetsSent = report.packetCount
    bytesSent = report.octetCount
    ntp = report.ntp
    reportsSent = (before?.reportsSent ?? 0) &+ 1
  }
}
