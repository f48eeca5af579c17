// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Whom a request is for: a host and perhaps a port, as `Host` and `Origin` say it
/// (RFC 9110 section 7.2, RFC 3986 section 3.2).
public struct HTTPAuthority: Hashable, Sendable, CustomStringConvertible {
  /// An address or a name.
  public enum Host: Hashable, Sendable, CustomStringConvertible {
    /// An IP literal.
    case address(IPAddress)
    /// A name in lower case, without a final dot.
    case name(String)

    /// The host as it stands in an authority.
    public var description: String {
      switch self {
      case .address(let address): address.isV6 ? "[\(address)]" : "\(address)"
      case .name(let name): name
      }
    }
  }

  /// The host.
  public var host: Host
  /// The port, where one is written.
  public var port: UInt16?

  /// Creates an authority.
  public init(_ host: Host, port: UInt16? = nil) {
    self.host = host
    self.port = port
  }

  /// Reads `host`, `host:port`, `1.2.3.4:port` or `[v6]:port`; `nil` for anything else.
  ///
  /// A name has letters, digits, `-`, `_` and dots, at most 253 bytes. Numbers that some programs
  /// take for IPv4 addresses (`127.1`, `0x7f000001`) are refused, as are IPv6 scopes.
  public init?(_ text: some StringProtocol) {
    self.init(Array(text.utf8)[...])
  }

  init?(_ text: HTTPText) {
    let port: HTTPText?
    if text.first == UInt8(ascii: "[") {
      let (inside, rest) = text.dropFirst().cut(at: UInt8(ascii: "]"))
      guard let rest, inside.contains(UInt8(ascii: ":")), !inside.contains(UInt8(ascii: "%")),
        let address = IPAddress(inside.string)
      else { return nil }
      guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { return nil }
      host = .address(address)
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else {
      let (name, rest) = text.cut(at: UInt8(ascii: ":"))
      guard let host = Self.host(name) else { return nil }
      self.host = host
      port = rest
    }
    guard let port, !port.isEmpty else { return }
    guard let number = port.decimal, let number = UInt16(exactly: number) else { return nil }
    self.port = number
  }

  /// The authority as written in a `Host` field.
  public var description: String {
    port.map { "\(host):\($0)" } ?? "\(host)"
  }

  private static func host(_ text: HTTPText) -> Host? {
    if let address = IPAddress(text.string) { return .address(address) }
    var name = HTTPText(text.map(\.lower))
    if name.last == UInt8(ascii: ".") { name.removeLast() }
    guard (1...253).contains(name.count) else { return nil }
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    for label in labels {
      guard (1...63).contains(label.count), label.allSatisfy(isNameByte) else { return nil }
    }
    // A last label that reads as a number makes the whole an IPv4 address for some programs.
    guard let last = labels.last, !isNumber(last) else { return nil }
    return .name(name.string)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func isNumber(_ label: HTTPText) -> Bool {
    let isHexadecimal = label.starts(with: "0x".utf8)
    return (isHexadecimal ? label.dropFirst(2) : label).allSatisfy { byte in
      isHexadecimal ? byte.hexValue != nil : (0x30...0x39).contains(byte)
    }
  }
}

/// Which page a request comes from: the value of `Origin` (RFC 6454 section 7).
public enum HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
  /// `null`: a sandboxed page, a file, a redirect between origins.
  case opaque
  /// A scheme in lower case and an authority.
  case page(scheme: String, authority: HTTPAuthority)

  /// Reads `null` or `scheme://authority`; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)[...]
    if bytes.elementsEqual("null".utf8) {
      self = .opaque
      return
    }
    let (scheme, rest) = bytes.cut(at: UInt8(ascii: ":"))
    guard scheme.isToken, let rest, rest.starts(with: "//".utf8),
      let authority = HTTPAuthority(rest.dropFirst(2))
    else { return nil }
    self = .page(scheme: String(decoding: scheme.map(\.lower), as: UTF8.self), authority: authority)
  }

  /// Whether this is the page of `authority` itself, reached by TLS when `isSecure`; ports that are
  /// not written are those of the scheme.
  public func isSame(as authority: HTTPAuthority, isSecure: Bool) -> Bool {
    guard case .page(let scheme, let own) = self, scheme == (isSecure ? "https" : "http") else {
      return false
    }
    let port: UInt16 = isSecure ? 443 : 80
    return own.host == authority.host && (own.port ?? port) == (authority.port ?? port)
  }

  /// The value of `Origin`.
  public var description: String {
    switch self {
    case .opaque: "null"
    case .page(let scheme, let authority): "\(scheme)://\(authority)"
    }
  }
}
