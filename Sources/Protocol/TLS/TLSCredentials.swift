// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS
internal import Wire

/// A server's certificate, with those that lead from it to an authority, and its private key.
///
/// Sessions share it. It never changes once made, and the C object under it is only read afterwards, so it
/// may be used from several threads at once.
@safe public final class TLSCredentials: Sendable {
  nonisolated(unsafe) let credentials: OpaquePointer

  /// Reads a chain of certificates, the server's own first, and its key; each PEM or DER.
  ///
  /// Takes a public-key operation's time. Throws why they are refused.
  public init(certificate: [UInt8], privateKey: [UInt8]) throws(TLSCredentialsError) {
    var random = RandomSource.system
    var status: Int32 = 0
    let credentials = unsafe ctls_credentials_load(
      certificate,
      certificate.count,
      privateKey,
      privateKey.count,
      random.bytes(Int(CTLS_SEED_LENGTH)),
      &status
    )
    guard let credentials = unsafe credentials else {
      switch status {
      case CTLS_BAD_CERTIFICATE: throw .certificateUnreadable
      case CTLS_BAD_KEY: throw .keyUnreadable
      case CTLS_ENCRYPTED_KEY: throw .keyEncrypted
      case CTLS_NO_PAIR: throw .noPair
      default: throw .outOfMemory
      }
    }
    unsafe self.credentials = credentials
  }

  deinit {
    unsafe ctls_credentials_free(credentials)
  }
}

/// Why a certificate and its key are refused.
public enum TLSCredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no memory for them.
  case outOfMemory
  /// One of the certificates is damaged, or none.
  case certificateUnreadable
  /// The key is damaged, or none.
  case keyUnreadable
  /// The key needs a password.
  case keyEncrypted
  /// The key is not that of the first certificate.
  case noPair

  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .outOfMemory: "there is no memory for the certificate"
    case .certificateUnreadable:
      "the certificate cannot be read: a PEM file with the server's own certificate first is wanted"
    case .keyUnreadable:
      "the private key cannot be read: a PEM file with an ECDSA or RSA key is wanted"
    case .keyEncrypted: "the private key needs a password: store it without one"
    case .noPair:
      "the private key is not that of the first certificate in the file: put the server's own first"
    }
  }
}
