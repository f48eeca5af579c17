// SPDX-License-Identifier: Apache-2.0

/// What a session has to tell.
public enum DTLSEvent: Sendable {
  /// The peer is the one of its description; these are the keys for SRTP.
  case connected(DTLSKeys)
  /// Application data: one record.
  case received([UInt8])
  /// The peer has closed the session.
  case closed
  /// The session has ended and will not recover.
  case failed(DTLSFailure)
}

/// The SRTP master keys and salts of both directions (RFC 5764 section 4.2).
public struct DTLSKeys: Hashable, Sendable {
  /// The master key of what the DTLS client sends, 16 bytes.
  public var clientKey: [UInt8]
  /// The master key of what the DTLS server sends, 16 bytes.
  public var serverKey: [UInt8]
  /// The master salt of what the DTLS client sends, 14 bytes.
  public var clientSalt: [UInt8]
  /// The master salt of what the DTLS server sends, 14 bytes.
  public var serverSalt: [UInt8]

  /// Takes the 60 exported bytes apart.
  init(exported bytes: [UInt8]) {
    clientKey = [UInt8](bytes[0..<16])
    serverKey = [UInt8](bytes[16..<32])
    clientSalt = [UInt8](bytes[32..<46])
    serverSalt = [UInt8](bytes[46..<60])
  }
}

/// How far a session is.
public enum DTLSState: Hashable, Sendable {
  /// Nothing was sent or accepted.
  case new
  /// The handshake is under way.
  case handshaking
  /// Keys were given out; application data flows.
  case connected
  /// Ended without recovery.
  case failed
  /// Closed by either side.
  case closed
}

/// What a session has counted.
public struct DTLSStatistics: Hashable, Sendable {
  /// Datagrams given to `receive`.
  public var datagramsReceived: UInt64 = 0
  /// Datagrams handed out by `nextTransmit`.
  public var datagramsSent: UInt64 = 0
  /// Records dropped because they are malformed or out of place.
  public var malformed: UInt64 = 0
  /// Alerts in clear text that were ignored: anybody can write them.
  public var ignoredAlerts: UInt64 = 0
  /// Fresh starts of the handshake after something broke it.
  public var restarts: UInt64 = 0
  /// Application data dropped because nobody fetched the events.
  public var dropped: UInt64 = 0

  /// Creates counters at zero.
  public init() {}
}
