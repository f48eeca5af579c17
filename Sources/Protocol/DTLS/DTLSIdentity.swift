// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS
public import Wire

/// A certificate and its private key (ECDSA on P-256), with which sessions identify themselves.
///
/// The one reference type here: sessions share it. It never changes once made, and the C object under it
/// is only read afterwards, so it may be used from several threads at once.
@safe public final class DTLSIdentity: Sendable {
  /// The certificate, DER.
  public let certificate: [UInt8]
  /// The private key, DER (RFC 5915); keep it where only this program can read it.
  public let privateKey: [UInt8]
  /// The SHA-256 digest of the certificate, for the session description.
  public let fingerprint: DTLSFingerprint
  nonisolated(unsafe) let identity: OpaquePointer

  private init(owning identity: OpaquePointer) throws(DTLSError) {
    unsafe self.identity = identity
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = unsafe cdtls_identity_certificate(identity, &bytes, bytes.count)
    certificate = [UInt8](bytes.prefix(count))
    count = unsafe cdtls_identity_private_key(identity, &bytes, bytes.count)
    privateKey = [UInt8](bytes.prefix(count))
    fingerprint = DTLSFingerprint(algorithm: "sha-256", digest: Hash.sha256(certificate))
    guard !certificate.isEmpty, !privateKey.isEmpty else { throw .identityRefused }
  }

  deinit {
    unsafe cdtls_identity_free(identity)
  }

  /// Makes a key and a certificate signed by itself, valid from 2000 to 2049.
  ///
  /// The dates are fixed because a device without a battery does not know the date, and because only
  /// the fingerprint is compared (RFC 8827 section 6.5). Takes a public-key operation's time.
  public static func make(
    using random: inout RandomSource
  ) throws(DTLSError) -> DTLSIdentity {
    let seed = random.bytes(Int(CDTLS_SEED_LENGTH))
    guard let identity = unsafe cdtls_identity_make(seed, random.bytes(16)) else {
      throw .outOfMemory
    }
    return unsafe try DTLSIdentity(owning: identity)
  }

  /// Takes a certificate and its key as `certificate` and `privateKey` gave them, both DER.
  ///
  /// Throws `DTLSError.identityRefused` unless they are a pair on P-256.
  public convenience init(certificate: [UInt8], privateKey: [UInt8]) throws(DTLSError) {
    var random = RandomSource.system
    let seed = random.bytes(Int(CDTLS_SEED_LENGTH))
    guard
      let identity = unsafe cdtls_identity_load(
        certificate,
        certificate.count,
        privateKey,
        privateKey.count,
        seed
      )
    else { throw .identityRefused }
    unsafe try self.init(owning: identity)
  }
}
