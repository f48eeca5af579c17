// SPDX-License-Identifier: Apache-2.0

/// Why an identity or a session could not be made.
public enum DTLSError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no memory for it.
  case outOfMemory
  /// The certificate and the private key are damaged, no pair, or not on P-256.
  case identityRefused

  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .outOfMemory:
      "there is no memory for DTLS"
    case .identityRefused:
      "the stored DTLS certificate and key are not a pair on P-256: delete them to have new ones made"
    }
  }
}

/// Why a session has ended without being closed; no key was ever given out, or none is valid any more.
public enum DTLSFailure: Hashable, Sendable, CustomStringConvertible {
  /// The peer proved no certificate at all.
  case certificateMissing
  /// The peer's certificate is not the one of its description.
  case fingerprintMismatch
  /// The description held no fingerprint by SHA-256 or stronger.
  case fingerprintUnusable
  /// The peer does not speak SRTP_AES128_CM_HMAC_SHA1_80 over DTLS.
  case profileMissing
  /// The handshake broke more often than the limit allows.
  case handshakeBroken
  /// The handshake took too long; with the last alert that was ignored, which may say why.
  case timeout(ignoredAlert: UInt8?)

  /// One sentence: what is wrong.
  public var description: String {
    switch self {
    case .certificateMissing: "the peer showed no certificate"
    case .fingerprintMismatch: "the peer's certificate does not match its fingerprint"
    case .fingerprintUnusable: "the peer gave no fingerprint by SHA-256 or stronger"
    case .profileMissing: "the peer does not support SRTP with AES128_CM_HMAC_SHA1_80"
    case .handshakeBroken: "the DTLS handshake broke too often"
    case .timeout(nil): "the DTLS handshake took too long"
    case .timeout(let alert?): "the DTLS handshake took too long; the peer sent alert \(alert)"
    }
  }
}
