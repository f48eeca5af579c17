// SPDX-License-Identifier: Apache-2.0

/// Authenticates and decrypts what arrives (RFC 3711, AES128_CM_HMAC_SHA1_80).
///
/// A packet is counted and dropped before any cryptography when it is too short, and before any state
/// is kept when it is not authentic. Only an authentic packet makes a source known, of which there are
/// at most `sourceLimit`. A packet is never accepted twice: the window is 1,024 packets for RTP and
/// 128 for RTCP. Nothing is allocated per packet.
public struct SRTPReceiver: ~Copyable {
  /// The most synchronisation sources that a peer may use.
  public static let sourceLimit = 32

  /// What happened so far.
  public private(set) var statistics = SRTPReceiverStatistics()
  private var context: SRTPContext
  private var sources: [UInt32] = []

  /// Creates a receiver with the keys of this direction.
  public init(_ material: SRTPKeyingMaterial) throws(SRTPError) {
    context = try SRTPContext(unprotectingWith: material, window: 1024)
    sources.reserveCapacity(Self.sourceLimit)
  }

  /// Turns the SRTP packet in `packet` into RTP, in place and shortened by 10 bytes.
  ///
  /// Answers `false` when it is dropped and counted; its bytes are then undefined.
  public mutating func unprotect(_ packet: inout [UInt8]) -> Bool {
    guard SRTPLayout.isRTP(packet.span, trailer: SRTPSender.rtpOverhead) else {
      statistics.malformed &+= 1
      return false
    }
    guard accept(&packet, sourceAt: 8, isControl: false) else { return false }
    statistics.rtpPackets &+= 1
    return true
  }

  /// Turns the SRTCP packet in `packet` into compound RTCP, in place and shortened by 14 bytes.
  ///
  /// Answers `false` when it is dropped and counted. A packet that says it is not encrypted (E = 0,
  /// RFC 3711 section 3.4) is malformed here.
  public mutating func unprotectControl(_ packet: inout [UInt8]) -> Bool {
    guard SRTPLayout.isRTCP(packet.span, trailer: SRTPSender.rtcpOverhead),
      packet[packet.count - SRTPSender.rtcpOverhead] & 0x80 != 0
    else {
      statistics.malformed &+= 1
      return false
    }
    guard accept(&packet, sourceAt: 4, isControl: true) else { return false }
    statistics.rtcpPackets &+= 1
    return true
  }

  private mutating func accept(
    _ packet: inout [UInt8],
    sourceAt offset: Int,
    isControl: Bool
  ) -> Bool {
    let source = packet[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let isKnown = sources.contains(source)
    guard isKnown || sources.count < Self.sourceLimit else {
      statistics.tooManySources &+= 1
      return false
    }
    do throws(SRTPContext.Refusal) {
      try context.unprotect(&packet, isControl: isControl)
    } catch {
      switch error {
      case .refused: statistics.notAuthentic &+= 1
      case .replayed: statistics.replayed &+= 1
      }
      return false
    }
    if !isKnown { sources.append(source) }
    return true
  }
}

/// What an `SRTPReceiver` has accepted and dropped.
public struct SRTPReceiverStatistics: Hashable, Sendable {
  /// RTP packets accepted.
  public var rtpPackets: UInt64 = 0
  /// RTCP packets accepted.
  public var rtcpPackets: UInt64 = 0
  /// Dropped before any cryptography: too short, wrong version, or RTCP that says E = 0.
  public var malformed: UInt64 = 0
  /// Dropped because the authentication tag is wrong.
  public var notAuthentic: UInt64 = 0
  /// Dropped as a repeat, or as older than the replay window.
  public var replayed: UInt64 = 0
  /// Dropped because the peer already uses as many sources as it may.
  public var tooManySources: UInt64 = 0
}
