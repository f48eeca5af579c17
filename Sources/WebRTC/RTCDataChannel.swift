// SPDX-License-Identifier: Apache-2.0
public import EventLoop
internal import PeerSession
internal import Wire

/// A way for messages between two peers (W3C webrtc-pc section 6.2).
///
/// An actor on the loop of its connection. All `onX` handlers of the W3C are one ordered sequence, `events`.
///
/// Nothing that comes is lost to a slow reader, and nothing piles up: of what has not been read, a channel
/// keeps a megabyte or a little more, and as long as that much waits, the peer is let send no more than the
/// window of SCTP. That window is one for all channels of a connection, so all of them wait for the slowest
/// reader: whoever does not want what comes reads it all the same, or closes the channel.
public actor RTCDataChannel: EventLoopActor {
  /// What `events` is made of.
  public typealias Events = AsyncStream<Event>

  /// What travels over a channel.
  public enum Message: Hashable, Sendable {
    /// Text.
    case text(String)
    /// Bytes.
    case binary([UInt8])
  }

  /// What a channel tells, in the order in which the W3C fires the events.
  public enum Event: Hashable, Sendable {
    /// `open`: messages can be sent.
    case open
    /// `bufferedamountlow`
    case bufferedAmountLow
    /// `error`: why the channel ends that neither side has closed; `close` follows.
    case error(RTCError)
    /// `closing`: the peer is closing the channel.
    case closing
    /// `close`: the last event.
    case close
    /// `message`
    case message(Message)
  }

  /// How a reader waits: it is resumed once.
  private typealias Reader = CheckedContinuation<Event?, Never>
  /// One who waits until less is buffered.
  private struct Waiter {
    var amount: Int
    var continuation: CheckedContinuation<Void, Never>
  }

  /// Bytes of messages that may wait for the reader before the peer is slowed down.
  static let maximumWaiting = 1 << 20
  /// What a message costs besides its bytes, so that many small ones are bounded too.
  private static let overhead = 128

  /// The loop that this channel lives on.
  public nonisolated let loop: EventLoop
  /// The name that it was given; it need not be unique.
  public nonisolated let label: String
  /// Whether messages arrive in the order in which they were sent.
  public nonisolated let ordered: Bool
  /// For how many milliseconds a message is tried; `nil` for any time.
  public nonisolated let maxPacketLifeTime: UInt16?
  /// How often a message is sent again; `nil` for as often as needed.
  public nonisolated let maxRetransmits: UInt16?
  /// The subprotocol; may be empty.
  public nonisolated let `protocol`: String
  /// Whether both applications have agreed on the channel by themselves.
  public nonisolated let negotiated: Bool
  /// How far the channel is.
  public private(set) var readyState = RTCDataChannelState.connecting
  /// At which amount `bufferedAmountLow` is told, in bytes: see `setBufferedAmountLowThreshold`.
  public private(set) var bufferedAmountLowThreshold = 0

  /// The channel in its session.
  nonisolated let channel: DataChannel.ID
  private weak var transport: PeerTransport?
  private var stream: UInt16?
  private var waiting: [Event] = []
  private var head = 0
  private var waitingBytes = 0
  private var isFinished = false
  private var reader: Reader?
  private var waiters: [Waiter] = []

  init(_ channel: DataChannel, of transport: PeerTransport) {
    loop = transport.network.loop
    self.channel = channel.id
    self.transport = transport
    label = channel.parameters.label
    ordered = channel.parameters.isOrdered
    maxPacketLifeTime = channel.parameters.lifetime
    maxRetransmits = channel.parameters.maximumRetransmissions
    self.`protocol` = channel.parameters.subprotocol
    negotiated = channel.parameters.negotiatedStream != nil
    stream = channel.stream
  }

  /// The number of the channel's stream; `nil` until the DTLS roles are known.
  public var id: UInt16? { transport?.session.dataChannel(channel)?.stream ?? stream }

  /// Bytes that were given to `send` and have not left yet.
  public var bufferedAmount: Int { transport?.session.bufferedAmount(of: channel) ?? 0 }

  /// Every event of this channel, in order, for one reader; ends behind `close`, and with the connection.
  public nonisolated var events: Events {
    AsyncStream(
      unfolding: { await self.nextEvent() },
      onCancel: { [weak self, loop] in
        loop.post { [weak self] in self?.assumeIsolated { $0.release() } }
      }
    )
  }

  /// Says at which amount `bufferedAmountLow` is told, in bytes.
  public func setBufferedAmountLowThreshold(_ bytes: Int) {
    bufferedAmountLowThreshold = max(0, bytes)
    transport?.session.setBufferedAmountLowThreshold(bufferedAmountLowThreshold, of: channel)
  }

  /// Sends text (W3C webrtc-pc section 6.2, send).
  ///
  /// - Throws: `InvalidStateError` unless the channel is open, `TypeError` when the message is longer than
  ///   `RTCSctpTransport.maxMessageSize`, `OperationError` when no more can be buffered now.
  public func send(_ text: String) throws(RTCError) {
    try send(DataChannelMessage(isText: true, bytes: Array(text.utf8)))
  }

  /// Sends bytes, with the same errors.
  public func send(_ bytes: [UInt8]) throws(RTCError) {
    try send(DataChannelMessage(isText: false, bytes: bytes))
  }

  /// Sends what has come over a channel, or would, with the same errors.
  public func send(_ message: Message) throws(RTCError) {
    switch message {
    case .text(let text): try send(text)
    case .binary(let bytes): try send(bytes)
    }
  }

  /// Waits until no more than so many bytes are buffered, or the channel is not open any more.
  ///
  /// For one who sends much, or passes on what comes; the W3C has `bufferedamountlow` alone, which a reader
  /// of `events` cannot wait for in the middle of another event.
  public func drain(to amount: Int) async {
    guard readyState == .open, bufferedAmount > amount else { return }
    await withCheckedContinuation { continuation in
      waiters.append(Waiter(amount: amount, continuation: continuation))
      transport?.watch(self)
    }
  }

  /// Closes the channel; what was sent before still arrives (W3C webrtc-pc section 6.2, close).
  public func close() {
    guard readyState == .connecting || readyState == .open, let transport else { return }
    readyState = .closing
    resumeWaiters()
    transport.session.closeChannel(channel, at: loop.now)
    transport.settle()
    network?.flush()
  }

  // MARK: The session

  private var network: PeerNetwork? { transport?.network }

  private func send(_ message: DataChannelMessage) throws(RTCError) {
    guard readyState == .open, let transport else {
      throw RTCError(.invalidState, "The channel is \(readyState.rawValue), not open.")
    }
    switch transport.session.send(message, on: channel, at: loop.now) {
    case .queued: break
    case .bufferFull:
      throw RTCError(.operation, "No more can be buffered: wait until what was sent has left.")
    case .tooLong:
      let longest = transport.session.dataTransport?.maximumMessage ?? 0
      throw RTCError(
        .type,
        "The message has \(message.bytes.count) bytes; the longest that can be sent has \(longest)."
      )
    case .notOpen:
      throw RTCError(.invalidState, "The channel is closing.")
    }
    transport.settle()
    network?.flush()
  }

  /// Takes what the session tells.
  func take(_ event: DataChannelEvent) {
    stream = transport?.session.dataChannel(channel)?.stream ?? stream
    switch event {
    case .offered: break
    case .opened:
      // Closed in the meantime, it does not open any more.
      guard readyState == .connecting else { return }
      readyState = .open
      setBufferedAmountLowThreshold(bufferedAmountLowThreshold)
      add(.open)
    case .received(let message):
      guard readyState == .open else { return }
      waitingBytes += message.bytes.count + Self.overhead
      add(.message(Message(message)))
    case .bufferedAmountLow:
      if readyState == .open { add(.bufferedAmountLow) }
    case .closing:
      guard readyState == .open else { return }
      readyState = .closing
      resumeWaiters()
      add(.closing)
    case .closed(let failure):
      readyState = .closed
      resumeWaiters()
      if let failure { add(.error(RTCError(.operation, failure.description))) }
      add(.close)
      finish()
    }
  }

  /// The connection is over: the channel is closed without an event (W3C webrtc-pc section 4.4.2, close).
  func abandon() {
    readyState = .closed
    resumeWaiters()
    finish()
  }

  /// Resumes those who wait until less is buffered; answers whether others still wait.
  @discardableResult
  func resumeWaiters() -> Bool {
    let amount = readyState == .open ? bufferedAmount : 0
    let ready = waiters.filter { $0.amount >= amount }
    waiters.removeAll { $0.amount >= amount }
    for waiter in ready { waiter.continuation.resume() }
    return !waiters.isEmpty
  }

  // MARK: The reader

  private func nextEvent() async -> Event? {
    if let event = takeEvent() { return event }
    if isFinished || Task.isCancelled { return nil }
    return await withCheckedContinuation { continuation in
      reader?.resume(returning: nil)
      reader = continuation
    }
  }

  private func add(_ event: Event) {
    guard !isFinished else { return }
    waiting.append(event)
    if let reader {
      self.reader = nil
      reader.resume(returning: takeEvent())
    }
    if waitingBytes > Self.maximumWaiting { transport?.hold(channel, true) }
  }

  private func takeEvent() -> Event? {
    guard head < waiting.count else { return nil }
    let event = waiting[head]
    head += 1
    // What was read is let go of in one piece, so that no event is moved often.
    if head == waiting.count || head >= 64 {
      waiting.removeFirst(head)
      head = 0
    }
    if case .message(let message) = event {
      waitingBytes -= message.size + Self.overhead
      if waitingBytes <= Self.maximumWaiting / 2 { transport?.hold(channel, false) }
    }
    return event
  }

  private func release() {
    reader?.resume(returning: nil)
    reader = nil
  }

  private func finish() {
    isFinished = true
    transport?.hold(channel, false)
    guard head == waiting.count else { return }
    release()
  }
}

extension RTCDataChannel.Message {
  fileprivate init(_ message: DataChannelMessage) {
    self =
      message.isText
      ? .text(String(decoding: message.bytes, as: UTF8.self)) : .binary(message.bytes)
  }

  fileprivate var size: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .binary(let bytes): bytes.count
    }
  }
}

/// How far a channel is (W3C webrtc-pc section 6.2).
public enum RTCDataChannelState: String, Hashable, Sendable, RTCStatsWord {
  /// It waits for the transport.
  case connecting
  /// Messages flow.
  case open
  /// One side is closing it.
  case closing
  /// It is over.
  case closed
}

/// What a channel is created as (W3C webrtc-pc section 6.2).
public struct RTCDataChannelInit: Hashable, Sendable {
  /// Whether messages arrive in the order in which they were sent.
  public var ordered: Bool
  /// For how many milliseconds a message is tried; `nil` for any time.
  public var maxPacketLifeTime: UInt16?
  /// How often a message is sent again; `nil` for as often as needed.
  public var maxRetransmits: UInt16?
  /// The subprotocol.
  public var `protocol`: String
  /// Whether the peer's application creates the channel by itself, with the same `id`.
  public var negotiated: Bool
  /// The stream, for a negotiated channel.
  public var id: UInt16?

  /// Creates what a channel is that is reliable and ordered, unless it is said otherwise.
  public init(
    ordered: Bool = true,
    maxPacketLifeTime: UInt16? = nil,
    maxRetransmits: UInt16? = nil,
    protocol: String = "",
    negotiated: Bool = false,
    id: UInt16? = nil
  ) {
    self.ordered = ordered
    self.maxPacketLifeTime = maxPacketLifeTime
    self.maxRetransmits = maxRetransmits
    self.`protocol` = `protocol`
    self.negotiated = negotiated
    self.id = id
  }
}
