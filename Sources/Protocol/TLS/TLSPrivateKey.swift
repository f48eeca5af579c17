// SPDX-License-Identifier: Apache-2.0
private import CMbedTLS
internal import Wire

/// A private key on P-256 that signs certificates.
///
/// Every use takes a public-key operation's time.
@safe struct TLSPrivateKey: Sendable {
  /// The key, DER (RFC 5915).
  let bytes: [UInt8]

  /// Takes a key as `bytes` gave it.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Makes a key; `nil` without memory.
  init?(using random: inout RandomSource) {
    let seed = random.bytes(Int(CTLS_SEED_LENGTH))
    bytes = unsafe Self.filled { unsafe ctls_key_make(seed, $0, $1) }
    guard !bytes.isEmpty else { return nil }
  }

  /// The public key as SubjectPublicKeyInfo, DER; empty when the private one cannot be read.
  func publicKey(using random: inout RandomSource) -> [UInt8] {
    let seed = random.bytes(Int(CTLS_SEED_LENGTH))
    return unsafe Self.filled { unsafe ctls_key_public(bytes, bytes.count, seed, $0, $1) }
  }

  /// ecdsa-with-SHA256 of `message`, DER; empty when the key cannot be read.
  func sign(_ message: [UInt8], using random: inout RandomSource) -> [UInt8] {
    let seed = random.bytes(Int(CTLS_SEED_LENGTH))
    return unsafe Self.filled {
      unsafe ctls_key_sign(bytes, bytes.count, message, message.count, seed, $0, $1)
    }
  }

  private static func filled(_ body: (UnsafeMutablePointer<UInt8>, Int) -> Int) -> [UInt8] {
    let capacity = 2048
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      count = unsafe body(start, capacity)
    }
  }
}
