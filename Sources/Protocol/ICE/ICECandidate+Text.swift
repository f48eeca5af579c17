// SPDX-License-Identifier: Apache-2.0
internal import Wire

extension ICECandidate: CustomStringConvertible {
  /// The value of an `a=candidate` line, with the word `candidate:` (RFC 8839 section 5.1).
  public var description: String {
    var text = "candidate:\(foundation) \(component) \(transport.rawValue) \(priority)"
    text += " \(address) \(port) typ \(kind.rawValue)"
    if let relatedAddress {
      text += " raddr \(ICECandidateAddress.ip(relatedAddress.ip)) rport \(relatedAddress.port)"
    }
    if let tcpType { text += " tcptype \(tcpType)" }
    if let usernameFragment { text += " ufrag \(usernameFragment)" }
    return text
  }

  /// The longest line that is looked at.
  private static let maximumLength = 1_024

  /// Parses the value of an `a=candidate` line, with or without the word `candidate:`.
  ///
  /// `nil` for what is malformed and for kinds and transports that are unknown; the standard wants
  /// those ignored. Unknown extensions are passed over.
  public init?(parsing attribute: some StringProtocol) {
    let bytes = Array(attribute.utf8.prefix(Self.maximumLength + 1))
    guard bytes.count <= Self.maximumLength else { return nil }
    var words = bytes.split(separator: UInt8(ascii: " "))[...]
    func next() -> String? {
      words.popFirst().map { String(decoding: $0, as: UTF8.self) }
    }
    guard let foundation = next().flatMap(Self.foundation),
      let component = next().flatMap(UInt16.init(digits:)), (1...256).contains(component),
      let transport = next().flatMap({ ICETransport(rawValue: $0.lowercased()) }),
      let priority = next().flatMap(UInt32.init(digits:)),
      let address = next().flatMap(Self.address),
      let port = next().flatMap(UInt16.init(digits:)), next() == "typ",
      let kind = next().flatMap(ICECandidateKind.init(rawValue:))
    else { return nil }
    self.init(
      foundation: foundation,
      component: Int(component),
      transport: transport,
      priority: priority,
      address: address,
      port: port,
      kind: kind
    )
    var relatedIP: IPAddress?
    while let name = next(), let value = next() {
      switch name {
      case "raddr": relatedIP = Self.ip(value)
      case "rport":
        guard let relatedIP, let port = UInt16(digits: value) else { continue }
        relatedAddress = SocketAddress(relatedIP, port: port)
      case "tcptype": tcpType = value
      case "ufrag": usernameFragment = value
      default: continue
      }
    }
  }

  private static func foundation(_ text: String) -> String? {
    var bytes = Array(text.utf8)[...]
    let prefix = "candidate:".utf8
    if bytes.starts(with: prefix) { bytes = bytes.dropFirst(prefix.count) }
    guard (1...32).contains(bytes.count), bytes.allSatisfy(ICECredentials.isLetter) else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func address(_ text: String) -> ICECandidateAddress? {
    if let ip = ip(text) { return .ip(ip) }
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default:
        false
      }
    }
    return isName && text.utf8.count <= 253 ? .name(text) : nil
  }

  /// An address; a zone means nothing on another machine and is dropped.
  private static func ip(_ text: String) -> IPAddress? {
    IPAddress(String(decoding: text.utf8.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self))
  }
}
