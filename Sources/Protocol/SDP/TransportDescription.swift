// SPDX-License-Identifier: Apache-2.0

/// Who speaks first in DTLS (RFC 4145 section 4, RFC 5763 section 5).
public enum SetupRole: String, Hashable, Sendable, CaseIterable {
  /// The DTLS client.
  case active
  /// The DTLS server.
  case passive
  /// Either; only in an offer.
  case actpass
  /// Not now.
  case holdconn
}

/// Which way media flows, seen from whoever wrote the description (RFC 8866 section 6.7).
public enum MediaDirection: String, Hashable, Sendable, CaseIterable {
  /// Both ways.
  case sendrecv
  /// The writer sends.
  case sendonly
  /// The writer receives.
  case recvonly
  /// Neither way.
  case inactive

  /// Whether the writer sends.
  public var sends: Bool { self == .sendrecv || self == .sendonly }

  /// Whether the writer receives.
  public var receives: Bool { self == .sendrecv || self == .recvonly }

  /// The direction of one who sends when `sends` and receives when `receives`.
  public init(sends: Bool, receives: Bool) {
    self =
      switch (sends, receives) {
      case (true, true): .sendrecv
      case (true, false): .sendonly
      case (false, true): .recvonly
      case (false, false): .inactive
      }
  }

  /// The same flow seen from the other side.
  public var reversed: MediaDirection {
    MediaDirection(sends: receives, receives: sends)
  }
}

/// The attributes of ICE and DTLS that stand at session level, in an m-section, or in both.
public struct TransportDescription: Hashable, Sendable {
  /// `a=ice-ufrag` (RFC 8839 section 5.4): 4 to 256 characters.
  public var usernameFragment: String?
  /// `a=ice-pwd` (RFC 8839 section 5.4): 22 to 256 characters.
  public var password: String?
  /// The words of `a=ice-options`, such as `trickle`.
  public var iceOptions: [String] = []
  /// Values of `a=fingerprint` (RFC 8122 section 5) as written: `sha-256 AA:BB:…`, either case.
  public var fingerprints: [String] = []
  /// `a=setup`.
  public var setup: SetupRole?

  /// Creates an empty description.
  public init() {}

  /// Takes the attribute when it is one of a transport's; `false` when it is not.
  mutating func take(
    _ name: String,
    _ value: SDPText?,
    _ line: SDPLine
  ) throws(SDPError) -> Bool {
    switch name {
    case "ice-ufrag":
      usernameFragment = try Self.credential(value, 4...256, line)
    case "ice-pwd":
      password = try Self.credential(value, 22...256, line)
    case "ice-options":
      iceOptions += (value ?? []).words.map(\.string)
    case "fingerprint":
      let words = (value ?? []).words
      guard words.count == 2, words[0].isToken, words[1].isColonHex else {
        throw line.error("a=fingerprint is not a hash name and pairs of hexadecimal digits")
      }
      fingerprints.append("\(words[0].string) \(words[1].string)")
    case "setup":
      guard let role = SetupRole(rawValue: (value ?? []).trimmed.string) else {
        throw line.error("a=setup is none of active, passive, actpass, holdconn")
      }
      setup = role
    default:
      return false
    }
    return true
  }

  private static func credential(
    _ value: SDPText?,
    _ length: ClosedRange<Int>,
    _ line: SDPLine
  ) throws(SDPError) -> String {
    let text = (value ?? []).trimmed
    guard length.contains(text.count), text.isVisible, !text.contains(UInt8(ascii: ":")) else {
      throw line.error(
        "an ICE credential is not \(length.lowerBound) to \(length.upperBound) plain characters"
      )
    }
    return text.string
  }

  /// Appends the attributes to `writer`.
  func write(to writer: inout SDPWriter) {
    writer.attribute("ice-ufrag", usernameFragment)
    writer.attribute("ice-pwd", password)
    if !iceOptions.isEmpty {
      writer.attribute("ice-options", iceOptions.joined(separator: " "))
    }
    for fingerprint in fingerprints { writer.attribute("fingerprint", fingerprint) }
    writer.attribute("setup", setup?.rawValue)
  }

  /// This description, with what it lacks taken from `session`.
  func completed(by session: TransportDescription) -> TransportDescription {
    var result = self
    if usernameFragment == nil, password == nil {
      result.usernameFragment = session.usernameFragment
      result.password = session.password
    }
    if iceOptions.isEmpty { result.iceOptions = session.iceOptions }
    if fingerprints.isEmpty { result.fingerprints = session.fingerprints }
    result.setup = setup ?? session.setup
    return result
  }
}
