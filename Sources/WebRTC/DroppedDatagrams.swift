// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import PeerSession

/// Datagrams and records that were received and dropped, by the reason; each counts once.
public struct DroppedDatagrams: Hashable, Sendable {
  /// STUN that is malformed, not authentic, for somebody else, or an answer to nothing.
  public var stun: UInt64 = 0
  /// From an address that has passed no authenticated check (S1).
  public var unvalidated: UInt64 = 0
  /// Of no known kind, or longer than a path carries.
  public var unknown: UInt64 = 0
  /// DTLS past the bound on what waits for the handshake (S6).
  public var handshakeOverflow: UInt64 = 0
  /// DTLS records that are malformed, out of place, or alerts that anybody can write.
  public var handshake: UInt64 = 0
  /// SRTCP that is not authentic, or a replay.
  public var unauthenticated: UInt64 = 0
  /// Of a kind that was not negotiated, or before there are keys.
  public var unexpected: UInt64 = 0
  /// Messages of data channels that are malformed, of an unknown kind, or on no channel.
  public var channels: UInt64 = 0

  /// Nothing dropped.
  public init() {}

  init(of session: borrowing PeerSession) {
    let counts = session.statistics
    let ice = session.iceStatistics
    let refused =
      ice.malformed + ice.badFingerprint + ice.badUsername + ice.badIntegrity
      + ice.unexpectedResponses + ice.unknownAttributes + ice.ignored
    stun = UInt64(clamping: refused)
    unvalidated = counts.droppedUnvalidated
    unknown = counts.droppedUnknown
    handshakeOverflow = counts.droppedOverflow
    let dtls = session.handshakeStatistics
    handshake = dtls.malformed &+ dtls.ignoredAlerts
    unauthenticated = counts.droppedUnauthenticated
    unexpected = counts.droppedUnexpected
    channels = session.droppedChannelMessages
  }

  /// All of them.
  public var total: UInt64 {
    stun &+ unvalidated &+ unknown &+ handshakeOverflow &+ handshake &+ unauthenticated
      &+ unexpected &+ channels
  }

  mutating func add(_ other: DroppedDatagrams) {
    stun &+= other.stun
    unvalidated &+= other.unvalidated
    unknown &+= other.unknown
    handshakeOverflow &+= other.handshakeOverflow
    handshake &+= other.handshake
    unauthenticated &+= other.unauthenticated
    unexpected &+= other.unexpected
    channels &+= other.channels
  }
}
