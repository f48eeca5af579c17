// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a WebSocket tells its owner.
public enum WebSocketEvent: Hashable, Sendable {
  /// A whole message of text.
  case text(String)
  /// A whole message of bytes.
  case binary([UInt8])
  /// No message comes or goes any more; told once.
  ///
  /// The code is the peer's, or our own when the peer broke a rule; `abnormal` when the connection
  /// was lost, and then `reason` is our own sentence.
  case closed(WebSocketCloseCode, reason: String)
  /// Close the socket and forget the connection; the last event.
  ///
  /// What the peer still sends should be read for a moment: a reset would take our Close with it.
  case close
}

/// What one WebSocket has seen.
public struct WebSocketStatistics: Hashable, Sendable {
  /// Whole messages received.
  public var messagesReceived = 0
  /// Messages taken for sending.
  public var messagesSent = 0
  /// Messages not taken, because the queue was full or the WebSocket closed.
  public var messagesRefused = 0
  /// Pings received.
  public var pingsReceived = 0
  /// Pings sent.
  public var pingsSent = 0
  /// Rules broken by the peer: at most one.
  public var failures = 0
  /// Deadlines that passed without what was waited for.
  public var timeouts = 0
  /// Bytes received.
  public var bytesReceived = 0
  /// Bytes handed out for sending.
  public var bytesSent = 0
  /// Bytes received and thrown away.
  public var bytesDiscarded = 0
}

/// One side of a WebSocket after its opening handshake (RFC 6455), without a socket and without a
/// clock.
///
///     open ─ close() ─> closing ─ Close of the peer ─────────> ending ─ all sent ─> closed
///       │                  └───── no answer in time ──────────────────────────────────┤
///       ├─ Close of the peer, or a rule broken: our Close ───> ending ────────────────┤
///       └─ no Pong in time, or end of file ───────────────────────────────────────────┘
///
/// Control frames are answered here; a message is told when it is whole and, if text, UTF-8.
public struct WebSocketConnection: Sendable {
  /// Whose side this is.
  public enum Role: Hashable, Sendable {
    /// Receives masked frames, sends plain ones, and closes the socket first.
    case server
    /// Sends masked frames, receives plain ones, and waits for the server to close.
    case client
  }

  enum State: Hashable, Sendable {
    /// Messages come and go.
    case open
    /// Our Close is sent, the peer's has not come.
    case closing
    /// All is said; what waits is still sent.
    case ending
    /// Nothing more happens.
    case closed
  }

  /// Room beside the queue for Pongs; beyond it, only the latest Ping is answered.
  private static let pongRoom = 4_096

  /// The limits of this connection.
  public let limits: WebSocketLimits
  /// Whose side this is.
  public let role: Role
  /// What the connection has seen.
  public internal(set) var statistics = WebSocketStatistics()

  var state = State.open
  var now: Timestamp
  /// When something is due by the state.
  var timer: Timestamp?
  /// When the message that is being received has to be whole.
  var messageTimer: Timestamp?
  var isAwaitingPong = false
  var input = WebSocketInput()
  private var random: RandomSource
  private var output: [UInt8] = []
  private var sent = 0
  private var pendingPong: [UInt8]?
  private var isPeerClosed = false
  private var events: [WebSocketEvent] = []
  private var eventsTaken = 0
  private var eventBytes = 0

  /// Starts after the opening handshake at `now`.
  /// - Parameters:
  ///   - role: Whose side this is.
  ///   - limits: How much the peer may take.
  ///   - random: Where a client takes the keys of its frames from.
  ///   - now: The time.
  public init(
    _ role: Role,
    limits: WebSocketLimits = WebSocketLimits(),
    random: RandomSource = .system,
    at now: Timestamp
  ) {
    self.role = role
    self.limits = limits
    self.random = random
    self.now = now
    timer = now + limits.pingInterval
  }

  /// Whether messages can be sent.
  public var isOpen: Bool { state == .open }

  /// Bytes that wait to be sent.
  public var bytesWaiting: Int { output.count - sent }

  /// Whether bytes are wanted from the socket: `false` while the owner leaves too many events.
  public var canReceive: Bool { state != .closed && eventBytes <= limits.message }

  /// Says that the peer will send no more (end of file).
  public mutating func peerClosed() {
    isPeerClosed = true
    switch state {
    case .open, .closing: lose("The connection was cut.")
    case .ending: finishIfSent()
    case .closed: break
    }
  }

  /// Does what is due at `now`.
  public mutating func advance(to now: Timestamp) {
    self.now = now
    if let messageTimer, now >= messageTimer {
      statistics.timeouts &+= 1
      fail(WebSocketFailure(.policyViolation, "A message did not arrive in time."))
    }
    guard let timer, now >= timer else { return }
    switch state {
    case .open where isAwaitingPong:
      statistics.timeouts &+= 1
      lose("No Pong came in time.")
    case .open:
      statistics.pingsSent &+= 1
      isAwaitingPong = true
      self.timer = now + limits.pongTime
      append(.ping, [])
    case .closing:
      statistics.timeouts &+= 1
      lose("The Close was not answered in time.")
    case .ending:
      statistics.timeouts &+= 1
      finish()
    case .closed:
      self.timer = nil
    }
  }

  /// When to call `advance(to:)` next.
  public var deadline: Timestamp? { timer.earlier(messageTimer) }

  /// Appends bytes to send to `slot`, as many as fit; `false` when there are none.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    let end = sent + min(slot.freeCapacity, bytesWaiting)
    guard end > sent else { return false }
    statistics.bytesSent &+= end - sent
    while sent < end {
      slot.append(output[sent])
      sent += 1
    }
    if sent == output.count {
      output.removeAll(keepingCapacity: output.capacity <= 4_096)
      sent = 0
    } else if sent >= 4_096, sent * 2 >= output.count {
      output.removeFirst(sent)
      sent = 0
    }
    if let payload = pendingPong { answerPing(payload) }
    finishIfSent()
    return true
  }

  /// What the owner must do next.
  public mutating func nextEvent() -> WebSocketEvent? {
    guard eventsTaken < events.count else { return nil }
    let event = events[eventsTaken]
    eventsTaken += 1
    if eventsTaken == events.count {
      events.removeAll(keepingCapacity: events.capacity <= 16)
      eventsTaken = 0
      eventBytes = 0
    }
    return event
  }

  /// Sends a message of text; `false`, and nothing sent, when it does not fit into the queue or the
  /// WebSocket is no longer open.
  @discardableResult
  public mutating func send(text: String) -> Bool {
    send(.text, text.utf8)
  }

  /// Sends a message of bytes; `false`, and nothing sent, when it does not fit into the queue or the
  /// WebSocket is no longer open.
  @discardableResult
  public mutating func send(binary: [UInt8]) -> Bool {
    send(.binary, binary)
  }

  /// Begins the closing handshake; harmless when the WebSocket is no longer open.
  ///
  /// What waits is still sent, what comes is thrown away, and `.closed` follows within
  /// `limits.closeTime`. A code that may not be sent is left out, and with it the reason, of which
  /// the first 123 bytes are sent.
  public mutating func close(
    _ code: WebSocketCloseCode = .normal,
    reason: String = "",
    at now: Timestamp
  ) {
    self.now = now
    guard state == .open else { return }
    appendClose(code, reason)
    state = .closing
    timer = now + limits.closeTime
    messageTimer = nil
  }

  private mutating func send(
    _ opcode: WebSocketFrame.Opcode,
    _ payload: some Collection<UInt8>
  ) -> Bool {
    let room = limits.queue - bytesWaiting - WebSocketFrame.maximumHeadBytes
    guard state == .open, payload.count <= room else {
      statistics.messagesRefused &+= 1
      return false
    }
    statistics.messagesSent &+= 1
    append(opcode, payload)
    return true
  }

  private mutating func append(
    _ opcode: WebSocketFrame.Opcode,
    _ payload: some Collection<UInt8>
  ) {
    let key = role == .client ? UInt32(truncatingIfNeeded: random.next()) : nil
    WebSocketFrame.append(opcode, payload, key: key, to: &output)
  }

  private mutating func appendClose(_ code: WebSocketCloseCode, _ reason: String) {
    var payload: [UInt8] = []
    if code.mayBeSent {
      payload.append(bigEndian: code.rawValue)
      for character in reason.unicodeScalars {
        let bytes = Array(String(character).utf8)
        guard payload.count + bytes.count <= WebSocketFrame.controlBytes else { break }
        payload += bytes
      }
    }
    append(.close, payload)
    pendingPong = nil
  }

  /// Answers a Ping, now or when there is room.
  mutating func answerPing(_ payload: [UInt8]) {
    pendingPong = nil
    guard state == .open else { return }
    guard bytesWaiting <= limits.queue + Self.pongRoom else {
      pendingPong = payload
      return
    }
    append(.pong, payload)
  }

  /// Tells of a message.
  mutating func tell(_ event: WebSocketEvent, bytes: Int) {
    events.append(event)
    // What an event costs besides its bytes.
    eventBytes += bytes + 32
  }

  /// Takes the peer's Close, and answers it unless it is an answer itself.
  mutating func receiveClose(_ code: WebSocketCloseCode, _ reason: String) {
    if state == .open { appendClose(code, "") }
    end(code, reason)
  }

  /// Ends because the peer broke a rule.
  mutating func fail(_ failure: WebSocketFailure) {
    guard state == .open || state == .closing else { return }
    statistics.failures &+= 1
    if state == .open { appendClose(failure.code, failure.reason) }
    end(failure.code, failure.reason)
  }

  private mutating func end(_ code: WebSocketCloseCode, _ reason: String) {
    state = .ending
    timer = now + limits.closeTime
    messageTimer = nil
    input = WebSocketInput()
    tell(.closed(code, reason: reason), bytes: 0)
    finishIfSent()
  }

  /// Ends because there is no peer any more.
  private mutating func lose(_ reason: String) {
    tell(.closed(.abnormal, reason: reason), bytes: 0)
    finish()
  }

  /// A server closes the socket as soon as all is sent, a client when the server has closed it
  /// (RFC 6455 section 7.1.1).
  private mutating func finishIfSent() {
    guard state == .ending, bytesWaiting == 0, role == .server || isPeerClosed else { return }
    finish()
  }

  private mutating func finish() {
    state = .closed
    timer = nil
    messageTimer = nil
    input = WebSocketInput()
    output = []
    sent = 0
    pendingPong = nil
    tell(.close, bytes: 0)
  }
}
