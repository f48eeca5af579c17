// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Wire

/// How much somebody may do; each level includes those below.
public enum AccessLevel: String, Hashable, Sendable, Comparable, CaseIterable {
  /// Nothing but `/health`.
  case none
  /// Watch, and read what is measured.
  case view
  /// Make the board do something.
  case control

  /// Whether `rhs` may do more.
  public static func < (lhs: AccessLevel, rhs: AccessLevel) -> Bool {
    switch (lhs, rhs) {
    case (.none, .view), (.none, .control), (.view, .control): true
    default: false
    }
  }
}

/// Who may do what: the access tokens as they travel in requests.
///
/// There are two: one to watch, and one that opens all that the first one does and lets control too.
public struct Access: Sendable {
  /// The cookie that the token is kept in.
  static let cookie = "porthole"
  /// The cookie that it is kept in by HTTPS.
  ///
  /// The name is another one because browsers let no page by HTTP overwrite a cookie that is marked
  /// `Secure`; this prefix says that no such page has set it (RFC 6265bis section 4.1.3.2).
  static let secureCookie = "__Host-porthole"

  private let token: [UInt8]?
  private let controlToken: [UInt8]?

  /// Asks viewers for `token`, or for none at all when it is `nil`.
  ///
  /// Without a `controlToken`, nobody may control where viewers are asked for a token, and everybody
  /// where they are not.
  public init(token: String?, controlToken: String? = nil) {
    self.token = token.map { Array($0.utf8) }
    self.controlToken = controlToken.map { Array($0.utf8) }
  }

  /// Why a request is refused.
  enum Refusal: Hashable {
    case missing
    case wrong

    var sentence: String {
      switch self {
      case .missing:
        "The access token is missing: send it as \"Authorization: Bearer TOKEN\", or open the "
          + "address that Porthole printed when it started."
      case .wrong:
        "The access token is wrong: open the address that Porthole printed when it started."
      }
    }
  }

  /// What `request` may do, by the token in its Authorization header, else in its cookie.
  ///
  /// A wrong token takes nothing away from what is open to everybody.
  func level(of request: HTTPRequest) -> AccessLevel {
    guard let given = credential(of: request) else { return openLevel }
    return level(of: given)
  }

  /// Why `request` may do nothing; `nil` when it may at least watch.
  func refusal(of request: HTTPRequest) -> Refusal? {
    guard level(of: request) == .none else { return nil }
    return credential(of: request) == nil ? .missing : .wrong
  }

  /// What the token `text` opens, found in a time that tells nothing of where it differs from either.
  func level(of text: String) -> AccessLevel {
    let given = Array(text.utf8)
    // Both are compared in any case.
    let controls = controlToken.map { Text.isEqualInConstantTime(given, $0) } ?? false
    let views = token.map { Text.isEqualInConstantTime(given, $0) } ?? false
    return max(openLevel, controls ? .control : views ? .view : .none)
  }

  /// Whether `text` is one of the tokens, and worth keeping.
  func isToken(_ text: String) -> Bool { level(of: text) > openLevel }

  /// What everybody may do who brings no token.
  private var openLevel: AccessLevel {
    guard token == nil else { return .none }
    return controlToken == nil ? .control : .view
  }

  /// What a request brings: its header; by HTTPS the cookie of HTTPS, if that opens anything; the cookie
  /// of HTTP.
  private func credential(of request: HTTPRequest) -> String? {
    if let bearer = Self.bearer(request) { return bearer }
    let plain = request.cookie(Self.cookie)
    guard request.isSecure, let kept = request.cookie(Self.secureCookie) else { return plain }
    return plain == nil || isToken(kept) ? kept : plain
  }

  /// The header field that lets the browser keep `token`.
  static func keeping(_ token: String, isSecure: Bool) -> String {
    "\(isSecure ? secureCookie : cookie)=\(token); Path=/; \(isSecure ? "Secure; " : "")"
      + "HttpOnly; SameSite=Strict; Max-Age=31536000"
  }

  private static func bearer(_ request: HTTPRequest) -> String? {
    guard let value = request.headers["Authorization"] else { return nil }
    let bytes = Array(value.utf8)
    guard bytes.count > 7, String(decoding: bytes[..<7], as: UTF8.self).lowercased() == "bearer "
    else { return nil }
    return String(decoding: bytes[7...], as: UTF8.self)
  }
}
