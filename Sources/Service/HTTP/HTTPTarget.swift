// SPDX-License-Identifier: Apache-2.0

/// What a request line asks for (RFC 9112 section 3.2): `/path?query`, `http://host/path?query`, or
/// `*` with OPTIONS.
struct HTTPTarget {
  /// The path, decoded and checked.
  var path: String
  /// The query, split and decoded.
  var query: [HTTPRequest.Parameter]
  /// The authority of an absolute target.
  var authority: HTTPAuthority?

  init(_ text: HTTPText, method: String) throws(HTTPRefusal) {
    guard text.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
      throw HTTPRefusal(400, "The request target has a character that must be percent-encoded.")
    }
    if method == "OPTIONS", text.elementsEqual("*".utf8) {
      path = "*"
      query = []
      return
    }
    var rest = text
    if text.first != UInt8(ascii: "/") {
      (authority, rest) = try Self.absolute(text)
    }
    let (path, query) = rest.cut(at: UInt8(ascii: "?"))
    self.path = path.isEmpty && authority != nil ? "/" : try Self.path(path)
    self.query = try Self.query(query ?? [])
  }

  /// The authority of an absolute target, and what follows it.
  private static func absolute(
    _ text: HTTPText
  ) throws(HTTPRefusal) -> (HTTPAuthority, HTTPText) {
    let (scheme, rest) = text.cut(at: UInt8(ascii: ":"))
    let name = String(decoding: scheme.map(\.lower), as: UTF8.self)
    guard name == "http" || name == "https", let rest, rest.starts(with: "//".utf8) else {
      throw HTTPRefusal(400, "The request target does not begin with a slash.")
    }
    let body = rest.dropFirst(2)
    let end = body.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    guard let authority = HTTPAuthority(body[..<(end ?? body.endIndex)]) else {
      throw HTTPRefusal(400, "The request target has a host that cannot be read.")
    }
    return (authority, body[(end ?? body.endIndex)...])
  }

  /// Decodes a path and refuses every spelling that two readers could take for different places.
  private static func path(_ text: HTTPText) throws(HTTPRefusal) -> String {
    guard text.first == UInt8(ascii: "/") else {
      throw HTTPRefusal(400, "The request target does not begin with a slash.")
    }
    let segments = text.dropFirst().split(
      separator: UInt8(ascii: "/"),
      omittingEmptySubsequences: false
    )
    var result: [UInt8] = []
    for (index, segment) in segments.enumerated() {
      guard let decoded = segment.percentDecoded() else {
        throw HTTPRefusal(400, "The path has a % without two hexadecimal digits.")
      }
      guard !decoded.isEmpty || index == segments.count - 1 else {
        throw HTTPRefusal(400, "The path has two slashes in a row.")
      }
      guard !decoded.elementsEqual(".".utf8), !decoded.elementsEqual("..".utf8) else {
        throw HTTPRefusal(400, "The path has a . or .. segment.")
      }
      let isPlain = decoded.allSatisfy { byte in
        byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
      }
      guard isPlain else {
        throw HTTPRefusal(400, "The path has an encoded slash, a backslash or a control character.")
      }
      result.append(UInt8(ascii: "/"))
      result += decoded
    }
    guard let path = String(validating: result, as: UTF8.self) else {
      throw HTTPRefusal(400, "The path is not UTF-8.")
    }
    return path
  }

  private static func query(
    _ text: HTTPText
  ) throws(HTTPRefusal) -> [HTTPRequest.Parameter] {
    var result: [HTTPRequest.Parameter] = []
    for piece in text.split(separator: UInt8(ascii: "&")) {
      let (name, value) = piece.cut(at: UInt8(ascii: "="))
      guard let name = name.percentDecoded(plusIsBlank: true),
        let value = (value ?? []).percentDecoded(plusIsBlank: true)
      else { throw HTTPRefusal(400, "The query has a % without two hexadecimal digits.") }
      result.append(
        .init(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
      )
    }
    return result
  }
}
