// SPDX-License-Identifier: Apache-2.0

/// Encrypts and authenticates what leaves (RFC 3711, AES128_CM_HMAC_SHA1_80), for any number of SSRCs.
///
/// The first packet of an SSRC allocates its state; after that, nothing is allocated per packet. The
/// rollover counter follows the sequence numbers that are sent. Sending a sequence number twice is
/// allowed only for the very same payload (a retransmission without RTX).
public struct SRTPSender: ~Copyable {
  /// How many bytes `protect` appends.
  public static let rtpOverhead = 10
  /// How many bytes `protectControl` appends.
  public static let rtcpOverhead = 14

  /// What happened so far.
  public private(set) var statistics = SRTPSenderStatistics()
  private var context: SRTPContext

  /// Creates a sender with the keys of this direction.
  public init(_ material: SRTPKeyingMaterial) throws(SRTPError) {
    context = try SRTPContext(protectingWith: material)
  }

  /// Protects the RTP packet in `packet` in place.
  ///
  /// `packet` needs `rtpOverhead` free bytes. Answers `false` when they are missing, the packet is no
  /// RTP or a limit of the keys is reached: the packet must not be sent then.
  public mutating func protect(_ packet: inout OutputSpan<UInt8>) -> Bool {
    guard packet.freeCapacity >= Self.rtpOverhead, SRTPLayout.isRTP(packet.span, trailer: 0),
      context.protect(&packet, isControl: false)
    else {
      statistics.refused &+= 1
      return false
    }
    statistics.rtpPackets &+= 1
    return true
  }

  /// Protects the compound RTCP packet in `packet` in place.
  ///
  /// `packet` needs `rtcpOverhead` free bytes; otherwise as `protect`.
  public mutating func protectControl(_ packet: inout OutputSpan<UInt8>) -> Bool {
    guard packet.freeCapacity >= Self.rtcpOverhead, SRTPLayout.isRTCP(packet.span, trailer: 0),
      context.protect(&packet, isControl: true)
    else {
      statistics.refused &+= 1
      return false
    }
    statistics.rtcpPackets &+= 1
    return true
  }
}

/// What an `SRTPSender` has done.
public struct SRTPSenderStatistics: Hashable, Sendable {
  /// RTP packets protected.
  public var rtpPackets: UInt64 = 0
  /// RTCP packets protected.
  public var rtcpPackets: UInt64 = 0
  /// Packets not protected, and so not to be sent.
  public var refused: UInt64 = 0
}
