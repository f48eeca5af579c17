// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a connection tells its owner.
public enum HTTPEvent: Hashable, Sendable {
  /// Answer this with `respond(_:at:)`; nothing else is asked before that.
  case request(HTTPRequest)
  /// Everything is sent: shut down the sending side, and go on reading until `.close`.
  ///
  /// A socket closed while the client still sends would be reset, and the client would never see why
  /// it was refused (RFC 9112 section 9.6).
  case stopSending
  /// Close the socket and forget the connection; the last event.
  case close
}

/// What one connection has seen.
public struct HTTPStatistics: Hashable, Sendable {
  /// Requests asked of the application.
  public var requests = 0
  /// Answers of the application.
  public var responses = 0
  /// Requests that the connection refused by itself.
  public var refusals = 0
  /// The status of the last of those.
  public var refusalStatus: Int?
  /// Deadlines that passed.
  public var timeouts = 0
  /// Bytes received.
  public var bytesReceived = 0
  /// Bytes handed out for sending.
  public var bytesSent = 0
  /// Bytes received and thrown away.
  public var bytesDiscarded = 0
  /// Calls of `respond(_:at:)` with no request to answer.
  public var strayResponses = 0
}

/// The server's side of one HTTP/1.1 connection (RFC 9112), without a socket and without a clock.
///
///     idle ─ first byte ─> head ─ empty line ─> body ─ its end ─> serving ─ respond ─> sending ─┐
///      ^                     │ refused            │ refused                                      │
///      │                     └────────────────────┴─────────────> sending ─> lingering ─> closed │
///      └─────────────────────────────── kept alive, all sent ───────────────────────────────────┘
///
/// One request is asked at a time, in order; what a client sends ahead waits within a limit.
/// Malformed, oversized, ambiguous and slow requests are answered by the connection itself with a
/// sentence; the application only sees requests that are whole and have one meaning.
public struct HTTPConnection: Sendable {
  enum State: Sendable {
    /// Nothing of the next request has come.
    case idle
    /// Part of a head has come.
    case head
    /// The head is read, the body is not.
    case body
    /// The application owes an answer.
    case serving(isHead: Bool, isOldVersion: Bool, isLast: Bool)
    /// An answer is on its way out.
    case sending(isLast: Bool, lingers: Bool)
    /// All is sent; what still comes is thrown away.
    case lingering
    /// Another protocol has taken over; only the answer that says so is still to be sent.
    case upgraded
    /// Nothing more happens.
    case closed
  }

  /// The limits of this connection.
  public let limits: HTTPLimits
  /// What the connection has seen.
  public internal(set) var statistics = HTTPStatistics()

  var state = State.head
  var now: Timestamp
  var timer: Timestamp?
  /// Received bytes; those before `consumed` are done with.
  var input: [UInt8] = []
  var consumed = 0
  /// How many bytes after `consumed` are known to hold no end of a line.
  var scanned = 0
  /// Where the current line of a head begins, after `consumed`.
  var lineStart = 0
  /// Empty lines passed over before the current request.
  var blankLines = 0
  /// The request whose body is being read.
  var reading: RequestBody?
  private var output: [UInt8] = []
  private var outputBody: [UInt8] = []
  private var sent = 0
  private var hasProgressed = false
  private var isPeerClosed = false
  private var events: [HTTPEvent] = []

  /// Starts serving a connection that was accepted at `now`.
  public init(limits: HTTPLimits = HTTPLimits(), at now: Timestamp) {
    self.limits = limits
    self.now = now
    timer = now + limits.headTime
  }

  /// Takes bytes that the socket gave.
  ///
  /// Call only while `canReceive`: bytes given nevertheless end the connection.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Timestamp) {
    self.now = now
    statistics.bytesReceived &+= bytes.count
    switch state {
    case .lingering, .upgraded, .closed:
      statistics.bytesDiscarded &+= bytes.count
      return
    case .sending(isLast: true, _):
      statistics.bytesDiscarded &+= bytes.count
      state = .sending(isLast: true, lingers: true)
      return
    case .serving where !canReceive, .sending where !canReceive:
      statistics.bytesDiscarded &+= input.count - consumed + bytes.count
      statistics.refusals &+= 1
      return close()
    case .idle where !bytes.isEmpty:
      state = .head
      timer = now + limits.headTime
    default:
      break
    }
    input.append(copying: bytes)
    readInput()
  }

  /// Says that the client will send no more (end of file).
  public mutating func peerClosed() {
    isPeerClosed = true
    switch state {
    case .serving, .sending, .upgraded, .closed: break
    case .idle, .head, .body, .lingering: close()
    }
  }

  /// Does what is due at `now`.
  public mutating func advance(to now: Timestamp) {
    self.now = now
    guard let timer, now >= timer else { return }
    switch state {
    case .head where input.count == consumed, .idle, .lingering:
      close()
    case .head:
      statistics.timeouts &+= 1
      refuse(HTTPRefusal(408, "The request head did not arrive in time."))
    case .body:
      statistics.timeouts &+= 1
      refuse(HTTPRefusal(408, "The request body did not arrive in time."))
    case .sending where hasProgressed:
      hasProgressed = false
      self.timer = now + limits.sendTime
    case .sending:
      statistics.timeouts &+= 1
      close()
    case .serving, .upgraded, .closed:
      self.timer = nil
    }
  }

  /// When to call `advance(to:)` next.
  public var deadline: Timestamp? { timer }

  /// Whether bytes are wanted from the socket: while `false`, leave them there.
  public var canReceive: Bool {
    switch state {
    case .closed: false
    case .serving, .sending(isLast: false, _): input.count - consumed < limits.pipelined
    default: true
    }
  }

  /// Whether bytes wait to be sent.
  public var hasOutput: Bool { sent < output.count + outputBody.count }

  /// Whether this connection takes no further request.
  public var isClosing: Bool {
    switch state {
    case .sending(isLast: true, _), .lingering, .upgraded, .closed: true
    case .serving(_, _, let isLast): isLast
    default: false
    }
  }

  /// Appends bytes to send to `slot`, as many as fit; `false` when there are none.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    let before = sent
    while slot.freeCapacity > 0, sent < output.count {
      slot.append(output[sent])
      sent += 1
    }
    let end = output.count + outputBody.count
    while slot.freeCapacity > 0, sent < end {
      slot.append(outputBody[sent - output.count])
      sent += 1
    }
    guard sent > before else { return false }
    statistics.bytesSent &+= sent - before
    hasProgressed = true
    if sent == end { finishOutput() }
    return true
  }

  /// What the owner must do next.
  public mutating func nextEvent() -> HTTPEvent? {
    events.isEmpty ? nil : events.removeFirst()
  }

  /// Answers the request asked last.
  ///
  /// A call with no request to answer is counted and ignored: the connection may have been closed
  /// in the meantime.
  public mutating func respond(_ response: HTTPResponse, at now: Timestamp) {
    self.now = now
    guard case .serving(let isHead, let isOldVersion, let isLast) = state else {
      statistics.strayResponses &+= 1
      return
    }
    statistics.responses &+= 1
    let closes = isLast || response.wantsClose
    output += response.head(isClosing: closes, isOldVersion: isOldVersion)
    outputBody = isHead || !response.hasBody ? [] : response.body
    startSending(isLast: closes, lingers: false)
  }

  /// Answers the request asked last with 101 (RFC 9110 section 7.8), and is done: once `hasOutput` is
  /// `false`, the socket belongs to the other protocol.
  ///
  /// From now on the connection throws away what it is given, sends nothing but this answer and has
  /// no deadline and no event. The field `Upgrade` is the application's to give.
  /// - Returns: What the client has sent behind its request; `nil`, with nothing done, when there is
  ///   no request to answer or the client sends no more.
  public mutating func upgrade(_ response: HTTPResponse, at now: Timestamp) -> [UInt8]? {
    self.now = now
    guard case .serving = state, !isPeerClosed else {
      statistics.strayResponses &+= 1
      return nil
    }
    statistics.responses &+= 1
    output += response.switchingHead
    let leftover = Array(input[consumed...])
    state = .upgraded
    dropInput()
    return leftover
  }

  /// Asks the application.
  mutating func ask(_ request: HTTPRequest, isLast: Bool) {
    statistics.requests &+= 1
    state = .serving(
      isHead: request.method == "HEAD",
      isOldVersion: request.minorVersion == 0,
      isLast: isLast
    )
    timer = nil
    events.append(.request(request))
  }

  /// Answers by itself, and takes no further request.
  mutating func refuse(_ refusal: HTTPRefusal) {
    statistics.refusals &+= 1
    statistics.refusalStatus = refusal.status
    let isHead = reading?.head.request.method == "HEAD"
    statistics.bytesDiscarded &+= input.count - consumed
    dropInput()
    var response = HTTPResponse(refusal.status, text: refusal.sentence)
    response.headers.append("X-Content-Type-Options", "nosniff")
    output += response.head(isClosing: true, isOldVersion: false)
    outputBody = isHead ? [] : response.body
    startSending(isLast: true, lingers: true)
  }

  /// Sends `100 Continue`.
  mutating func sendContinue() {
    output += "HTTP/1.1 100 Continue\r\n\r\n".utf8
  }

  private mutating func startSending(isLast: Bool, lingers: Bool) {
    state = .sending(isLast: isLast, lingers: lingers)
    hasProgressed = false
    timer = now + limits.sendTime
  }

  /// All that was to be sent has been handed out.
  private mutating func finishOutput() {
    output.removeAll(keepingCapacity: output.capacity <= 4_096)
    outputBody = []
    sent = 0
    guard case .sending(let isLast, let lingers) = state else { return }
    guard isLast else {
      state = .idle
      timer = now + limits.idleTime
      if input.count > consumed {
        state = .head
        timer = now + limits.headTime
        readInput()
      }
      if isPeerClosed, !isWaitingForApplication { close() }
      return
    }
    guard !isPeerClosed, lingers || input.count > consumed else {
      close()
      return
    }
    statistics.bytesDiscarded &+= input.count - consumed
    dropInput()
    state = .lingering
    timer = now + limits.lingerTime
    events.append(.stopSending)
  }

  private var isWaitingForApplication: Bool {
    switch state {
    case .serving, .sending: true
    default: false
    }
  }

  private mutating func dropInput() {
    input = []
    consumed = 0
    scanned = 0
    lineStart = 0
    reading = nil
  }

  private mutating func close() {
    state = .closed
    timer = nil
    dropInput()
    output = []
    outputBody = []
    sent = 0
    events.append(.close)
  }
}
