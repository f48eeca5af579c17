// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Accepts TCP connections on one port.
///
/// More callers than `limit` are turned away, and so is a caller for whom the process has no
/// descriptor left: neither stops the listener.
///
/// Everything here is for the loop's thread only, and traps elsewhere: that, not a lock, is why the
/// class may call itself Sendable.
public final class TCPListener: @unchecked Sendable {
  /// The loop on which the listener and its connections live.
  public let loop: EventLoop
  /// Where it listens, with the real port where 0 was asked for.
  public let localAddress: SocketAddress
  /// How many connections may be open at a time.
  public var limit: Int { acceptor.limit }
  /// How many are.
  public var openConnections: Int { acceptor.openConnections }
  /// How many callers were turned away.
  public var refusedConnections: Int { acceptor.refusedConnections }

  private let acceptor: Acceptor

  /// Listens at `address` and calls `onAccept` for every connection.
  ///
  /// Loop thread only.
  /// - Parameters:
  ///   - loop: Where the listener lives.
  ///   - address: The address; `::` takes callers of both families. See
  ///     `SocketAddress(listening:)`.
  ///   - backlog: How many callers the kernel lets wait.
  ///   - limit: How many connections may be open at a time.
  ///   - onAccept: Takes a connection; it should set the connection's closures at once.
  /// - Throws: `EventLoopError.addressInUse` and its like.
  public init(
    on loop: EventLoop,
    address: SocketAddress,
    backlog: Int = 128,
    limit: Int = 256,
    onAccept: @escaping (TCPConnection) -> Void
  ) throws(EventLoopError) {
    loop.requireLoop()
    self.loop = loop
    let descriptor = try StreamDescriptor.listening(at: address, backlog: Int32(clamping: backlog))
    localAddress = descriptor.localAddress ?? address
    acceptor = try Acceptor(at: descriptor, on: loop, limit: limit, onAccept: onAccept)
  }

  /// Stops listening; open connections stay.
  ///
  /// The port is free when the listener is released. Loop thread only.
  public func close() { acceptor.close() }
}
