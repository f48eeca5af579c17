// SPDX-License-Identifier: Apache-2.0
import Checks
import DTLS
import EventLoop
import Testing
import Wire

/// A viewer with a real socket on loopback, on the same loop as what it watches.
actor LoopbackViewer: EventLoopActor {
  nonisolated let loop: EventLoop
  private let socket: UDPSocket
  private var peer: ViewerPeer
  private var timer: TimerID?
  private(set) var isAnswered = false

  init(on loop: EventLoop) throws {
    self.loop = loop
    socket = try UDPSocket(on: loop)
    var random = RandomSource.system
    peer = ViewerPeer(
      ViewerPeer.Configuration(identity: try DTLSIdentity.make(using: &random)),
      at: SocketAddress(.v4(0x7F00_0001), port: socket.localPort),
      random: .system,
      now: loop.now
    )
  }

  /// Makes a viewer on the loop's thread, as a socket wants it.
  static func make(on studio: Studio) async throws -> LoopbackViewer {
    try await studio.perform { _ in try LoopbackViewer(on: studio.loop) }
  }

  var offer: String { peer.offer }
  var counts: ViewerPeer.Counts { peer.counts }
  var isSecure: Bool { peer.isSecure }

  func apply(_ answer: String) {
    socket.onReceive = { [weak self] bytes, source, _ in
      guard let self else { return }
      // A span cannot enter the actor; its bytes can.
      let copy = [UInt8](bytes)
      assumeIsolated { $0.peer.receive(copy.span, from: source, at: $0.loop.now) }
    }
    socket.onBatchEnd = { [weak self] in self?.assumeIsolated { $0.settle() } }
    peer.apply(answer: answer, at: loop.now)
    isAnswered = true
    settle()
  }

  /// Has new ICE credentials in its next offer.
  func restart() {
    peer.restart()
    settle()
  }

  /// Says goodbye as a browser does.
  func hangUp() {
    peer.close()
    settle()
  }

  /// Says nothing more.
  func leave() {
    if let timer { loop.cancel(timer) }
    timer = nil
    socket.close()
  }

  private func settle() {
    let now = loop.now
    socket.send { slot in peer.nextTransmit(into: &slot, at: now) }
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let deadline = peer.deadline else { return }
    timer = loop.schedule(at: max(deadline, now + .milliseconds(1))) { [weak self] in
      self?.assumeIsolated { viewer in
        viewer.timer = nil
        viewer.peer.advance(to: viewer.loop.now)
        viewer.settle()
      }
    }
  }
}
