// SPDX-License-Identifier: Apache-2.0
internal import Checks
internal import DTLS
internal import EventLoop
internal import Wire

/// One viewer: posts its offer, then watches over a socket of its own.
final class LoadViewer: @unchecked Sendable {
  private let loop: EventLoop
  private let server: SocketAddress
  private let token: String
  private let identity: DTLSIdentity
  private let address: IPAddress
  private var socket: UDPSocket?
  private var request: TCPConnection?
  private var unsent: [UInt8] = []
  private var response: [UInt8] = []
  private var peer: ViewerPeer?
  private var timer: TimerID?
  private var begun = Timestamp.zero

  /// From the request to the first whole frame.
  private(set) var firstFrame: Duration?
  /// Told once: the first frame has come, or the server has refused.
  var onSettled: (() -> Void)?
  var frames: Int { peer?.counts.frames ?? 0 }
  var packets: Int { peer?.counts.packets ?? 0 }

  /// Whole frames a second since the first one.
  func rate(at now: Timestamp) -> Double {
    guard let firstFrame else { return 0 }
    return Double(frames) / max(0.001, (now - (begun + firstFrame)).inSeconds)
  }

  init(
    on loop: EventLoop,
    server: SocketAddress,
    token: String,
    identity: DTLSIdentity,
    address: IPAddress
  ) {
    self.loop = loop
    self.server = server
    self.token = token
    self.identity = identity
    self.address = address
  }

  func start() {
    begun = loop.now
    do {
      let socket = try UDPSocket(on: loop, port: 0)
      self.socket = socket
      var configuration = ViewerPeer.Configuration(identity: identity)
      configuration.tellsCandidates = true
      let viewer = ViewerPeer(
        configuration,
        at: SocketAddress(address, port: socket.localPort),
        random: .system,
        now: loop.now
      )
      let offer = viewer.offer
      peer = consume viewer
      socket.onReceive = { [weak self] datagram, source, _ in
        guard let self else { return }
        peer?.receive(datagram, from: source, at: loop.now)
        if firstFrame == nil, frames > 0 {
          firstFrame = loop.now - begun
          settled()
        }
      }
      socket.onBatchEnd = { [weak self] in self?.settle() }
      socket.onWritable = { [weak self] in self?.settle() }
      try post(offer)
    } catch {
      LocalProcess.printError("porthole-load: \(error)\n")
    }
  }

  private func post(_ offer: String) throws(EventLoopError) {
    let request = try TCPConnection.connect(on: loop, to: server)
    self.request = request
    unsent = Array(
      ("POST /whep HTTP/1.1\r\nHost: \(server)\r\nAuthorization: Bearer \(token)\r\n"
        + "Content-Type: application/sdp\r\nConnection: close\r\n"
        + "Content-Length: \(offer.utf8.count)\r\n\r\n" + offer).utf8
    )
    request.fill = { [weak self] slot in
      guard let self else { return false }
      while let byte = unsent.first, slot.freeCapacity > 0 {
        slot.append(byte)
        unsent.removeFirst()
      }
      return !unsent.isEmpty
    }
    request.onReceive = { [weak self] bytes in self?.response.append(copying: bytes) }
    request.onEnd = { [weak self] in self?.answered() }
    request.flush()
  }

  private func answered() {
    request?.close()
    request = nil
    let text = String(decoding: response, as: UTF8.self)
    guard response.starts(with: Array("HTTP/1.1 201".utf8)) else {
      LocalProcess.printError("porthole-load: refused: \(text.prefix { $0 != "\r\n" })\n")
      settled()
      return
    }
    peer?.apply(answer: text, at: loop.now)
    settle()
  }

  private func settled() {
    onSettled?()
    onSettled = nil
  }

  private func settle() {
    guard peer != nil else { return }
    let now = loop.now
    socket?.send { [self] slot in peer?.nextTransmit(into: &slot, at: now) ?? nil }
    rearm()
  }

  private func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let deadline = peer?.deadline ?? nil else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      guard let self else { return }
      timer = nil
      peer?.advance(to: loop.now)
      settle()
    }
  }
}
