// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What connections of one network have for one another.
///
/// They share a port, so that both ends of such a way are the same address: the kernel would bring every
/// datagram back to the one socket, and nobody could tell whose it is. Here its sender is known.
struct NeighbourDatagrams {
  /// One datagram on its way.
  struct Datagram {
    let bytes: [UInt8]
    let sender: PeerTransport
    let way: Transmit
  }

  /// Datagrams that may wait; more are dropped, as by a socket whose buffer is full.
  private static let limit = 1024

  /// The addresses that this network has offered last.
  var addresses: Set<SocketAddress> = []
  private var waiting: [Datagram] = []

  /// Whether nothing waits.
  var isEmpty: Bool { waiting.isEmpty }

  /// Whether datagrams to `destination` come back to this network.
  func has(_ destination: SocketAddress) -> Bool { addresses.contains(destination) }

  mutating func add(_ datagram: Span<UInt8>, of sender: PeerTransport, by way: Transmit) {
    guard waiting.count < Self.limit else { return }
    waiting.append(Datagram(bytes: [UInt8](datagram), sender: sender, way: way))
  }

  /// Everything that waits, in order.
  mutating func take() -> [Datagram] {
    defer { waiting = [] }
    return waiting
  }
}
