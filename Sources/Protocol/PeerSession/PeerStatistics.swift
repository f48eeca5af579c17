// SPDX-License-Identifier: Apache-2.0

/// Counters of a session; every dropped datagram is in exactly one of the dropped ones.
public struct PeerStatistics: Hashable, Sendable {
  /// Datagrams received, whatever they were.
  public var datagramsReceived: UInt64 = 0
  /// Bytes received.
  public var bytesReceived: UInt64 = 0
  /// Datagrams handed to the socket.
  public var datagramsSent: UInt64 = 0
  /// Bytes handed to the socket.
  public var bytesSent: UInt64 = 0
  /// STUN datagrams among those received.
  public var checksReceived: UInt64 = 0
  /// Bytes of those.
  public var checkBytesReceived: UInt64 = 0
  /// STUN datagrams among those sent.
  public var checksSent: UInt64 = 0
  /// Bytes of those.
  public var checkBytesSent: UInt64 = 0
  /// How often data has changed its way, the first way included.
  public var pathChanges: UInt64 = 0
  /// Datagrams from an address that passed no authenticated check (S1).
  public var droppedUnvalidated: UInt64 = 0
  /// Datagrams of no known kind, or longer than a path carries.
  public var droppedUnknown: UInt64 = 0
  /// DTLS datagrams past the bound on what waits for the handshake (S6).
  public var droppedOverflow: UInt64 = 0
  /// SRTP and SRTCP packets that failed authentication or were replayed.
  public var droppedUnauthenticated: UInt64 = 0
  /// Packets that were authentic but of no use: media that was not negotiated, before keys.
  public var droppedUnexpected: UInt64 = 0

  /// Creates counters at zero.
  public init() {}
}
