// SPDX-License-Identifier: Apache-2.0
public import Wire

/// A certificate authority of one board, which signs for nobody but that board.
///
/// It is held by its own certificate (RFC 5280 section 4.2.1.10) to names of the board and to addresses that
/// no two networks of the world route to each other: whoever trusts it risks nothing outside his own network.
/// Making it and signing take a public-key operation's time each.
public struct TLSAuthority: Sendable {
  /// What it says of itself.
  public let certificate: TLSCertificate
  /// Its private key, DER; keep it where only this program can read it.
  public var privateKey: [UInt8] { key.bytes }
  private let key: TLSPrivateKey

  private static let day: Int64 = 86_400
  /// How long an authority is valid.
  private static let years = 10 * 365 * day
  /// How long a certificate is valid: browsers and Apple's systems refuse 398 days and more.
  static let leafTime = 397 * day
  /// How long before its end a certificate is to be renewed.
  static let renewal = 30 * day
  /// By how much a certificate is dated back: clocks of viewers are slow.
  private static let backdating = day

  /// Takes an authority's certificate and key, both DER; `nil` when they cannot be read.
  public init?(certificate: [UInt8], privateKey: [UInt8]) {
    guard let read = TLSCertificate(certificate), !read.keyIdentifier.isEmpty else { return nil }
    self.certificate = read
    key = TLSPrivateKey(privateKey)
    var random = RandomSource.system
    guard
      Self.identifier(of: key.publicKey(using: &random)) == read.keyIdentifier
    else { return nil }
  }

  /// Makes an authority for `names`, valid for ten years from `date` on, in seconds since 1970.
  ///
  /// `nil` without memory. What lies below a name is permitted with it.
  public static func make(
    called title: String,
    names: [String],
    at date: Int64,
    using random: inout RandomSource
  ) -> TLSAuthority? {
    guard let key = TLSPrivateKey(using: &random) else { return nil }
    let subject = name(title)
    let publicKey = key.publicKey(using: &random)
    let permitted =
      names.map { DER.sequence(DER.value(0x82, Array($0.utf8))) }
      + ranges.map { DER.sequence(DER.value(0x87, $0)) }
    let bytes = sign(
      subject: subject,
      issuer: subject,
      from: date - backdating,
      to: date - backdating + years,
      publicKey: publicKey,
      extensions: [
        extended(
          TLSCertificate.basicConstraints,
          isCritical: true,
          DER.sequence(DER.yes, DER.integer([0]))
        ),
        // keyCertSign and cRLSign.
        extended(TLSCertificate.keyUsage, isCritical: true, DER.bits([0x06], unused: 1)),
        extended(TLSCertificate.extendedKeyUsage, DER.sequence(DER.identifier(serverUse))),
        extended(
          TLSCertificate.constraints,
          isCritical: true,
          DER.sequence(DER.value(0xA0, permitted.flatMap { $0 }))
        ),
        extended(TLSCertificate.subjectKey, DER.octets(identifier(of: publicKey))),
      ],
      with: key,
      using: &random
    )
    return TLSAuthority(certificate: bytes, privateKey: key.bytes)
  }

  /// What the certificate of a server may hold of `names` and `addresses`: what this authority is held to.
  public func permitted(
    _ names: [String],
    _ addresses: [IPAddress]
  ) -> (names: [String], addresses: [IPAddress]) {
    let allowed = names.filter { name in
      certificate.permittedNames.contains { $0 == name || ".\(name)".utf8.hasSuffix(".\($0)".utf8) }
    }
    return (allowed, addresses.map(\.unmapped).filter(Self.isLocal))
  }

  /// Makes a key and signs its certificate for what of `names` and `addresses` is permitted.
  ///
  /// `nil` when nothing of it is, or without memory.
  public func issue(
    names: [String],
    addresses: [IPAddress],
    at date: Int64,
    using random: inout RandomSource
  ) -> (certificate: [UInt8], privateKey: [UInt8])? {
    let allowed = permitted(names, addresses)
    guard let title = allowed.names.first ?? allowed.addresses.first.map({ "\($0)" }),
      let leaf = TLSPrivateKey(using: &random)
    else { return nil }
    let publicKey = leaf.publicKey(using: &random)
    let alternatives =
      allowed.names.map { DER.value(0x82, Array($0.utf8)) }
      + allowed.addresses.map { DER.value(0x87, $0.bytes) }
    let from = max(date - Self.backdating, certificate.validFrom)
    let bytes = Self.sign(
      subject: Self.name(title),
      issuer: certificate.subject,
      from: from,
      to: min(from + Self.leafTime, certificate.validTo),
      publicKey: publicKey,
      extensions: [
        Self.extended(TLSCertificate.basicConstraints, isCritical: true, DER.sequence()),
        // digitalSignature.
        Self.extended(TLSCertificate.keyUsage, isCritical: true, DER.bits([0x80], unused: 7)),
        Self.extended(
          TLSCertificate.extendedKeyUsage,
          DER.sequence(DER.identifier(Self.serverUse))
        ),
        Self.extended(
          TLSCertificate.alternativeNames,
          DER.sequence(alternatives.flatMap { $0 })
        ),
        Self.extended(TLSCertificate.subjectKey, DER.octets(Self.identifier(of: publicKey))),
        Self.extended(
          TLSCertificate.authorityKey,
          DER.sequence(DER.value(0x80, certificate.keyIdentifier))
        ),
      ],
      with: key,
      using: &random
    )
    return bytes.isEmpty ? nil : (bytes, leaf.bytes)
  }

  /// Whether `leaf` was signed by this authority, holds what is permitted of `names` and `addresses` and
  /// nothing else, and need not be renewed at `date`.
  public func isCurrent(
    _ leaf: TLSCertificate,
    names: [String],
    addresses: [IPAddress],
    at date: Int64
  ) -> Bool {
    let allowed = permitted(names, addresses)
    return leaf.issuer == certificate.subject
      && leaf.issuerKeyIdentifier == certificate.keyIdentifier
      && Set(leaf.names) == Set(allowed.names) && Set(leaf.addresses) == Set(allowed.addresses)
      && date >= leaf.validFrom && date < leaf.validTo - Self.renewal
  }

  /// Addresses that are not routed between networks (RFC 1918, RFC 6598, RFC 3927, RFC 4193), and those
  /// of the machine itself.
  private static let ranges: [[UInt8]] = [
    [10, 0, 0, 0, 255, 0, 0, 0],
    [172, 16, 0, 0, 255, 240, 0, 0],
    [192, 168, 0, 0, 255, 255, 0, 0],
    [100, 64, 0, 0, 255, 192, 0, 0],
    [169, 254, 0, 0, 255, 255, 0, 0],
    [127, 0, 0, 0, 255, 0, 0, 0],
    range(0xFC, 0, mask: 0xFE, 0),
    range(0xFE, 0x80, mask: 0xFF, 0xC0),
    [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0xFF, count: 16),
  ]

  private static func range(
    _ first: UInt8,
    _ second: UInt8,
    mask: UInt8,
    _ next: UInt8
  ) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: 14)
    return [first, second] + zeros + [mask, next] + zeros
  }

  private static func isLocal(_ address: IPAddress) -> Bool {
    let bytes = address.bytes
    return ranges.contains { range in
      range.count == 2 * bytes.count
        && bytes.indices.allSatisfy { bytes[$0] & range[bytes.count + $0] == range[$0] }
    }
  }

  // Identifiers: ecdsa-with-SHA256 (RFC 5758), commonName, id-kp-serverAuth.
  private static let algorithm = DER.sequence(
    DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])
  )
  private static let commonName: [UInt8] = [0x55, 0x04, 0x03]
  private static let serverUse: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]

  private static func name(_ text: String) -> [UInt8] {
    // At most 64 characters (RFC 5280, appendix A).
    let short = String(text.unicodeScalars.prefix(64).map(Character.init))
    return DER.sequence(
      DER.set(DER.sequence(DER.identifier(commonName), DER.text(short)))
    )
  }

  /// The leftmost 160 bits of a digest (RFC 7093 section 2).
  private static func identifier(of publicKey: [UInt8]) -> [UInt8] {
    Array(Hash.sha256(publicKey).prefix(20))
  }

  private static func extended(
    _ identifier: [UInt8],
    isCritical: Bool = false,
    _ value: [UInt8]
  ) -> [UInt8] {
    DER.sequence(DER.identifier(identifier), isCritical ? DER.yes : [], DER.octets(value))
  }

  private static func sign(
    subject: [UInt8],
    issuer: [UInt8],
    from: Int64,
    to: Int64,
    publicKey: [UInt8],
    extensions: [[UInt8]],
    with key: TLSPrivateKey,
    using random: inout RandomSource
  ) -> [UInt8] {
    var serial = random.bytes(16)
    // Positive, and always 16 bytes.
    serial[0] = serial[0] & 0x7F | 0x40
    let body = DER.sequence(
      DER.value(0xA0, DER.integer([2])),
      DER.integer(serial),
      algorithm,
      issuer,
      DER.sequence(DER.time(from), DER.time(to)),
      subject,
      publicKey,
      DER.value(0xA3, DER.sequence(extensions.flatMap { $0 }))
    )
    let signature = key.sign(body, using: &random)
    guard !signature.isEmpty else { return [] }
    return DER.sequence(body, algorithm, DER.bits(signature))
  }
}

extension String.UTF8View {
  fileprivate func hasSuffix(_ suffix: String.UTF8View) -> Bool {
    count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
  }
}
