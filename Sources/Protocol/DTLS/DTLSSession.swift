// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One DTLS 1.2 session for SRTP keys and data channels (RFC 6347, RFC 5764), over a path that ICE chose.
///
/// Until the handshake is over, anybody who can send to the path can damage it. So cleartext alerts and
/// malformed records never reach mbedTLS, and a handshake that breaks begins afresh, with the same
/// random choices where that is safe: to a peer that has got on well it looks like a retransmission.
/// Keys are given out only after the peer has proved the certificate of its fingerprint.
public struct DTLSSession: ~Copyable, Sendable {
  /// How far the session is.
  public internal(set) var state = DTLSState.new
  /// What the session has counted.
  public internal(set) var statistics = DTLSStatistics()
  let role: DTLSRole
  let configuration: DTLSConfiguration
  var context: DTLSContext
  private var random: RandomSource
  private var seed: [UInt8] = []
  var restarts = 0
  private var restartAt: Timestamp?
  private var expiry: Timestamp?
  private var events: [DTLSEvent] = []
  private var bufferedBytes = 0

  var attempt = Attempt()
  var defragmenter = ClientHelloDefragmenter()
  var hellos = SeenHellos()
  var lastIgnoredAlert: UInt8?
  /// The number of the next cleartext record that is passed on; 0 is the ClientHello's.
  var clearRecords: UInt64 = 1

  /// What is known of the handshake under way; forgotten when another begins.
  struct Attempt: Sendable {
    /// Server: the ClientHello that is being answered.
    var hello: [UInt8] = []
    /// Whether anything but a ClientHello has been passed on.
    var hasProgressed = false
    /// Whether a ServerHello without the extended master secret has been passed on.
    var isPlainMasterSecret = false
    /// What has been passed on without breaking anything, oldest first.
    var history: [[UInt8]] = []
    /// When it began.
    var startedAt = Timestamp.distantFuture
    /// Client: when it sent its Finished.
    var finishedAt: Timestamp?
  }

  /// Most bytes of application data that wait to be fetched.
  private static let bufferLimit = 65_536
  /// How long a client waits for the answer to its Finished before it shows its ClientHello again.
  ///
  /// The server may have got a damaged one, and then waits for nothing else. When a ServerHello comes
  /// then, it did, and the handshake begins afresh.
  private static let stall: Duration = .milliseconds(1200)
  /// After so long, an attempt that got somewhere but not to its end begins afresh: a damaged length can
  /// make mbedTLS wait for bytes that never come.
  private static let patience: Duration = .seconds(3)
  /// Most datagrams that are kept to repeat a handshake up to where it broke.
  private static let historyLimit = 24
  /// Longest datagram that is looked at.
  static let datagramLimit = 2048

  /// Creates a session that is to meet a peer with one of `remoteFingerprints`.
  ///
  /// Only fingerprints of the strongest hash function are compared; without one by SHA-256 or
  /// stronger the session has failed from the start (see `nextEvent`). `random` is copied.
  public init(
    role: DTLSRole,
    identity: DTLSIdentity,
    remoteFingerprints: [DTLSFingerprint],
    at now: Timestamp,
    random: RandomSource = .system,
    configuration: DTLSConfiguration = DTLSConfiguration()
  ) throws(DTLSError) {
    self.role = role
    self.configuration = configuration
    self.random = random
    let fingerprints = DTLSFingerprint.strongest(of: remoteFingerprints)
    context = try DTLSContext(role, identity, fingerprints, configuration)
    guard fingerprints.isEmpty else { return }
    fail(.fingerprintUnusable)
  }

  /// The cipher suite as IANA names it, such as `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`; `nil` before the
  /// session is connected.
  public var cipherSuite: String? {
    guard state == .connected, let name = context.cipher else { return nil }
    let letters = name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The certificate that the peer has shown, DER; empty before the session is connected.
  public var peerCertificate: [UInt8] { state == .connected ? context.peerCertificate : [] }

  /// Whether `receive` or `advance` may do public-key work now: 10 to 100 ms on a small board.
  public var needsPublicKeyWork: Bool { state == .handshaking || state == .new }

  /// Begins: the client sends its ClientHello, the server waits for one from now on.
  ///
  /// A server that receives before this begins by itself. Does nothing the second time.
  public mutating func start(at now: Timestamp) {
    guard state == .new else { return }
    state = .handshaking
    expiry = now + configuration.handshakeTimeout
    seed = random.bytes(DTLSContext.seedLength)
    if role == .client { begin(at: now) }
  }

  /// Takes a datagram whose first byte is 20 to 63 (RFC 7983) from the path that ICE validated.
  ///
  /// May take long: see `needsPublicKeyWork`.
  public mutating func receive(_ datagram: Span<UInt8>, at now: Timestamp) {
    statistics.datagramsReceived &+= 1
    if state == .new, role == .server { start(at: now) }
    switch state {
    case .new, .failed, .closed:
      return
    case .handshaking:
      var hello: [UInt8]?
      var isServerHello = false
      let records = screen(datagram, hello: &hello, isServerHello: &isServerHello)
      if let hello { accept(hello, at: now) }
      if isServerHello, isStalled(at: now) {
        attempt = Attempt()
        handshakeBroke(at: now)
      }
      guard !records.isEmpty else { return }
      attempt.hasProgressed = true
      step(records, at: now)
    case .connected:
      // Nearly always all of it is for us, and then nothing is copied.
      if isEncrypted(datagram) { return drain(datagram, at: now) }
      let records = screenConnected(datagram)
      guard !records.isEmpty else { return }
      drain(records.span, at: now)
    }
  }

  /// Does what is due: retransmissions, restarts, the end of a handshake that took too long.
  public mutating func advance(to now: Timestamp) {
    guard state == .handshaking else { return }
    if let expiry, expiry <= now {
      fail(.timeout(ignoredAlert: lastIgnoredAlert))
    } else if let restartAt {
      if restartAt <= now { begin(at: now) }
    } else if let deadline, deadline <= now {
      if attempt.finishedAt == nil, attempt.hasProgressed, now - attempt.startedAt > Self.patience {
        statistics.restarts &+= 1
        attempt.history = []
        begin(at: now)
      } else {
        step([], at: now)
        if isStalled(at: now) { context.repeatHello() }
      }
    }
  }

  /// When to call `advance` next; changes with every call that changes the session.
  public var deadline: Timestamp? {
    guard state == .handshaking else { return nil }
    if let restartAt { return expiry.earlier(restartAt) }
    return expiry.earlier(context.deadline.map(Self.timestamp(milliseconds:)))
  }

  /// Writes the next datagram to send into `slot`, behind what is there; `false` when there is none.
  ///
  /// `slot` needs as much room as the configured maximum transmission unit.
  public mutating func nextTransmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    guard context.nextDatagram(into: &slot) else { return false }
    statistics.datagramsSent &+= 1
    return true
  }

  /// The oldest event that was not fetched; `nil` when there is none.
  public mutating func nextEvent() -> DTLSEvent? {
    guard !events.isEmpty else { return nil }
    let event = events.removeFirst()
    if case .received(let data) = event { bufferedBytes -= data.count }
    return event
  }

  /// Sends application data as one record; `false`, and nothing sent, when it does not fit or the
  /// session is not connected.
  ///
  /// A record has room for the maximum transmission unit less 37 bytes.
  public mutating func send(_ data: Span<UInt8>) -> Bool {
    guard state == .connected, !data.isEmpty else { return false }
    return context.write(data)
  }

  /// Makes one record of the application data in `slot`, in its place, with no other copy; `false`, and
  /// the slot as it was, when it does not fit or the session is not connected.
  ///
  /// The record is sent by the caller, who asks `nextTransmit` first.
  public mutating func seal(_ slot: inout OutputSpan<UInt8>) -> Bool {
    guard state == .connected, slot.count > 0, context.seal(&slot) else { return false }
    statistics.datagramsSent &+= 1
    return true
  }

  /// Ends the session; the peer is told when there is one (`close_notify`).
  public mutating func close() {
    guard state != .failed, state != .closed else { return }
    context.close()
    state = .closed
  }

  /// Feeds mbedTLS and takes what comes of it.
  mutating func step(_ records: [UInt8], at now: Timestamp) {
    switch context.step(records, at: Self.milliseconds(now)) {
    case .waiting:
      if !records.isEmpty, attempt.hasProgressed, attempt.history.count < Self.historyLimit {
        attempt.history.append(records)
      }
      if role == .client, attempt.finishedAt == nil, context.hasEncrypted {
        attempt.finishedAt = now
      }
    case .connected(let keys):
      state = .connected
      events.append(.connected(keys))
      drain(Span(), at: now)
    case .refused(let failure):
      fail(failure)
    case .broken:
      handshakeBroke(at: now)
    }
  }

  /// Begins a handshake afresh.
  mutating func begin(at now: Timestamp) {
    restartAt = nil
    // The same choices again may meet the same keys again; that is safe as long as what was encrypted
    // under them is the same too, which the extended master secret sees to.
    if context.hasEncrypted, attempt.isPlainMasterSecret {
      seed = random.bytes(DTLSContext.seedLength)
      attempt.history = []
    }
    let before = attempt
    attempt = Attempt()
    attempt.hello = before.hello
    attempt.startedAt = now
    guard context.begin(seed: seed) else { return fail(.handshakeBroken) }
    step(role == .client ? [] : Self.record(of: before.hello), at: now)
    for records in before.history where state == .handshaking && restartAt == nil {
      attempt.hasProgressed = true
      step(records, at: now)
    }
  }

  private func isStalled(at now: Timestamp) -> Bool {
    guard let finishedAt = attempt.finishedAt else { return false }
    return now - finishedAt > Self.stall
  }

  private mutating func handshakeBroke(at now: Timestamp) {
    statistics.restarts &+= 1
    // A ClientHello that breaks the handshake by itself costs nothing and is nobody's fault.
    if role == .server, !attempt.hasProgressed {
      hellos.forget(attempt.hello)
      attempt = Attempt()
      return
    }
    if role == .server {
      let hello = hellos.next(after: attempt.hello)
      if hello != attempt.hello { attempt.history = [] }
      attempt.hello = hello
    }
    restarts += 1
    guard restarts <= configuration.restartLimit else { return fail(.handshakeBroken) }
    // What came before the break is repeated, unless it may itself be to blame: a client whose server may
    // be content already has no other way, and elsewhere every second restart begins with nothing.
    if attempt.finishedAt == nil, restarts % 2 == 0 { attempt.history = [] }
    let wait = DTLSConfiguration.backoff(restart: restarts)
    guard wait > .zero else { return begin(at: now) }
    restartAt = now + wait
  }

  private mutating func drain(_ records: Span<UInt8>, at now: Timestamp) {
    var datagram = records
    while true {
      switch context.read(datagram, at: Self.milliseconds(now)) {
      case .nothing:
        return
      case .data(let data):
        if bufferedBytes + data.count <= Self.bufferLimit {
          bufferedBytes += data.count
          events.append(.received(data))
        } else {
          statistics.dropped &+= 1
        }
      case .closed:
        context.close()
        state = .closed
        events.append(.closed)
        return
      }
      datagram = Span()
    }
  }

  private mutating func fail(_ failure: DTLSFailure) {
    context.close()
    state = .failed
    events.append(.failed(failure))
  }

  private static func milliseconds(_ instant: Timestamp) -> Int64 {
    // mbedTLS's times begin at 0: a clock before its epoch reads as its epoch.
    max(0, instant.nanoseconds / 1_000_000)
  }

  private static func timestamp(milliseconds: Int64) -> Timestamp {
    .zero + .milliseconds(milliseconds)
  }
}
