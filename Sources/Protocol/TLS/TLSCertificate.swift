// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a certificate says, as far as its owner needs to know it.
///
/// For certificates of one's own: nothing of it is proved here.
public struct TLSCertificate: Hashable, Sendable {
  /// The certificate, DER.
  public let bytes: [UInt8]
  /// From when it is valid, in seconds since 1970.
  public let validFrom: Int64
  /// Until when it is valid.
  public let validTo: Int64
  /// The DNS names that it is for.
  public private(set) var names: [String] = []
  /// The IP addresses that it is for.
  public private(set) var addresses: [IPAddress] = []
  /// The DNS names, with all below them, to which an authority is held.
  public private(set) var permittedNames: [String] = []
  /// The name of its owner, DER.
  let subject: [UInt8]
  /// Who has signed it, DER.
  let issuer: [UInt8]
  /// The identifier of its key.
  private(set) var keyIdentifier: [UInt8] = []
  /// The identifier of the key that it is signed with.
  private(set) var issuerKeyIdentifier: [UInt8] = []

  /// Reads a certificate (RFC 5280 section 4.1), DER; `nil` when that cannot be done.
  public init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    var outer = DERReader(bytes[...])
    guard var certificate = outer.enter(), var body = certificate.enter(), body.next(0xA0) != nil,
      body.next(0x02) != nil, body.next(0x30) != nil, let issuer = body.next(0x30),
      var validity = body.enter(), let from = Self.date(&validity), let to = Self.date(&validity),
      let subject = body.next(0x30), body.next(0x30) != nil
    else { return nil }
    self.issuer = DER.value(0x30, Array(issuer))
    self.subject = DER.value(0x30, Array(subject))
    validFrom = from
    validTo = to
    guard var tagged = body.enter(0xA3), var extensions = tagged.enter() else { return }
    while var next = extensions.enter() {
      guard let identifier = next.next(0x06) else { continue }
      _ = next.next(0x01)
      guard var value = next.enter(0x04) else { continue }
      read(Array(identifier), &value)
    }
  }

  /// The SHA-256 digest, in pairs of capital letters with colons, as browsers and `openssl` show it.
  public var fingerprint: String {
    Hash.sha256(bytes).map { Text.hex([$0]).uppercased() }.joined(separator: ":")
  }

  private mutating func read(_ identifier: [UInt8], _ value: inout DERReader) {
    switch identifier {
    case Self.alternativeNames:
      guard var list = value.enter() else { return }
      while let name = list.next() {
        if name.tag == 0x82 { names.append(String(decoding: name.contents, as: UTF8.self)) }
        if name.tag == 0x87, let address = IPAddress(network: name.contents) {
          addresses.append(address)
        }
      }
    case Self.constraints:
      guard var list = value.enter(), var permitted = list.enter(0xA0) else { return }
      while var subtree = permitted.enter() {
        guard let name = subtree.next(0x82) else { continue }
        permittedNames.append(String(decoding: name, as: UTF8.self))
      }
    case Self.subjectKey:
      keyIdentifier = value.next(0x04).map { Array($0) } ?? []
    case Self.authorityKey:
      var parts = value.enter()
      issuerKeyIdentifier = parts?.next(0x80).map { Array($0) } ?? []
    default: break
    }
  }

  private static func date(_ reader: inout DERReader) -> Int64? {
    if let short = reader.next(0x17) { return CalendarDate(short, hasCentury: false)?.seconds }
    return reader.next(0x18).flatMap { CalendarDate($0, hasCentury: true)?.seconds }
  }

  // Identifiers of extensions (RFC 5280 section 4.2.1).
  static let subjectKey: [UInt8] = [0x55, 0x1D, 0x0E]
  static let keyUsage: [UInt8] = [0x55, 0x1D, 0x0F]
  static let alternativeNames: [UInt8] = [0x55, 0x1D, 0x11]
  static let basicConstraints: [UInt8] = [0x55, 0x1D, 0x13]
  static let constraints: [UInt8] = [0x55, 0x1D, 0x1E]
  static let authorityKey: [UInt8] = [0x55, 0x1D, 0x23]
  static let extendedKeyUsage: [UInt8] = [0x55, 0x1D, 0x25]
}

extension IPAddress {
  /// The address of 4 or 16 bytes in network order.
  fileprivate init?(network bytes: ArraySlice<UInt8>) {
    func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self = .v4(UInt32(number(bytes)))
    case 16: self = .v6(high: number(bytes.prefix(8)), low: number(bytes.suffix(8)), scope: 0)
    default: return nil
    }
  }
}
