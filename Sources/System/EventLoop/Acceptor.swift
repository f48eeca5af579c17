// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Takes the callers of a listening socket, for whoever listens by TCP or at a Unix socket.
///
/// More callers than `limit` are turned away, and so is a caller for whom the process has no
/// descriptor left: neither stops it. Loop thread only.
final class Acceptor {
  /// How many connections may be open at a time.
  let limit: Int
  /// How many connections are open.
  private(set) var openConnections = 0
  /// How many callers were turned away.
  private(set) var refusedConnections = 0

  private let loop: EventLoop
  private let onAccept: (TCPConnection) -> Void
  private let descriptor: StreamDescriptor
  private var reserve = ReserveDescriptor()
  private var watch: EventLoop.WatchID?
  private var timer: TimerID?

  /// Accepts at the listening socket `descriptor` from now on.
  init(
    at descriptor: consuming StreamDescriptor,
    on loop: EventLoop,
    limit: Int,
    onAccept: @escaping (TCPConnection) -> Void
  ) throws(EventLoopError) {
    self.loop = loop
    self.limit = limit
    self.onAccept = onAccept
    self.descriptor = descriptor
    watch = try loop.watch(self.descriptor.number, .readable) { [weak self] _ in self?.accept() }
  }

  deinit {
    if let watch { loop.release(watch) }
  }

  /// Takes no more callers; open connections stay.
  func close() {
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
