// SPDX-License-Identifier: Apache-2.0
public import Wire

/// One agent's user name fragment and password for one generation of ICE (RFC 8445 section 5.3).
public struct ICECredentials: Hashable, Sendable {
  /// Names the agent: 4…256 characters of `A-Z a-z 0-9 + /`.
  public var usernameFragment: String
  /// Authenticates checks sent to the agent: 22…256 characters of the same alphabet.
  public var password: String

  /// Creates credentials as signalling told them.
  public init(usernameFragment: String, password: String) {
    self.usernameFragment = usernameFragment
    self.password = password
  }

  /// Draws new credentials: a fragment of 48 bits and a password of 144 bits.
  ///
  /// The standard asks for 24 and 128 bits. The fragment is longer because it also tells apart all
  /// viewers that share one UDP port.
  public static func random(using random: inout RandomSource) -> ICECredentials {
    ICECredentials(
      usernameFragment: random.text(8, of: alphabet),
      password: random.text(24, of: alphabet)
    )
  }

  /// Whether both parts have a length and an alphabet that the standard allows.
  public var isWellFormed: Bool {
    let fragment = usernameFragment.utf8
    let secret = password.utf8
    return (4...256).contains(fragment.count) && (22...256).contains(secret.count)
      && fragment.allSatisfy(Self.isLetter) && secret.allSatisfy(Self.isLetter)
  }

  private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// Whether `byte` is an "ice-char" (RFC 8839 section 5.1).
  static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default:
      false
    }
  }
}
