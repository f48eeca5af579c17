// SPDX-License-Identifier: Apache-2.0

/// Why a session has ended without being closed.
public enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What came first is no ClientHello.
  case notTLS
  /// The ClientHello or the rest of the handshake took too long.
  case timeout
  /// The peer sent more than may wait.
  case flood
  /// The peer ended the session, and said why.
  case alert(TLSAlert)
  /// The peer ended the handshake without saying why.
  case closed
  /// Neither version nor cipher suite in common.
  case nothingInCommon
  /// The server's certificate is not believed.
  case untrusted(TLSCertificateFaults)
  /// There is no memory for a session.
  case outOfMemory
  /// The peer broke a rule, or somebody changed its bytes; with mbedTLS's number.
  case broken(code: Int32)

  /// One sentence: what is wrong.
  public var description: String {
    switch self {
    case .notTLS: "what was sent is not TLS"
    case .timeout: "the TLS handshake took too long"
    case .flood: "more was sent than is taken at a time"
    case .alert(let alert): "the other side ended the TLS connection: \(alert)"
    case .closed: "the other side ended the TLS handshake without saying why"
    case .nothingInCommon:
      "both sides know no version and cipher suite of TLS in common: 1.2 with ECDHE and AES-GCM or "
        + "ChaCha20 is the least that is spoken here"
    case .untrusted(let faults): "the certificate of the other side is not believed: \(faults)"
    case .outOfMemory: "there is no memory for TLS"
    case .broken(let code):
      "what was sent breaks the rules of TLS (mbedTLS -0x\(String(-Int(code), radix: 16)))"
    }
  }
}

/// What is wrong with a server's certificate.
public struct TLSCertificateFaults: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// The bits.
  public let rawValue: UInt32

  /// Creates a set.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// It was valid once.
  public static let expired = TLSCertificateFaults(rawValue: 1)
  /// It will be valid.
  public static let notYetValid = TLSCertificateFaults(rawValue: 2)
  /// It is for another name or address.
  public static let otherName = TLSCertificateFaults(rawValue: 4)
  /// No authority that is believed has signed it.
  public static let unknownAuthority = TLSCertificateFaults(rawValue: 8)
  /// Its key, its signature or its use is not as it must be.
  public static let other = TLSCertificateFaults(rawValue: 16)
  /// Its authority is held to other names and addresses.
  public static let notPermitted = TLSCertificateFaults(rawValue: 32)

  /// What is wrong, in words.
  public var description: String {
    let words: [(TLSCertificateFaults, String)] = [
      (.expired, "it has expired, by the date of this machine"),
      (.notYetValid, "it is not valid yet, by the date of this machine"),
      (.otherName, "it is for another name or address"),
      (.unknownAuthority, "it is signed by nobody who is believed here"),
      (.other, "its key, signature or use is not as it must be"),
      (.notPermitted, "its authority may sign for other names and addresses only"),
    ]
    return words.filter { contains($0.0) }.map(\.1).joined(separator: "; ")
  }
}

/// The description of an alert (RFC 8446 section 6).
public struct TLSAlert: Hashable, Sendable, CustomStringConvertible {
  /// The number.
  public let code: UInt8

  /// Creates the alert with a number.
  public init(_ code: UInt8) {
    self.code = code
  }

  /// The name in the RFC, and the number.
  public var description: String {
    let name =
      switch code {
      case 10: "unexpected_message"
      case 20: "bad_record_mac"
      case 22: "record_overflow"
      case 40: "handshake_failure"
      case 42: "bad_certificate"
      case 43: "unsupported_certificate"
      case 44: "certificate_revoked"
      case 45: "certificate_expired"
      case 46: "certificate_unknown"
      case 47: "illegal_parameter"
      case 48: "unknown_ca"
      case 49: "access_denied"
      case 50: "decode_error"
      case 51: "decrypt_error"
      case 70: "protocol_version"
      case 71: "insufficient_security"
      case 80: "internal_error"
      case 86: "inappropriate_fallback"
      case 90: "user_canceled"
      case 109: "missing_extension"
      case 110: "unsupported_extension"
      case 112: "unrecognized_name"
      case 120: "no_application_protocol"
      default: "an unknown alert"
      }
    return "\(name) (\(code))"
  }
}
