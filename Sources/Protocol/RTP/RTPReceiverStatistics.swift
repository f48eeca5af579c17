// SPDX-License-Identifier: Apache-2.0

/// What has been received on one m-line.
///
/// The counts have the names of W3C's `inbound-rtp` statistics. Those of pictures and of requests
/// stay 0 for audio.
public struct RTPReceiverStatistics: Hashable, Sendable {
  /// The stream received now or last; `nil` before the first packet.
  public var ssrc: SSRC?
  /// RTP packets received, retransmissions and duplicates included.
  public var packetsReceived: UInt64 = 0
  /// Bytes of payload received, retransmissions included, headers and padding not.
  public var bytesReceived: UInt64 = 0
  /// Bytes of RTP headers, header extensions and padding received.
  public var headerBytesReceived: UInt64 = 0
  /// Packets expected less packets received; duplicates can make it negative.
  public var packetsLost: Int64 = 0
  /// The variation of arrival times.
  public var jitter: Duration = .zero
  /// Packets not used because they came after they had been given up.
  public var packetsDiscarded: UInt64 = 0
  /// Packets that had come before.
  public var packetsDuplicated: UInt64 = 0
  /// Missing packets of sound that copies in later ones have brought (RFC 2198).
  public var packetsRestored: UInt64 = 0
  /// Packets of unknown payload types, of streams just left, or far off the sequence.
  public var packetsIgnored: UInt64 = 0
  /// Packets and payloads that could not be read.
  public var malformed: UInt64 = 0
  /// Packets received on the RTX stream with something in them.
  public var retransmittedPacketsReceived: UInt64 = 0
  /// Bytes of payload of those packets.
  public var retransmittedBytesReceived: UInt64 = 0
  /// Whole pictures received.
  public var framesReceived: UInt64 = 0
  /// Keyframes among them.
  public var keyFramesReceived: UInt64 = 0
  /// Pictures received but not handed out: damaged, behind a gap, or not fetched in time.
  public var framesDropped: UInt64 = 0
  /// Generic NACK packets sent.
  public var nackCount: UInt64 = 0
  /// PLI packets sent.
  public var pliCount: UInt64 = 0
  /// FIR packets sent.
  public var firCount: UInt64 = 0
  /// How often the sender has changed its SSRC or begun its numbers anew.
  public var restarts: UInt64 = 0

  /// The payload type of the last packet that was not a retransmission.
  public var payloadType: PayloadType?
  /// What the sender last reported of itself; `nil` before its first report.
  public var remote: RemoteSendingStatistics?

  /// Creates statistics of a receiver that has received nothing.
  public init() {}
}
