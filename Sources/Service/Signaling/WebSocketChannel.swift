// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
public import HTTP
internal import Wire

/// An open WebSocket, of either side: joins the socket and the core, as `HTTPServer` does for HTTP.
///
/// The server, or the channel that was dialled itself, keeps it until it is closed. Everything here is for the loop's thread only; that, not
/// a lock, is why the class may call itself Sendable. A closure may call anything of the channel.
public final class WebSocketChannel: @unchecked Sendable {
  /// The request that opened it.
  public let request: HTTPRequest
  /// The subprotocol that was agreed.
  public let subprotocol: String?
  /// Takes a message of text; without it, text ends the channel with 1003.
  public var onText: ((_ text: String) -> Void)?
  /// Takes a message of bytes; without it, bytes end the channel with 1003.
  public var onBinary: ((_ bytes: [UInt8]) -> Void)?
  /// Called exactly once, when no message comes or goes any more; all closures are released then.
  ///
  /// The code is the peer's, or our own when the peer broke a rule; `abnormal` when it was lost.
  public var onClose: ((_ code: WebSocketCloseCode, _ reason: String) -> Void)?

  private let loop: EventLoop
  private let socket: any ByteStream
  /// What is left of HTTP: the answer on its way out.
  private var http: HTTPConnection?
  private var core: WebSocketConnection
  private var timer: TimerID?
  private var isSettling = false
  private var isOver = false
  private var onEnd: () -> Void

  /// Takes over the socket of an upgraded `http`; `onEnd` is called when the socket is done with.
  init(
    _ socket: any ByteStream,
    on loop: EventLoop,
    after http: HTTPConnection,
    request: HTTPRequest,
    subprotocol: String?,
    limits: WebSocketLimits,
    onEnd: @escaping () -> Void
  ) {
    self.socket = socket
    self.loop = loop
    self.http = http
    self.request = request
    self.subprotocol = subprotocol
    self.onEnd = onEnd
    core = WebSocketConnection(.server, limits: limits, at: loop.now)
  }

  /// Takes over the socket of a handshake that was begun here.
  init(_ socket: any ByteStream, request: HTTPRequest, subprotocol: String?) {
    self.socket = socket
    self.request = request
    self.subprotocol = subprotocol
    loop = socket.loop
    core = WebSocketConnection(.client, at: socket.loop.now)
    onEnd = {}
    // Nobody else keeps it while it says goodbye.
    onEnd = { self.onEnd = {} }
  }

  /// Whether messages can be sent.
  public var isOpen: Bool { core.isOpen }

  /// Whether it ended because the peer broke a rule or fell silent.
  var hasFailed: Bool { core.statistics.failures > 0 || core.statistics.timeouts > 0 }

  /// Bytes that wait for the peer to read.
  public var bytesWaiting: Int { core.bytesWaiting }

  /// Sends a message of text; `false` when it does not fit into the queue or the channel is closed.
  @discardableResult
  public func send(_ text: String) -> Bool {
    let isTaken = core.send(text: text)
    settle()
    return isTaken
  }

  /// Sends a message of bytes; `false` when it does not fit into the queue or the channel is closed.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    let isTaken = core.send(binary: bytes)
    settle()
    return isTaken
  }

  /// Closes the channel after what waits; ``onClose`` follows within two seconds.
  public func close(_ code: WebSocketCloseCode = .normal, reason: String = "") {
    core.close(code, reason: reason, at: loop.now)
    settle()
  }

  /// Lets `open` set the closures, then begins with `leftover`, what the peer has sent behind its part
  /// of the handshake.
  func start(_ leftover: [UInt8], _ open: (WebSocketChannel) -> Void) {
    socket.onReceive = { [weak self] bytes in self?.receive(bytes) }
    socket.onEnd = { [weak self] in self?.ended() }
    socket.onClose = { [weak self] _ in self?.ended() }
    socket.fill = { [weak self] slot in self?.fill(&slot) ?? false }
    socket.pauseReading(false)
    open(self)
    receive(leftover.span)
    if socket.isClosed { ended() }
  }

  /// Says goodbye because the server stops, and waits for no answer.
  func stop() {
    guard !isOver else { return }
    let reason = "The server stops."
    core.close(.goingAway, reason: reason, at: loop.now)
    settle()
    tellClosed(.goingAway, reason)
    finish()
  }

  private func receive(_ bytes: Span<UInt8>) {
    core.receive(bytes, at: loop.now)
    settle()
  }

  private func ended() {
    core.peerClosed()
    settle()
  }

  private func fill(_ slot: inout OutputSpan<UInt8>) -> Bool {
    if http?.hasOutput == true { return http?.nextTransmit(into: &slot) ?? false }
    guard core.nextTransmit(into: &slot) else { return false }
    // The socket may ask by itself, and the last byte may be what an event waits for.
    if core.bytesWaiting == 0, !isSettling { loop.post { [weak self] in self?.settle() } }
    return true
  }

  /// Events and output in turn until neither is left: one may bring forth the other.
  private func settle() {
    guard !isSettling, !isOver else { return }
    isSettling = true
    socket.flush()
    while !isOver {
      if let event = core.nextEvent() {
        perform(event)
      } else if core.bytesWaiting > 0, !socket.isBlocked, !socket.isClosed {
        socket.flush()
      } else {
        break
      }
    }
    isSettling = false
    rearm()
  }

  private func perform(_ event: WebSocketEvent) {
    switch event {
    case .text(let text):
      if let onText { onText(text) } else { refuse("Text is not taken here.") }
    case .binary(let bytes):
      if let onBinary { onBinary(bytes) } else { refuse("Bytes are not taken here.") }
    case .closed(let code, let reason):
      tellClosed(code, reason)
    case .close:
      finish()
    }
  }

  private func refuse(_ reason: String) {
    core.close(.unsupportedData, reason: reason, at: loop.now)
  }

  private func tellClosed(_ code: WebSocketCloseCode, _ reason: String) {
    let onClose = onClose
    onText = nil
    onBinary = nil
    self.onClose = nil
    onClose?(code, reason)
  }

  /// Closes the socket when the peer has read what was written, and after a while in any case.
  private func finish() {
    guard !isOver else { return }
    isOver = true
    rearm()
    socket.closeAfterFlush()
    loop.schedule(at: loop.now + core.limits.closeTime) { [socket] in socket.close() }
    onEnd()
  }

  private func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard !isOver, let deadline = core.deadline else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      guard let self else { return }
      timer = nil
      core.advance(to: loop.now)
      settle()
    }
  }
}
