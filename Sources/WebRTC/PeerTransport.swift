// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import PeerSession
internal import SDP
internal import Wire

/// One peer's session on the loop: feeds it datagrams and time, and lends its handshake to the worker.
///
/// A class because a dictionary cannot hold a noncopyable session. It lives on the loop's thread
/// only: nothing here locks, and nothing is called from elsewhere.
final class PeerTransport: @unchecked Sendable {
  var session: PeerSession
  let network: PeerNetwork
  /// The connection that this is the transport of.
  weak var connection: RTCPeerConnection?
  /// The connection of the same network that this one talks to, as far as it is known.
  weak var neighbour: PeerTransport?
  private let onEvent: (PeerEvent) -> Void
  private var timer: TimerID?
  private var timerDeadline: Timestamp?
  /// Whether nothing is received or sent any more but what closing had to say.
  private(set) var isClosed = false
  /// Data channels whose reader is behind.
  private var held: Set<DataChannel.ID> = []
  /// Data channels of which somebody waits until less is buffered.
  private var watched: [DataChannel.ID: RTCDataChannel] = [:]
  /// Set while the network has this transport on the list of those with something to send.
  var isQueued = false

  init(
    _ configuration: PeerSession.Configuration,
    on network: PeerNetwork,
    onEvent: @escaping (PeerEvent) -> Void
  ) {
    self.network = network
    self.onEvent = onEvent
    session = PeerSession(
      configuration,
      random: .system,
      wallClock: network.loop.wallClock,
      at: network.loop.now
    )
    network.register(self)
  }

  func receive(
    _ datagram: Span<UInt8>,
    from source: SocketAddress,
    to local: SocketAddress,
    at now: Timestamp
  ) {
    session.receive(datagram, from: source, to: local, at: now)
    settle()
  }

  func send(
    _ frame: EncodedFrame,
    on transceiver: Transceiver.ID,
    wallClock: WallClock,
    at now: Timestamp
  ) {
    session.send(frame, on: transceiver, wallClock: wallClock, at: now)
    settle()
  }

  func send(
    _ audio: EncodedAudio,
    on transceiver: Transceiver.ID,
    wallClock: WallClock,
    at now: Timestamp
  ) {
    session.send(audio, on: transceiver, wallClock: wallClock, at: now)
    settle()
  }

  /// Asks the peer for an IDR picture of a track that it sends.
  func requestKeyframe(of transceiver: Transceiver.ID) {
    session.requestKeyframe(of: transceiver, at: network.loop.now)
    settle()
    network.flush()
  }

  /// Whether messages wait with SCTP for a reader.
  var isHoldingMessages: Bool { !held.isEmpty }

  /// Says whether the reader of a data channel is behind: while any is, messages wait with SCTP.
  func hold(_ channel: DataChannel.ID, _ isBehind: Bool) {
    let wasHolding = !held.isEmpty
    if isBehind { held.insert(channel) } else { held.remove(channel) }
    guard wasHolding == held.isEmpty, !isClosed else { return }
    session.holdMessages(!held.isEmpty, at: network.loop.now)
    guard wasHolding else { return }
    // The reader is in the middle of its turn: what was held comes in the next.
    network.loop.post { [weak self] in
      self?.settle()
      self?.flush()
    }
  }

  /// Tells a data channel whenever something has left.
  func watch(_ channel: RTCDataChannel) {
    watched[channel.channel] = channel
  }

  /// After any change: tells the events, lends the handshake, asks to be flushed.
  ///
  /// An event may close this transport. The timer is set when all is sent: before that, the session
  /// would only ask to be called at once.
  func settle() {
    while let event = session.nextEvent() { onEvent(event) }
    lendHandshake()
    network.queue(self)
  }

  func flush() {
    network.flush()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    session.close()
    settle()
    rearm()
    network.flush()
    network.unregister(self)
  }

  /// Public-key steps go to the worker; when it has too much to do, the datagrams wait for a retry.
  private func lendHandshake() {
    guard let handshake = session.lendHandshake() else { return }
    let loop = network.loop
    let refused = loop.lend(handshake, to: { $0.work(at: loop.now) }) { [weak self] handshake in
      guard let self else { return }
      session.restoreHandshake(handshake, at: loop.now)
      settle()
      network.flush()
    }
    if let refused { session.restoreHandshake(refused, at: loop.now) }
  }

  /// All that can be sent now has left.
  func hasFlushed() {
    rearm()
    guard !watched.isEmpty else { return }
    watched = watched.filter { $0.value.assumeIsolated { $0.resumeWaiters() } }
  }

  /// Sets the timer to the session's deadline; a closed one has none.
  private func rearm() {
    let deadline = isClosed ? nil : session.deadline
    guard deadline != timerDeadline else { return }
    timerDeadline = deadline
    if let timer, let deadline, network.loop.reschedule(timer, at: deadline) { return }
    if let timer { network.loop.cancel(timer) }
    timer = nil
    guard let deadline else { return }
    timer = network.loop.schedule(at: deadline) { [weak self] in self?.fire() }
  }

  private func fire() {
    timer = nil
    timerDeadline = nil
    session.advance(to: network.loop.now)
    settle()
    network.flush()
  }
}
