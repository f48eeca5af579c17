// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address in host order: 127.0.0.1 is `0x7F00_0001`.
  case v4(UInt32)
  /// An IPv6 address as two host-order halves; `scope` is the interface index of a link-local one, else 0.
  case v6(high: UInt64, low: UInt64, scope: UInt32)

  /// Whether this is an IPv6 address.
  public var isV6: Bool {
    switch self {
    case .v4: false
    case .v6: true
    }
  }

  /// Whether this is 127.0.0.0/8 or ::1.
  public var isLoopback: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127
    case .v6(let high, let low, _): high == 0 && low == 1
    }
  }

  /// Whether this is 169.254.0.0/16 or fe80::/10.
  public var isLinkLocal: Bool {
    switch self {
    case .v4(let bits): bits >> 16 == 0xA9FE
    case .v6(let high, _, _): high >> 54 == 0x3FA
    }
  }

  /// Whether this is the unspecified address, 0.0.0.0 or ::.
  public var isUnspecified: Bool {
    switch self {
    case .v4(let bits): bits == 0
    case .v6(let high, let low, _): high == 0 && low == 0
    }
  }

  /// Whether this is a multicast address.
  public var isMulticast: Bool {
    switch self {
    case .v4(let bits): bits >> 28 == 0xE
    case .v6(let high, _, _): high >> 56 == 0xFF
    }
  }

  /// The IPv4 address inside an IPv4-mapped IPv6 address (::ffff:a.b.c.d), else this address.
  public var unmapped: IPAddress {
    guard case .v6(high: 0, let low, _) = self, low >> 32 == 0xFFFF else { return self }
    return .v4(UInt32(truncatingIfNeeded: low))
  }

  /// The address in network order: 4 or 16 bytes.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    switch self {
    case .v4(let bits):
      result.append(bigEndian: bits)
    case .v6(let high, let low, _):
      result.append(bigEndian: high)
      result.append(bigEndian: low)
    }
    return result
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or RFC 5952 text for IPv6 (with `%scope` when there is one).
  public var description: String {
    switch self {
    case .v4(let bits):
      return "\(bits >> 24).\((bits >> 16) & 255).\((bits >> 8) & 255).\(bits & 255)"
    case .v6(let high, let low, let scope):
      let groups = (0..<8).map { index in
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64((3 - index % 4) * 16))
      }
      let zone = scope == 0 ? "" : "%\(scope)"
      // Section 5: a mapped address shows the IPv4 one.
      guard unmapped.isV6 else { return "::ffff:\(unmapped)" + zone }
      return Self.compressed(groups) + zone
    }
  }

  /// RFC 5952 section 4: the first longest run of two or more zero groups becomes "::".
  private static func compressed(_ groups: [UInt16]) -> String {
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > best.count, end - start > 1 { best = start..<end }
      start = max(end, start + 1)
    }
    let text = { (part: ArraySlice<UInt16>) in
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !best.isEmpty else { return text(groups[...]) }
    return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }

  /// Parses dotted decimal or RFC 4291 text with an optional numeric `%scope`; else `nil`.
  public init?(_ text: some StringProtocol) {
    self.init(utf8: Array(text.utf8))
  }

  private init?(utf8: [UInt8]) {
    guard utf8.contains(UInt8(ascii: ":")) else {
      guard let bits = Self.dotted(utf8[...]) else { return nil }
      self = .v4(bits)
      return
    }
    var body = utf8[...]
    var scope: UInt32 = 0
    if let percent = body.firstIndex(of: UInt8(ascii: "%")) {
      guard let number = UInt32(digits: String(decoding: body[(percent + 1)...], as: UTF8.self))
      else { return nil }
      scope = number
      body = body[..<percent]
    }
    guard let groups = Self.groups(body) else { return nil }
    var halves: [UInt64] = [0, 0]
    for (index, group) in groups.enumerated() {
      halves[index / 4] = halves[index / 4] << 16 | UInt64(group)
    }
    self = .v6(high: halves[0], low: halves[1], scope: scope)
  }

  private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      // A leading zero means octal to some and nothing to others: refused.
      guard part.count <= 3, part.count == 1 || part.first != UInt8(ascii: "0"),
        let value = UInt8(digits: String(decoding: part, as: UTF8.self))
      else { return nil }
      bits = bits << 8 | UInt32(value)
    }
    return bits
  }

  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    var sides: [[UInt16]] = [[]]
    var rest = text
    if rest.starts(with: [0x3A, 0x3A]) {
      sides.append([])
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let part = rest.prefix { $0 != 0x3A }
      rest = rest.dropFirst(part.count)
      if part.contains(UInt8(ascii: ".")) {
        guard rest.isEmpty, let bits = dotted(part) else { return nil }
        sides[sides.count - 1] += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
        break
      }
      // The standard library would take a sign.
      guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"),
        part.first != UInt8(ascii: "-"),
        let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      sides[sides.count - 1].append(value)
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == 0x3A {
        guard sides.count == 1 else { return nil }
        sides.append([])
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    let count = sides.reduce(0) { $0 + $1.count }
    if sides.count == 1 { return count == 8 ? sides[0] : nil }
    guard count < 8 else { return nil }
    return sides[0] + [UInt16](repeating: 0, count: 8 - count) + sides[1]
  }
}

/// An IP address and a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address.
  public var ip: IPAddress
  /// The port.
  public var port: UInt16

  /// Creates the address of `port` at `ip`.
  public init(_ ip: IPAddress, port: UInt16) {
    self.ip = ip
    self.port = port
  }

  /// `a.b.c.d:port` or `[v6]:port`.
  public var description: String {
    ip.isV6 ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }
}
