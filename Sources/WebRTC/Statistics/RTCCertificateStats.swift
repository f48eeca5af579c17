// SPDX-License-Identifier: Apache-2.0

/// A certificate (W3C webrtc-stats section 8.14).
public struct RTCCertificateStats: RTCStats {
  /// A name for the object that stays while the connection lives.
  public let id: String
  /// When the numbers were taken, in milliseconds since 1970.
  public let timestamp: Double
  /// Always `certificate`.
  public var type: RTCStatsType { .certificate }
  /// Its digest: bytes in upper-case hexadecimal with colons.
  public internal(set) var fingerprint: String
  /// The hash function of the digest, such as `sha-256`.
  public internal(set) var fingerprintAlgorithm: String
  /// The certificate, DER in Base64.
  public internal(set) var base64Certificate: String
}
