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
  public let limit: Int
  /// How many are.
  public private(set) var openConnections = 0
  /// How many callers were turned away.
  public private(set) var refusedConnections = 0

  private let onAccept: (TCPConnection) -> Void
  private let descriptor: StreamDescriptor
  private var reserve = ReserveDescriptor()
  private var watch: EventLoop.WatchID?
  private var timer: TimerID?

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
    self.limit = limit
    self.onAccept = onAccept
    descriptor = try .listening(at: address, backlog: Int32(clamping: backlog))
    localAddress = descriptor.localAddress ?? address
    watch = try loop.watch(descriptor.number, .readable) { [weak self] _ in self?.accept() }
  }

  deinit {
    if let watch { loop.release(watch) }
  }

  /// Stops listening; open connections stay.
  ///
  /// The port is free when the listener is released. Loop thread only.
  public func close() {
    if let timer { loop.cancel(timer) }
    if let watch { loop.unwatch(watch) }
    timer = nil
    watch = nil
  }

  private func accept() {
    // A few at a time: others want to be served too.
    for _ in 0..<16 {
      guard watch != nil else { return }
      let outcome = reserve.accept(descriptor) { accepted, peer in
        begin(accepted, peer)
      }
      switch outcome {
      case .transferred: continue
      case .wouldBlock: return
      case .failed(let code):
        refusedConnections += 1
        if reserve.hasTurnedAway(code) { continue }
        return backOff()
      }
    }
  }

  private func begin(_ accepted: consuming StreamDescriptor, _ peer: SocketAddress) {
    guard openConnections < limit,
      let connection = try? TCPConnection(accepted, to: peer, on: loop, isConnecting: false)
    else {
      refusedConnections += 1
      return
    }
    openConnections += 1
    connection.onRelease = { self.openConnections -= 1 }
    onAccept(connection)
  }

  /// The kernel is short of something: asking again at once would only spin.
  private func backOff() {
    guard let watch else { return }
    loop.change(watch, [])
    timer = loop.schedule(at: loop.now + .milliseconds(100)) { [weak self] in
      guard let self, let watch = self.watch else { return }
      timer = nil
      loop.change(watch, .readable)
    }
  }
}
