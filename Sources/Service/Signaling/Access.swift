// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Wire

/// Who may do what: the access token as it travels in requests.
public struct Access: Sendable {
  /// The cookie that the token is kept in.
  static let cookie = "porthole"

  private let token: [UInt8]?

  /// Asks for `token`, or for none at all when it is `nil`.
  public init(token: String?) {
    self.token = token.map { Array($0.utf8) }
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

  /// Whether `request` carries the token, in its Authorization header or its cookie.
  func refusal(of request: HTTPRequest) -> Refusal? {
    guard let token else { return nil }
    guard let given = Self.bearer(request) ?? request.cookie(Self.cookie) else {
      return .missing
    }
    return Text.isEqualInConstantTime(Array(given.utf8), token) ? nil : .wrong
  }

  /// Whether a token is asked for at all.
  var asksForToken: Bool { token != nil }

  /// Whether `text`, from the page's address, is the token.
  func admits(_ text: String) -> Bool {
    guard let token else { return true }
    return Text.isEqualInConstantTime(Array(text.utf8), token)
  }

  private static func bearer(_ request: HTTPRequest) -> String? {
    guard let value = request.headers["Authorization"] else { return nil }
    let bytes = Array(value.utf8)
    guard bytes.count > 7, String(decoding: bytes[..<7], as: UTF8.self).lowercased() == "bearer "
    else { return nil }
    return String(decoding: bytes[7...], as: UTF8.self)
  }
}
