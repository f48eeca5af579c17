// SPDX-License-Identifier: Apache-2.0

/// A master key and salt for one direction (RFC 3711 section 3.2.1), as DTLS exports them.
public struct SRTPKeyingMaterial: Sendable {
  /// The master key, 16 bytes.
  public var masterKey: [UInt8]
  /// The master salt, 14 bytes.
  public var masterSalt: [UInt8]

  /// Creates the pair of `masterKey` (16 bytes) and `masterSalt` (14 bytes).
  public init(masterKey: [UInt8], masterSalt: [UInt8]) {
    self.masterKey = masterKey
    self.masterSalt = masterSalt
  }

  /// Key then salt: 30 bytes.
  func bytes() throws(SRTPError) -> [UInt8] {
    guard masterKey.count == 16, masterSalt.count == 14 else { throw .keyLength }
    return masterKey + masterSalt
  }
}

/// Why SRTP could not be set up.
public enum SRTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The master key is not 16 bytes or the salt not 14.
  case keyLength
  /// There is no memory for the session.
  case outOfMemory

  /// One sentence: what is wrong.
  public var description: String {
    switch self {
    case .keyLength: "SRTP needs a master key of 16 bytes and a master salt of 14 bytes"
    case .outOfMemory: "there is no memory for an SRTP session"
    }
  }
}
