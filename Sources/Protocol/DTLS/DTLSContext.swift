// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS

/// One session of the C shim over mbedTLS, owned: freed, and its secrets wiped, when this value ends.
@safe struct DTLSContext: ~Copyable, @unchecked Sendable {
  /// What came of a step.
  enum Step {
    case waiting
    case connected(DTLSKeys)
    /// The handshake ended properly, but not with the peer that was meant.
    case refused(DTLSFailure)
    /// Something broke the handshake: anybody's damage may have, so it can begin afresh.
    case broken
  }

  /// What came of reading.
  enum Reading {
    case nothing
    case data([UInt8])
    case closed
  }

  /// Bytes of randomness that one attempt is made from.
  static let seedLength = Int(CDTLS_SEED_LENGTH)

  private let session: OpaquePointer
  private let identity: DTLSIdentity

  /// A session that accepts a certificate with one of `fingerprints`, all secure.
  init(
    _ role: DTLSRole,
    _ identity: DTLSIdentity,
    _ fingerprints: [DTLSFingerprint],
    _ configuration: DTLSConfiguration
  ) throws(DTLSError) {
    func milliseconds(_ duration: Duration) -> UInt32 {
      UInt32(clamping: max(1, duration.inMilliseconds))
    }
    guard
      let session = unsafe cdtls_session_create(
        identity.identity,
        role == .server,
        UInt16(clamping: min(max(configuration.maximumTransmissionUnit, 256), 1500)),
        milliseconds(configuration.minimumRetransmissionTimeout),
        milliseconds(configuration.maximumRetransmissionTimeout)
      )
    else { throw .outOfMemory }
    unsafe self.session = session
    self.identity = identity
    for fingerprint in fingerprints {
      _ = unsafe cdtls_session_expect(session, fingerprint.digest, fingerprint.digest.count)
    }
  }

  deinit {
    unsafe cdtls_session_destroy(session)
  }

  /// Whether the last attempt has sent anything under keys, even if it is broken by now.
  var hasEncrypted: Bool { unsafe cdtls_session_has_encrypted(session) }

  /// mbedTLS's name of the cipher suite in use.
  var cipher: String? {
    guard let name = unsafe cdtls_session_cipher(session) else { return nil }
    return unsafe String(cString: name)
  }

  /// The peer's certificate, DER; empty when there is none.
  var peerCertificate: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = unsafe cdtls_session_peer_certificate(session, &bytes, bytes.count)
    return [UInt8](bytes.prefix(count))
  }

  /// When to step without a datagram, in milliseconds.
  var deadline: Int64? {
    let deadline = unsafe cdtls_session_deadline(session)
    return deadline < 0 ? nil : deadline
  }

  /// Throws away the handshake and begins another, whose random choices follow from `seed`.
  mutating func begin(seed: [UInt8]) -> Bool {
    precondition(seed.count == Self.seedLength, "a seed has a fixed length")
    return unsafe cdtls_session_begin(session, seed) == 0
  }

  /// Goes on with the handshake, with `datagram` or, when it is empty, without.
  mutating func step(_ datagram: [UInt8], at milliseconds: Int64) -> Step {
    switch unsafe cdtls_session_step(session, milliseconds, datagram, datagram.count) {
    case CDTLS_WAITING: return .waiting
    case CDTLS_CERTIFICATE_MISSING: return .refused(.certificateMissing)
    case CDTLS_FINGERPRINT_MISMATCH: return .refused(.fingerprintMismatch)
    case CDTLS_PROFILE_MISSING: return .refused(.profileMissing)
    case CDTLS_CONNECTED:
      var bytes = [UInt8](repeating: 0, count: 60)
      guard unsafe cdtls_session_take_keys(session, &bytes) else { return .broken }
      return .connected(DTLSKeys(exported: bytes))
    default: return .broken
    }
  }

  /// Reads application data out of `datagram` or, when it is empty, out of what is left of the last.
  mutating func read(_ datagram: Span<UInt8>, at milliseconds: Int64) -> Reading {
    var answer: Int32 = 0
    // As much as the longest datagram that is looked at; nothing is copied again.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: DTLSSession.datagramLimit) {
      buffer,
      count in
      answer = unsafe datagram.withUnsafeBufferPointer { input in
        unsafe cdtls_session_read(
          session,
          milliseconds,
          input.baseAddress,
          input.count,
          buffer.baseAddress,
          buffer.count
        )
      }
      count = max(0, Int(answer))
    }
    switch answer {
    case CDTLS_CLOSED: return .closed
    case 1...: return .data(bytes)
    default: return .nothing
    }
  }

  /// Queues `data` as one record; `false` when it is not sent.
  mutating func write(_ data: Span<UInt8>) -> Bool {
    let written = unsafe data.withUnsafeBufferPointer {
      unsafe cdtls_session_write(session, $0.baseAddress, $0.count)
    }
    return Int(written) == data.count
  }

  /// Makes one record of what `slot` holds, in its place; `false` when that cannot be done.
  mutating func seal(_ slot: inout OutputSpan<UInt8>) -> Bool {
    unsafe slot.withUnsafeMutableBufferPointer { buffer, count in
      guard let start = buffer.baseAddress else { return false }
      let sealed = unsafe cdtls_session_seal(session, start, count, buffer.count)
      if sealed > 0 { count = sealed }
      return sealed > 0
    }
  }

  /// Client: queues its ClientHello once more, whatever the handshake is at.
  mutating func repeatHello() {
    unsafe cdtls_session_repeat_hello(session)
  }

  /// Tells the peer, and ends the handshake or the session.
  mutating func close() {
    unsafe cdtls_session_close(session)
  }

  /// Writes the next datagram into `slot`; `false` when there is none.
  mutating func nextDatagram(into slot: inout OutputSpan<UInt8>) -> Bool {
    unsafe slot.withUnsafeMutableBufferPointer { buffer, count in
      guard let start = buffer.baseAddress, buffer.count > count else { return false }
      let written = unsafe cdtls_session_take(session, start + count, buffer.count - count)
      count += written
      return written > 0
    }
  }
}

extension Duration {
  fileprivate var inMilliseconds: Int64 {
    components.seconds.multipliedReportingOverflow(by: 1000).overflow
      ? .max : components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
