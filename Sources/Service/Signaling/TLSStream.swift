// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import TLS
internal import Wire

/// TLS over a TCP connection, of either side.
///
/// The steps of the handshake are done by the worker thread, to whom the session is lent; nothing is read from
/// the socket meanwhile. Like the connection under it, it lives until it is closed, and is for the loop's
/// thread only: that, not a lock, is why the class may call itself Sendable.
final class TLSStream: ByteStream, @unchecked Sendable {
  /// How long the peer may take to read why its session has failed.
  private static let closingTime = Duration.seconds(10)

  let loop: EventLoop
  /// Called once when the handshake is over; the other closures are to be set then at the latest.
  var onConnect: (() -> Void)?
  /// Called once when the session fails; ``onClose`` follows.
  var onFailure: ((TLSFailure) -> Void)?
  var onReceive: ((_ bytes: Span<UInt8>) -> Void)?
  var onEnd: (() -> Void)?
  var onClose: ((TCPConnection.CloseReason) -> Void)?
  var fill: ((_ buffer: inout OutputSpan<UInt8>) -> Bool)?

  private let socket: TCPConnection
  private let turns: HandshakeTurns
  /// `nil` while it is with the worker, and after the end.
  private var session: TLSSession?
  private var timer: TimerID?
  private var isConnected = false
  /// Whether a step waits for its turn, or is being done.
  private var isStepping = false
  private var isSettling = false
  private var isPaused = false
  private var hasFailed = false
  private var hasMore = false
  /// Whether nothing follows what ``fill`` still has, and whether that was said.
  private var isEnding = false
  private var hasSaidGoodbye = false
  private var peerHasEnded = false

  init(_ socket: TCPConnection, _ session: consuming TLSSession, turns: HandshakeTurns) {
    self.socket = socket
    self.turns = turns
    loop = socket.loop
    self.session = consume session
  }

  /// Begins, with what the peer has sent already.
  func start(_ first: [UInt8] = []) {
    // The socket's closures hold the stream, until it is closed.
    socket.onReceive = { bytes in self.receive(bytes) }
    socket.onEnd = {
      self.peerHasEnded = true
      self.settle()
    }
    socket.onClose = { reason in self.closed(reason) }
    socket.fill = { slot in self.fill(&slot) }
    receive(first.span)
  }

  var isClosed: Bool { socket.isClosed }

  var isBlocked: Bool { !isClosed && (socket.isBlocked || hasOutput || !canSeal) }

  func flush() {
    hasMore = true
    socket.flush()
  }

  func finishWriting() {
    isEnding = true
    hasMore = true
    socket.finishWriting()
  }

  func closeAfterFlush() {
    isEnding = true
    hasMore = true
    socket.closeAfterFlush()
  }

  func close() { socket.close() }

  func pauseReading(_ isPaused: Bool) {
    guard isPaused != self.isPaused else { return }
    self.isPaused = isPaused
    if isPaused { return socket.pauseReading(true) }
    // As with a socket, nothing comes before the caller has done.
    loop.post { self.settle() }
  }

  /// Whether records can be made of what ``fill`` has.
  private var canSeal: Bool {
    guard isConnected, !hasFailed else { return false }
    switch session {
    case .some(let session): return session.state != .failed
    case .none: return false
    }
  }

  private var hasOutput: Bool {
    switch session {
    case .some(let session): session.hasOutput
    case .none: false
    }
  }

  /// Whether more was received than has been read; not so once the peer has said goodbye.
  private var isFull: Bool {
    switch session {
    case .some(let session): !session.canReceive && session.state != .closed
    case .none: true
    }
  }

  private var deadline: Timestamp? {
    switch session {
    case .some(let session): session.deadline
    case .none: nil
    }
  }

  private var needsStep: Bool {
    switch session {
    case .some(let session): session.needsStep
    case .none: false
    }
  }

  private func receive(_ bytes: Span<UInt8>) {
    if !bytes.isEmpty { session?.receive(bytes, at: loop.now) }
    settle()
  }

  /// Goes on with whatever can go on; what is called from here may call back.
  private func settle() {
    guard !isSettling, !isStepping, !hasFailed, !isClosed else { return }
    isSettling = true
    while tellData() || tellEvent() {}
    isSettling = false
    guard !isClosed, !hasFailed else { return }
    if hasOutput { socket.flush() }
    guard !isClosed else { return }
    rearm()
    if needsStep { takeTurn() }
    guard !isClosed else { return }
    socket.pauseReading(isStepping || isPaused || isFull)
  }

  /// Hands on one block of what was decrypted; `false` when there is none, or none is wanted now.
  private func tellData() -> Bool {
    guard isConnected, !isPaused, !isClosed else { return false }
    // Copied, for whoever is called may write to the session.
    var block: [UInt8] = []
    guard session?.read({ block = [UInt8]($0) }) == true else { return false }
    onReceive?(block.span)
    return true
  }

  private func tellEvent() -> Bool {
    // What came before the end must have been read.
    if peerHasEnded, !isPaused, !needsStep { session?.peerClosed() }
    guard !isClosed, let event = session?.nextEvent() else { return false }
    switch event {
    case .connected:
      isConnected = true
      let onConnect = onConnect
      self.onConnect = nil
      onConnect?()
    case .closed:
      if let onEnd { onEnd() } else { closeAfterFlush() }
    case .failed(let failure):
      fail(failure)
    }
    return true
  }

  private func takeTurn() {
    isStepping = true
    turns.take(for: self) { [weak self, turns] in
      guard let self, let session = session.take() else { return turns.giveBack() }
      let now = loop.now
      let refused = loop.lend(session, to: { $0.step(at: now) }) { session in
        turns.giveBack()
        self.takeBack(session)
      }
      switch refused {
      case .none: return
      case .some:
        turns.giveBack()
        close()
      }
    }
  }

  private func takeBack(_ session: consuming TLSSession) {
    isStepping = false
    guard !isClosed else { return }
    self.session = consume session
    settle()
  }

  private func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let deadline else { return }
    timer = loop.schedule(at: deadline) {
      self.timer = nil
      // Whoever has not come to his turn by now need not be told why.
      guard !self.isStepping else { return self.close() }
      self.session?.advance(to: self.loop.now)
      self.settle()
    }
  }

  /// Tells the peer by an alert, and closes.
  private func fail(_ failure: TLSFailure) {
    hasFailed = true
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + Self.closingTime) { self.close() }
    onFailure?(failure)
    onFailure = nil
    socket.closeAfterFlush()
  }

  /// Gives the socket what is to be sent: what the session says itself, then records of what ``fill`` has.
  private func fill(_ slot: inout OutputSpan<UInt8>) -> Bool {
    while slot.freeCapacity > 0 {
      if session?.nextTransmit(into: &slot) == true { continue }
      guard canSeal, seal() else { break }
    }
    return hasOutput || hasMore && canSeal
  }

  /// Makes one record of what ``fill`` has, or of the goodbye; `false` when there is neither.
  private func seal() -> Bool {
    if hasMore, let fill {
      var mayHaveMore = false
      let written = session?.write { mayHaveMore = fill(&$0) } ?? 0
      hasMore = mayHaveMore && written > 0
      if written > 0 { return true }
      // It fails without memory only; whoever asked for this is told later.
      if !canSeal { loop.post { self.settle() } }
    }
    hasMore = false
    guard isEnding, !hasSaidGoodbye else { return false }
    hasSaidGoodbye = true
    session?.close()
    return hasOutput
  }

  private func closed(_ reason: TCPConnection.CloseReason) {
    if let timer { loop.cancel(timer) }
    timer = nil
    turns.forget(self)
    session = nil
    let onClose = onClose
    onConnect = nil
    onFailure = nil
    onReceive = nil
    onEnd = nil
    self.onClose = nil
    fill = nil
    onClose?(reason)
  }
}
