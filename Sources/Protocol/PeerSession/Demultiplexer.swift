// SPDX-License-Identifier: Apache-2.0

/// What a datagram on the one WebRTC port is, by its first bytes (RFC 7983, RFC 5761 section 4).
public enum DatagramKind: Hashable, Sendable {
  /// 0…3: STUN.
  case stun
  /// 20…63: a DTLS record.
  case dtls
  /// 64…79: TURN ChannelData.
  case turnChannel
  /// 128…191 whose payload type is not one of RTCP's.
  case rtp
  /// 128…191 whose second byte is 192…223.
  case rtcp
  /// Anything else, ZRTP (16…19) included: dropped.
  case unknown

  /// Classifies `datagram`; an empty one, or RTP's range with a single byte, is `unknown`.
  public init(_ datagram: Span<UInt8>) {
    guard datagram.count > 0 else {
      self = .unknown
      return
    }
    switch datagram[0] {
    case 0...3: self = .stun
    case 20...63: self = .dtls
    case 64...79: self = .turnChannel
    case 128...191 where datagram.count > 1:
      self = (192...223).contains(datagram[1]) ? .rtcp : .rtp
    default: self = .unknown
    }
  }
}
