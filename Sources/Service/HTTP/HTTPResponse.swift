// SPDX-License-Identifier: Apache-2.0

/// An answer.
///
/// The body is an array that many answers may share: it is never copied as a whole.
public struct HTTPResponse: Hashable, Sendable {
  /// The status code, 200 to 999; 101 only for `HTTPConnection.upgrade(_:at:)`.
  public var status: Int
  /// The fields; `Content-Length`, `Transfer-Encoding` and `Connection` are the connection's own
  /// (of `Connection`, only `close` is taken as a wish).
  public var headers: HTTPHeaders
  /// The body; not sent with 204 and 304 and to HEAD.
  public var body: [UInt8]

  /// Creates an answer.
  public init(_ status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Creates an answer whose body is `text`, one sentence for a person.
  public init(_ status: Int, text: String, headers: HTTPHeaders = HTTPHeaders()) {
    var headers = headers
    if headers["Content-Type"] == nil {
      headers.append("Content-Type", "text/plain; charset=utf-8")
    }
    self.init(status, headers: headers, body: Array((text + "\n").utf8))
  }

  /// The reason phrase of `status` (RFC 9110 section 15); empty for an unknown one.
  public static func reason(of status: Int) -> String {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 428: "Precondition Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }

  /// Status line and fields, with the connection's own fields.
  func head(isClosing: Bool, isOldVersion: Bool) -> [UInt8] {
    var result = Array("HTTP/1.1 \(min(max(status, 200), 999)) \(Self.reason(of: status))\r\n".utf8)
    for field in headers.fields where !Self.isConnections(field.name) {
      Self.append(field, to: &result)
    }
    if hasBody { Self.append(.init("Content-Length", "\(body.count)"), to: &result) }
    var options = isClosing ? ["close"] : isOldVersion ? ["keep-alive"] : []
    if headers["Upgrade"] != nil { options.append("Upgrade") }
    if !options.isEmpty {
      Self.append(.init("Connection", options.joined(separator: ", ")), to: &result)
    }
    result += "\r\n".utf8
    return result
  }

  /// Status line and fields of the answer that ends HTTP on a connection (RFC 9110 section 15.2.2).
  var switchingHead: [UInt8] {
    var result = Array("HTTP/1.1 101 \(Self.reason(of: 101))\r\nConnection: Upgrade\r\n".utf8)
    for field in headers.fields where !Self.isConnections(field.name) {
      Self.append(field, to: &result)
    }
    result += "\r\n".utf8
    return result
  }

  /// Whether this status may have a body at all (RFC 9112 section 6.3).
  var hasBody: Bool { status != 204 && status != 304 }

  /// Whether the application wants the connection closed.
  var wantsClose: Bool { headers.list(of: "Connection", has: "close") }

  private static func isConnections(_ name: String) -> Bool {
    ["content-length", "transfer-encoding", "connection"].contains { HTTPHeaders.isSame(name, $0) }
  }

  /// Appends a field line.
  ///
  /// A name that is no token is left out with its value, and controls in a value become blanks, so
  /// that no value can smuggle a line.
  static func append(_ field: HTTPHeaders.Field, to result: inout [UInt8]) {
    let name = Array(field.name.utf8)
    guard name[...].isToken else { return }
    result += name
    result += ": ".utf8
    result += field.value.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    result += "\r\n".utf8
  }
}
