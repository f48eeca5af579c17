// SPDX-License-Identifier: Apache-2.0

/// A session description (RFC 8866) with the attributes of WebRTC (JSEP, RFC 9429).
///
/// Reading is strict about what is known and keeps what is not; printing gives the canonical order
/// with CR LF, and reading what was printed gives the same value again. Titles, contact lines,
/// repeat times and keys (`i= u= e= p= r= z= k=`) are passed over, `t=` is always printed as `0 0`.
public struct SessionDescription: Hashable, Sendable {
  /// Who made the description, and which version of it this is (RFC 8866 section 5.2).
  public struct Origin: Hashable, Sendable {
    /// The user's name: `-` for most.
    public var username: String
    /// The session's number, as digits; it may exceed 64 bits.
    public var sessionID: String
    /// Grows by one with every changed description.
    public var version: UInt64
    /// `IP4` or `IP6`.
    public var addressType: String
    /// An address that JSEP wants to say nothing.
    public var address: String

    /// Creates an origin.
    public init(
      username: String = "-",
      sessionID: String,
      version: UInt64,
      addressType: String = "IP4",
      address: String = "127.0.0.1"
    ) {
      self.username = username
      self.sessionID = sessionID
      self.version = version
      self.addressType = addressType
      self.address = address
    }
  }

  /// `o=`.
  public var origin: Origin
  /// `s=`: `-` in WebRTC.
  public var name = "-"
  /// `c=` at session level.
  public var connection: MediaDescription.Connection?
  /// `b=` at session level.
  public var bandwidths: [MediaDescription.Bandwidth] = []
  /// The mids of each `a=group:BUNDLE` (RFC 9143).
  public var bundleGroups: [[String]] = []
  /// `a=ice-lite` (RFC 8839 section 5.3).
  public var isICELite = false
  /// `a=extmap-allow-mixed` (RFC 8285 section 6) at session level.
  public var allowsMixedExtensions = false
  /// The words of `a=msid-semantic`, such as `WMS *`.
  public var msidSemantic: [String] = []
  /// ICE and DTLS attributes at session level; they hold for sections without their own.
  public var transport = TransportDescription()
  /// Header extensions at session level; they hold for sections without their own.
  public var extensions: [ExtensionMap] = []
  /// The direction at session level; it holds for sections without their own.
  public var direction: MediaDirection?
  /// Every other attribute at session level, as written after `a=`.
  public var other: [String] = []
  /// The m-sections, in order.
  public var media: [MediaDescription] = []

  /// Creates a description without m-sections.
  public init(origin: Origin) {
    self.origin = origin
  }

  /// The words of `a=ice-options` at session level.
  public var iceOptions: [String] {
    get { transport.iceOptions }
    set { transport.iceOptions = newValue }
  }

  /// The m-sections, each completed by what stands at session level: read a peer's attributes here.
  public var effectiveMedia: [MediaDescription] { media.map(effective) }

  /// `section` with the transport, extensions and direction that it leaves to the session.
  public func effective(_ section: MediaDescription) -> MediaDescription {
    var result = section
    result.transport = section.transport.completed(by: transport)
    if section.extensions.isEmpty { result.extensions = extensions }
    result.statedDirection = section.statedDirection ?? direction
    result.connection = section.connection ?? connection
    if section.bandwidths.isEmpty { result.bandwidths = bandwidths }
    result.allowsMixedExtensions = section.allowsMixedExtensions || allowsMixedExtensions
    return result
  }
}

extension SessionDescription: CustomStringConvertible {
  /// The description as text, each line ended by CR LF.
  public var description: String {
    var writer = SDPWriter()
    writer.line("v=0")
    writer.line(
      "o=\(origin.username) \(origin.sessionID) \(origin.version) IN \(origin.addressType) "
        + origin.address
    )
    writer.line("s=\(name)")
    if let connection { writer.line("c=\(connection.value)") }
    for bandwidth in bandwidths { writer.line("b=\(bandwidth.type):\(bandwidth.value)") }
    writer.line("t=0 0")
    for group in bundleGroups {
      writer.line("a=group:BUNDLE" + group.map { " \($0)" }.joined())
    }
    writer.flag("ice-lite", isICELite)
    writer.flag("extmap-allow-mixed", allowsMixedExtensions)
    if !msidSemantic.isEmpty {
      writer.attribute("msid-semantic", msidSemantic.joined(separator: " "))
    }
    transport.write(to: &writer)
    for map in extensions { writer.attribute("extmap", map.value) }
    writer.flag((direction ?? .sendrecv).rawValue, direction != nil)
    for attribute in other { writer.line("a=\(attribute)") }
    for section in media { section.write(to: &writer) }
    return writer.text
  }
}

extension SessionDescription {
  /// Reads `text`, whose lines end in CR LF or LF.
  ///
  /// - Throws: the line and what is wrong with it. `SDPLimits` bounds what is read at all.
  public init(parsing text: some StringProtocol) throws(SDPError) {
    var lines = try SDPLines(text)
    guard let version = try lines.next(), version.type == UInt8(ascii: "v") else {
      throw SDPError(line: 1, reason: "it does not begin with v=0")
    }
    guard version.value.elementsEqual("0".utf8) else {
      throw version.error("the version is not 0")
    }
    guard let origin = try lines.next(), origin.type == UInt8(ascii: "o") else {
      throw SDPError(line: 2, reason: "there is no o= line after v=0")
    }
    self.init(origin: try Origin(origin))
    guard let name = try lines.next(), name.type == UInt8(ascii: "s") else {
      throw SDPError(line: 3, reason: "there is no s= line after the o= line")
    }
    self.name = name.value.string

    var sections: [MediaSection] = []
    var hasTime = false
    while let line = try lines.next() {
      if line.type == UInt8(ascii: "m") {
        guard hasTime else { throw line.error("there is no t= line before the first m= line") }
        guard sections.count < SDPLimits.mediaSections else {
          throw line.error("there are more than \(SDPLimits.mediaSections) m-sections")
        }
        sections.append(try MediaSection(line))
      } else if sections.isEmpty {
        hasTime = hasTime || line.type == UInt8(ascii: "t")
        try take(line)
      } else {
        try sections[sections.count - 1].take(line)
      }
    }
    guard hasTime else { throw SDPError(line: 0, reason: "there is no t= line") }
    media = sections.map { $0.finished() }
    try checkMids()
  }

  private mutating func take(_ line: SDPLine) throws(SDPError) {
    switch line.type {
    case UInt8(ascii: "t"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "e"),
      UInt8(ascii: "p"), UInt8(ascii: "r"), UInt8(ascii: "z"), UInt8(ascii: "k"):
      break  // They say nothing that WebRTC uses.
    case UInt8(ascii: "c"):
      let connection = try MediaDescription.Connection(line)
      self.connection = self.connection ?? connection
    case UInt8(ascii: "b"):
      bandwidths.append(try MediaDescription.Bandwidth(line))
    case UInt8(ascii: "a"):
      try takeAttribute(line)
    default:
      throw line.error("this letter does not belong before the m-sections")
    }
  }

  private mutating func takeAttribute(_ line: SDPLine) throws(SDPError) {
    let (name, value) = try line.attribute()
    if try transport.take(name, value, line) { return }
    switch name {
    case "group":
      let words = (value ?? []).words
      guard let semantics = words.first else { throw line.error("a=group needs a word") }
      guard semantics.elementsEqual("BUNDLE".utf8) else {
        other.append(line.value.string)
        return
      }
      bundleGroups.append(words.dropFirst().map(\.string))
    case "ice-lite": isICELite = true
    case "extmap-allow-mixed": allowsMixedExtensions = true
    case "msid-semantic": msidSemantic += (value ?? []).words.map(\.string)
    case "extmap": extensions.append(try ExtensionMap(value, line))
    case "sendrecv", "sendonly", "recvonly", "inactive": direction = MediaDirection(rawValue: name)
    default: other.append(line.value.string)
    }
  }

  /// RFC 5888 section 4 wants every mid once; a second one would make two sections answer to it.
  private func checkMids() throws(SDPError) {
    var seen: Set<String> = []
    for mid in media.compactMap(\.mid) where !seen.insert(mid).inserted {
      throw SDPError(line: 0, reason: "two m-sections have the mid \(mid)")
    }
  }
}

extension SessionDescription.Origin {
  init(_ line: SDPLine) throws(SDPError) {
    let words = line.value.words
    guard words.count == 6, words[3].elementsEqual("IN".utf8) else {
      throw line.error("o= is not of the form name session version IN IP4 address")
    }
    guard words[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let version = words[2].number(as: UInt64.self)
    else {
      throw line.error("o= has a session or a version that is no number")
    }
    self.init(
      username: words[0].string,
      sessionID: words[1].string,
      version: version,
      addressType: words[4].string,
      address: words[5].string
    )
  }
}
