// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS
internal import Wire

/// One session of the C shim over mbedTLS, owned: freed, and its secrets wiped, when this value ends.
@safe struct TLSContext: ~Copyable, @unchecked Sendable {
  /// What came of a step.
  enum Step {
    case waiting
    case connected
    case failed(TLSFailure)
  }

  /// What came of reading.
  enum Reading: Equatable {
    /// Bytes were handed out; there may be more.
    case data
    case nothing
    case closed
    case failed(TLSFailure)
  }

  /// Most bytes that are made into one record, and that are read at a time.
  static let blockBytes = 8192

  private let session: OpaquePointer
  /// What the session reads from for as long as it lives.
  private let credentials: TLSCredentials?
  /// What it reads from during the handshake: half a megabyte, if they are the system's.
  private var authorities: TLSAuthorities?

  /// The server's side; `nil` without memory.
  init?(_ credentials: TLSCredentials, using random: inout RandomSource) {
    let seed = random.bytes(Int(CTLS_SEED_LENGTH))
    guard let session = unsafe ctls_server_create(credentials.credentials, seed) else { return nil }
    unsafe self.session = session
    self.credentials = credentials
    authorities = nil
  }

  /// The client's side; `nil` without memory.
  init?(
    _ authorities: TLSAuthorities,
    server: TLSServerName,
    date: Int64,
    using random: inout RandomSource
  ) {
    let seed = random.bytes(Int(CTLS_SEED_LENGTH))
    var name = ""
    var address: [UInt8] = []
    switch server {
    case .name(let text): name = text
    case .address(let ip): address = ip.unmapped.bytes
    }
    let day = CalendarDate(date)
    let parts = [day.year, day.month, day.day, day.hour, day.minute, day.second].map {
      Int32(clamping: $0)
    }
    guard
      let session = unsafe ctls_client_create(
        authorities.authorities,
        seed,
        name,
        address,
        address.count,
        parts
      )
    else { return nil }
    unsafe self.session = session
    self.authorities = authorities
    credentials = nil
  }

  deinit {
    unsafe ctls_session_destroy(session)
  }

  /// How many bytes of the peer have not been looked at.
  var kept: Int { unsafe ctls_session_kept(session) }
  /// How many bytes wait to be sent.
  var waiting: Int { unsafe ctls_session_waiting(session) }
  /// mbedTLS's name of the protocol's version.
  var version: String { unsafe String(cString: ctls_session_version(session)) }
  /// mbedTLS's name of the cipher suite.
  var cipher: String? {
    guard let name = unsafe ctls_session_cipher(session) else { return nil }
    return unsafe String(cString: name)
  }

  /// Keeps what the peer has sent; `false` without memory.
  mutating func receive(_ bytes: Span<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBufferPointer {
      unsafe ctls_session_receive(session, $0.baseAddress, $0.count)
    }
  }

  /// Goes on with the handshake.
  mutating func step() -> Step {
    let status = unsafe ctls_session_step(session)
    switch status {
    case CTLS_WAITING: return .waiting
    case CTLS_CONNECTED:
      authorities = nil
      return .connected
    default: return .failed(failure(status))
    }
  }

  /// Reads one block of what has been decrypted.
  mutating func read(_ body: (Span<UInt8>) -> Void) -> Reading {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockBytes) { buffer in
      let status = unsafe ctls_session_read(session, buffer.baseAddress, buffer.count)
      switch status {
      case 1...:
        let read = UnsafeBufferPointer(buffer.extracting(0..<Int(status)))
        body(unsafe Span(_unsafeElements: read))
        return .data
      case CTLS_WAITING: return .nothing
      case CTLS_CLOSED: return .closed
      default: return .failed(failure(status))
      }
    }
  }

  /// Makes records of the bytes with which `fill` fills a buffer; answers how many that were, `nil` when
  /// that failed.
  mutating func write(_ fill: (inout OutputSpan<UInt8>) -> Void) -> Int? {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockBytes) { buffer in
      var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
      fill(&output)
      let count = unsafe output.finalize(for: buffer)
      guard count > 0 else { return 0 }
      return unsafe ctls_session_write(session, buffer.baseAddress, count) ? count : nil
    }
  }

  /// Queues the end of what is sent.
  mutating func close() {
    unsafe ctls_session_close(session)
  }

  /// Appends what is to be sent to `slot`; `false` when there was nothing.
  mutating func transmit(into slot: inout OutputSpan<UInt8>) -> Bool {
    unsafe slot.withUnsafeMutableBufferPointer { buffer, count in
      guard let start = buffer.baseAddress, buffer.count > count else { return false }
      let taken = unsafe ctls_session_take(session, start + count, buffer.count - count)
      count += taken
      return taken > 0
    }
  }

  private func failure(_ status: Int32) -> TLSFailure {
    switch status {
    case CTLS_ALERT: return .alert(TLSAlert(unsafe ctls_session_alert(session)))
    case CTLS_NOTHING_IN_COMMON: return .nothingInCommon
    case CTLS_UNTRUSTED:
      return .untrusted(TLSCertificateFaults(rawValue: unsafe ctls_session_faults(session)))
    case CTLS_CLOSED: return .closed
    default: return .broken(code: status)
    }
  }
}
