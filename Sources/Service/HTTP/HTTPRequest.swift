// SPDX-License-Identifier: Apache-2.0

/// A request, checked and decoded.
public struct HTTPRequest: Hashable, Sendable {
  /// One `name=value` of a query or of a cookie.
  public struct Parameter: Hashable, Sendable {
    /// The name, decoded.
    public var name: String
    /// The value, decoded; empty without `=`.
    public var value: String

    /// Creates the parameter `name`.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` or `OPTIONS`: others are answered with 501.
  public var method: String
  /// The target as it was sent.
  public var target: String
  /// The path, percent-decoded: it begins with `/` (or is `*`, for OPTIONS) and has no empty segment
  /// but the last, no `.` or `..` segment, no backslash, no control and no encoded slash.
  public var path: String
  /// The query, split at `&` and decoded, `+` as a blank.
  public var query: [Parameter]
  /// The minor version: 1 in `HTTP/1.1`.
  public var minorVersion: Int
  /// The fields.
  public var headers: HTTPHeaders
  /// Whom the request is for, by an absolute target or else by `Host`; `nil` only in HTTP/1.0.
  public var authority: HTTPAuthority?
  /// The body, without its chunks.
  public var body: [UInt8]
  /// Whether it came by TLS; whoever has the connection sets this.
  public var isSecure = false

  /// Creates a request, as the connection does from what it reads.
  public init(
    method: String,
    target: String,
    path: String,
    query: [Parameter] = [],
    minorVersion: Int = 1,
    headers: HTTPHeaders = HTTPHeaders(),
    authority: HTTPAuthority? = nil,
    body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.path = path
    self.query = query
    self.minorVersion = minorVersion
    self.headers = headers
    self.authority = authority
    self.body = body
  }

  /// The first value of `name` in the query.
  public func query(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The cookies (RFC 6265 section 5.4), in order; quotation marks around a value are left out.
  public var cookies: [Parameter] {
    headers.values(of: "Cookie").flatMap { value in
      Array(value.utf8).split(separator: UInt8(ascii: ";")).compactMap { pair in
        let (name, value) = pair.trimmed.cut(at: UInt8(ascii: "="))
        guard name.trimmed.isToken, var value = value?.trimmed else { return nil }
        let quote = UInt8(ascii: "\"")
        if value.count >= 2, value.first == quote, value.last == quote {
          value = value.dropFirst().dropLast()
        }
        return Parameter(name.trimmed.string, value.string)
      }
    }
  }

  /// The first cookie called `name`.
  public func cookie(_ name: String) -> String? {
    cookies.first { $0.name == name }?.value
  }

  /// The media type of the body in lower case, without parameters.
  public var contentType: String? {
    guard let value = headers["Content-Type"] else { return nil }
    let type = Array(value.utf8)[...].cut(at: UInt8(ascii: ";")).head.trimmed
    return String(decoding: type.map(\.lower), as: UTF8.self)
  }
}
