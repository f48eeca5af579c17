// SPDX-License-Identifier: Apache-2.0

/// The address of a WebSocket, `ws://host[:port][/path][?query]` or `wss://…` (RFC 6455 section 3).
public struct WebSocketURL: Hashable, Sendable, CustomStringConvertible {
  /// Why a text is no such address, in a sentence that says what would be one.
  public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
  }

  /// Whether it is `wss:`, by TLS.
  public let isSecure: Bool
  /// The host, and the port where one is written.
  public var authority: HTTPAuthority
  /// The path as written, with a slash in front.
  public private(set) var path: String
  /// The members of the query as written.
  private var query: [String]

  /// Reads an address.
  ///
  /// - Throws: for another scheme, a user, a fragment (RFC 6455
  ///   section 3 forbids them), a host that cannot be read, or bytes that must be percent-encoded.
  public init(parsing text: String) throws(Fault) {
    let bytes = Array(text.utf8)[...]
    let (scheme, rest) = bytes.cut(at: UInt8(ascii: ":"))
    let name = String(decoding: scheme.map(\.lower), as: UTF8.self)
    guard let rest, rest.starts(with: "//".utf8), scheme.isToken else {
      throw Fault(
        description:
          "An address such as ws://192.0.2.7:8080/ws is wanted, not \"\(Self.shown(text))\"."
      )
    }
    guard name == "ws" || name == "wss" else {
      throw Fault(
        description: "The address begins with \(name):, but only ws: and wss: are spoken here."
      )
    }
    isSecure = name == "wss"
    let body = rest.dropFirst(2)
    guard body.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
      throw Fault(
        description: "The address has a character that must be percent-encoded, or a # part."
      )
    }
    let end = body.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    guard let authority = HTTPAuthority(body[..<(end ?? body.endIndex)]) else {
      throw Fault(description: "The host in the address is neither an IP address nor a name.")
    }
    self.authority = authority
    let (path, query) = body[(end ?? body.endIndex)...].cut(at: UInt8(ascii: "?"))
    self.path = path.isEmpty ? "/" : path.string
    self.query = (query ?? []).split(separator: UInt8(ascii: "&")).map(\.string)
  }

  /// The port; where none is written 80, and 443 for `wss`.
  public var port: UInt16 { authority.port ?? (isSecure ? 443 : 80) }

  /// Path and query, as a request line names them.
  public var target: String {
    query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
  }

  /// The whole address.
  public var description: String { "\(isSecure ? "wss" : "ws")://\(authority)\(target)" }

  /// Takes the first member called `name` out of the query; its value, decoded.
  ///
  /// `nil` when there is none, or its value is no percent-encoded UTF-8: then it stays.
  public mutating func takeParameter(_ name: String) -> String? {
    for (index, member) in query.enumerated() {
      let (key, value) = Array(member.utf8)[...].cut(at: UInt8(ascii: "="))
      guard let key = key.percentDecoded(plusIsBlank: true), key.elementsEqual(name.utf8),
        let bytes = (value ?? []).percentDecoded(plusIsBlank: true),
        let decoded = String(validating: bytes, as: UTF8.self)
      else { continue }
      query.remove(at: index)
      return decoded
    }
    return nil
  }

  /// The beginning of what somebody wrote, without what could act on a terminal.
  private static func shown(_ text: String) -> String {
    String(
      decoding: text.utf8.prefix(80).map { $0 < 0x20 || $0 >= 0x7F ? 0x3F : $0 },
      as: UTF8.self
    )
  }
}
