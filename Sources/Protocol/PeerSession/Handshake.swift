// SPDX-License-Identifier: Apache-2.0
internal import DTLS
public import Wire

/// A DTLS session on loan, with the datagrams that wait for it.
///
/// The public-key steps of a handshake take milliseconds (about 100 on a small board), three frames
/// of every other viewer: the owner takes the handshake, works it on another thread and brings it
/// back.
public struct Handshake: ~Copyable {
  var session: DTLSSession
  var datagrams: [[UInt8]]

  /// Feeds what waits to the session; may take long.
  public mutating func work(at now: Timestamp) {
    for datagram in datagrams { session.receive(datagram.span, at: now) }
    datagrams.removeAll()
  }

  consuming func release() -> DTLSSession { session }
}

/// Datagrams that wait for DTLS, bounded in bytes (S6).
///
/// As much again may be with the worker: together they stay within 64 kB for each peer.
struct HandshakeInbox: Sendable {
  static let maximumBytes = 32_768
  /// What a datagram costs besides its bytes, so that many small ones are bounded too.
  private static let overhead = 64
  private var datagrams: [[UInt8]] = []
  private var bytes = 0

  var isEmpty: Bool { datagrams.isEmpty }

  /// Keeps a copy of `datagram`; `false` when it is over the bound.
  mutating func append(_ datagram: Span<UInt8>) -> Bool {
    let cost = datagram.count + Self.overhead
    guard bytes &+ cost <= Self.maximumBytes else { return false }
    bytes &+= cost
    datagrams.append([UInt8](datagram))
    return true
  }

  /// Puts `earlier` in front of what waits; they were counted when they came.
  mutating func putBack(_ earlier: [[UInt8]]) {
    datagrams = earlier + datagrams
    for datagram in earlier { bytes &+= datagram.count + Self.overhead }
  }

  /// Takes all that waits, oldest first.
  mutating func take() -> [[UInt8]] {
    defer {
      datagrams = []
      bytes = 0
    }
    return datagrams
  }
}
