// SPDX-License-Identifier: Apache-2.0

/// Where a datagram that a core has written into the caller's buffer is to go.
public struct Transmit: Hashable, Sendable {
  /// The local address it must leave from, as it was told to the core; never unspecified.
  public var source: SocketAddress
  /// The remote address it must reach.
  public var destination: SocketAddress

  /// Creates the way from `source` to `destination`.
  public init(from source: SocketAddress, to destination: SocketAddress) {
    self.source = source
    self.destination = destination
  }
}
