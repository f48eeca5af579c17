// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a session tells its owner.
public enum TLSEvent: Hashable, Sendable {
  /// The handshake is over: application data goes both ways.
  case connected
  /// The peer sends no more (close_notify).
  case closed
  /// The session is over; what `nextTransmit` still has should reach the peer, it says why.
  case failed(TLSFailure)
}

/// One side of a TLS connection (1.2 or 1.3, as mbedTLS knows it), without a socket and without a clock.
///
///     hello ─ whole record ─> handshaking ─ step … ─> connected ─ close_notify ─> closed
///       │ (server only)            │                      │
///       └──────────────────────────┴──────────────────────┴─ alert, damage, time ─> failed
///
/// The stream that carries it is the owner's. Public-key work is done by `step` only, so that the
/// owner can lend the session to another thread for that long. A server makes no state of mbedTLS, some 40 kB,
/// before a whole ClientHello has come.
public struct TLSSession: ~Copyable, Sendable {
  /// How far a session is.
  public enum State: Hashable, Sendable {
    /// Server: the ClientHello has not come.
    case hello
    /// Keys are being agreed on.
    case handshaking
    /// Data goes both ways.
    case connected
    /// The peer sends no more.
    case closed
    /// It has come to a bad end.
    case failed
  }

  /// The limits of this session.
  public let limits: TLSLimits
  /// How far the session is.
  public private(set) var state: State
  /// When to call `advance(to:)`; `nil` for never.
  public private(set) var deadline: Timestamp?
  private var context: TLSContext?
  private let credentials: TLSCredentials?
  private var random: RandomSource
  /// Server: what has come of the first record.
  private var hello: [UInt8] = []
  /// Whether something has come, or is to be begun, that `step` has not seen.
  private var isSteppable = false
  private var event: TLSEvent?

  /// Longest first record, its header included.
  private static let recordLimit = 5 + 16_384

  /// Begins to serve a client that was accepted at `now`; `random` is copied.
  public init(
    server credentials: TLSCredentials,
    limits: TLSLimits = TLSLimits(),
    random: RandomSource = .system,
    at now: Timestamp
  ) {
    self.limits = limits
    self.credentials = credentials
    self.random = random
    state = .hello
    deadline = now + limits.helloTime
    context = nil
  }

  /// Begins a client's session: `step` makes its ClientHello.
  ///
  /// `random` is copied.
  /// - Parameters:
  ///   - server: Whom the certificate must be for.
  ///   - authorities: Who may have signed it.
  ///   - date: By which it is judged, in seconds since 1970.
  ///   - limits: How much the server may take.
  ///   - random: Where keys come from.
  ///   - now: The time.
  public init(
    client server: TLSServerName,
    authorities: TLSAuthorities,
    date: Int64,
    limits: TLSLimits = TLSLimits(),
    random: RandomSource = .system,
    at now: Timestamp
  ) {
    self.limits = limits
    self.random = random
    credentials = nil
    state = .handshaking
    deadline = now + limits.handshakeTime
    isSteppable = true
    context = TLSContext(authorities, server: server, date: date, using: &self.random)
    if !hasContext { fail(.outOfMemory) }
  }

  /// Whether `step(at:)` has something to do.
  public var needsStep: Bool { state == .handshaking && isSteppable }

  /// Whether bytes are wanted from the stream: while `false`, leave them there.
  public var canReceive: Bool {
    switch state {
    case .hello, .handshaking, .connected: kept < limits.waiting
    case .closed, .failed: false
    }
  }

  /// Whether bytes wait to be sent.
  public var hasOutput: Bool {
    switch context {
    case .some(let context): context.waiting > 0
    case .none: false
    }
  }

  /// mbedTLS's names of version and cipher suite; `nil` before the session is connected.
  public var suite: String? {
    guard state == .connected || state == .closed else { return nil }
    switch context {
    case .some(let context): return context.cipher.map { "\(context.version) \($0)" }
    case .none: return nil
    }
  }

  /// Takes bytes of the stream; no cryptography is done here.
  ///
  /// Call only while `canReceive`: a peer whose bytes are given nevertheless has failed.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Timestamp) {
    switch state {
    case .closed, .failed: return
    case .hello:
      hello.append(copying: bytes)
      readHello(at: now)
    case .handshaking, .connected:
      // As much again may come with one call as was wanted before it.
      guard kept + bytes.count <= 2 * limits.waiting else { return fail(.flood) }
      isSteppable = true
      keep(bytes)
    }
  }

  /// Says that the peer will send no more (end of the stream).
  public mutating func peerClosed() {
    switch state {
    case .hello, .handshaking: fail(.closed)
    case .connected:
      state = .closed
      event = event ?? .closed
    case .closed, .failed: break
    }
  }

  /// Does what is due at `now`.
  public mutating func advance(to now: Timestamp) {
    guard let deadline, now >= deadline else { return }
    fail(.timeout)
  }

  /// Goes on with the handshake; may take a public-key operation's time, 10 to 100 ms on a small board.
  public mutating func step(at now: Timestamp) {
    guard needsStep else { return }
    isSteppable = false
    if !hasContext { begin() }
    guard state == .handshaking else { return }
    switch context?.step() {
    case .waiting?: break
    case .connected?:
      state = .connected
      deadline = nil
      event = .connected
    case .failed(let failure)?: fail(failure)
    case nil: fail(.outOfMemory)
    }
  }

  /// Hands one block of application data to `body`; `false` when there is none now.
  public mutating func read(_ body: (Span<UInt8>) -> Void) -> Bool {
    guard state == .connected else { return false }
    switch context?.read(body) {
    case .data?: return true
    case .nothing?, nil: return false
    case .closed?:
      state = .closed
      event = .closed
      return false
    case .failed(let failure)?:
      fail(failure)
      return false
    }
  }

  /// Takes application data that `fill` appends to a buffer; answers how many bytes that were.
  ///
  /// Call while there is no output: then a slow peer costs one block of memory.
  public mutating func write(_ fill: (inout OutputSpan<UInt8>) -> Void) -> Int {
    guard state == .connected || state == .closed else { return 0 }
    guard let written = context?.write(fill) else {
      fail(.outOfMemory)
      return 0
    }
    return written
  }

  /// Queues the end of what is sent (close_notify); what the peer sends is still taken.
  public mutating func close() {
    context?.close()
  }

  /// Appends bytes to send to `slot`, as many as fit; `false` when there are none.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    context?.transmit(into: &slot) ?? false
  }

  /// What the owner must know, once.
  public mutating func nextEvent() -> TLSEvent? {
    event.take()
  }

  private var hasContext: Bool {
    switch context {
    case .some: true
    case .none: false
    }
  }

  private var kept: Int {
    switch context {
    case .some(let context): context.kept
    case .none: hello.count
    }
  }

  private mutating func keep(_ bytes: Span<UInt8>) {
    guard hasContext else {
      hello.append(copying: bytes)
      return
    }
    if context?.receive(bytes) != true { fail(.outOfMemory) }
  }

  /// Looks whether the first record is one of a handshake, and whole (RFC 8446 section 5.1).
  private mutating func readHello(at now: Timestamp) {
    let mark: [UInt8] = [22, 3]
    guard zip(hello, mark).allSatisfy({ $0 == $1 }), hello.count <= 2 * limits.waiting else {
      return fail(.notTLS)
    }
    guard hello.count >= 6 else { return }
    let length = 5 + (Int(hello[3]) << 8 | Int(hello[4]))
    guard length > 5, length <= Self.recordLimit, hello[5] == 1 else { return fail(.notTLS) }
    guard hello.count >= length else { return }
    state = .handshaking
    deadline = now + limits.handshakeTime
    isSteppable = true
  }

  /// Server: makes mbedTLS's state, and gives it what has come.
  private mutating func begin() {
    guard let credentials else { return }
    context = TLSContext(credentials, using: &random)
    let first = hello
    hello = []
    guard hasContext, context?.receive(first.span) == true else { return fail(.outOfMemory) }
  }

  private mutating func fail(_ failure: TLSFailure) {
    guard state != .failed else { return }
    state = .failed
    deadline = nil
    hello = []
    isSteppable = false
    event = .failed(failure)
  }
}
