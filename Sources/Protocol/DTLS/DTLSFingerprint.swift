// SPDX-License-Identifier: Apache-2.0
private import Wire

/// The digest of a certificate as `a=fingerprint` carries it (RFC 8122 section 5).
public struct DTLSFingerprint: Hashable, Sendable {
  /// The hash function in lower case, such as `sha-256`.
  public var algorithm: String
  /// The digest.
  public var digest: [UInt8]

  /// Creates a fingerprint; `algorithm` in lower case.
  public init(algorithm: String, digest: [UInt8]) {
    self.algorithm = algorithm
    self.digest = digest
  }

  /// Parses `sha-256 AA:BB:…` in any case; `nil` for anything else.
  ///
  /// A hash function that is not known is kept, so that the others of a description can still serve.
  /// At most 64 bytes of digest.
  public init?(parsing text: some StringProtocol) {
    let letters = Array(text.utf8)
    guard letters.count <= 256, let space = letters.firstIndex(of: UInt8(ascii: " ")), space > 0
    else { return nil }
    let algorithm = letters[..<space]
    guard algorithm.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    let pairs = letters[(space + 1)...]
      .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var digest: [UInt8] = []
    for pair in pairs {
      guard pair.count == 2, let byte = Text.bytes(hex: String(decoding: pair, as: UTF8.self))
      else { return nil }
      digest += byte
    }
    self.algorithm = String(decoding: algorithm, as: UTF8.self).lowercased()
    self.digest = digest
    guard (1...64).contains(digest.count), strength != 0 || !Self.isSecure(self.algorithm) else {
      return nil
    }
  }

  /// 0 for a hash function that proves nothing (SHA-1, MD5, unknown ones), else the digest's bits.
  var strength: Int {
    Self.isSecure(algorithm) && Self.digestLength(algorithm) == digest.count ? digest.count * 8 : 0
  }

  /// Those of the strongest hash function that is secure (RFC 8122 section 5); one of them must match.
  static func strongest(of fingerprints: [DTLSFingerprint]) -> [DTLSFingerprint] {
    let best = fingerprints.map(\.strength).max() ?? 0
    return best == 0 ? [] : fingerprints.filter { $0.strength == best }
  }

  private static func isSecure(_ algorithm: String) -> Bool { digestLength(algorithm) != nil }

  private static func digestLength(_ algorithm: String) -> Int? {
    switch algorithm {
    case "sha-256": 32
    case "sha-384": 48
    case "sha-512": 64
    default: nil
    }
  }
}

extension DTLSFingerprint: CustomStringConvertible {
  /// The text behind `a=fingerprint:`, digest in upper case.
  public var description: String {
    algorithm + " " + Text.hex(digest, separator: ":").uppercased()
  }
}
