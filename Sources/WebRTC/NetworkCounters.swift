// SPDX-License-Identifier: Apache-2.0

/// What the port that all connections share has seen, over all connections that are or were.
public struct NetworkCounters: Hashable, Sendable {
  /// Datagrams that arrived.
  public var datagramsReceived: UInt64 = 0
  /// Datagrams that the kernel took.
  public var datagramsSent: UInt64 = 0
  /// Datagrams that the kernel refused: no route, too long, forbidden.
  public var datagramsUnsent: UInt64 = 0
  /// Arrived from an unknown address, and named no connection.
  public var strangers: UInt64 = 0
  /// Arrived longer than any of ours may be.
  public var tooLong: UInt64 = 0
  /// Dropped by the kernel, because they came faster than they were taken.
  public var receiveBufferFull: UInt64 = 0
  /// Arrived for a connection, and were dropped there.
  public var dropped = DroppedDatagrams()

  /// Creates counters at zero.
  public init() {}
}
