// SPDX-License-Identifier: Apache-2.0

/// One m-section of a session description (RFC 8866 section 5.14, JSEP RFC 9429).
///
/// The attributes of WebRTC have a field each; every other attribute is kept in `other` as written.
/// Of several `rtpmap` or `fmtp` lines for one payload type the last counts. What stands at session
/// level is *not* in here: see `SessionDescription.effectiveMedia`.
public struct MediaDescription: Hashable, Sendable {
  /// What an m-section carries.
  public enum Kind: Hashable, Sendable, CustomStringConvertible {
    /// Sound.
    case audio
    /// Pictures.
    case video
    /// Data channels.
    case application
    /// Anything else.
    case other(String)

    /// The kind that the word after `m=` names.
    public init(_ word: String) {
      switch word {
      case "audio": self = .audio
      case "video": self = .video
      case "application": self = .application
      default: self = .other(word)
      }
    }

    /// The word after `m=`.
    public var description: String {
      switch self {
      case .audio: "audio"
      case .video: "video"
      case .application: "application"
      case .other(let word): word
      }
    }
  }

  /// An address line (RFC 8866 section 5.7); WebRTC takes its addresses from candidates instead.
  public struct Connection: Hashable, Sendable {
    /// `IP4` or `IP6`.
    public var addressType: String
    /// An address or a host name.
    public var address: String

    /// Creates an address line.
    public init(addressType: String = "IP4", address: String = "0.0.0.0") {
      self.addressType = addressType
      self.address = address
    }
  }

  /// A `b=` line (RFC 8866 section 5.8).
  public struct Bandwidth: Hashable, Sendable {
    /// `AS` (kbit/s), `TIAS` (bit/s) or another type.
    public var type: String
    /// The figure, in the unit of the type.
    public var value: UInt64

    /// Creates a limit.
    public init(type: String, value: UInt64) {
      self.type = type
      self.value = value
    }
  }

  /// A media stream that a track belongs to: `a=msid` (RFC 8830).
  public struct StreamIdentifier: Hashable, Sendable {
    /// The stream's identifier; `-` says that the track belongs to none.
    public var stream: String
    /// The track's identifier; JSEP makes it optional.
    public var track: String?

    /// Creates the pair.
    public init(stream: String, track: String?) {
      self.stream = stream
      self.track = track
    }
  }

  /// An attribute of one RTP source: `a=ssrc` (RFC 5576 section 4.1).
  public struct SourceAttribute: Hashable, Sendable {
    /// The synchronisation source.
    public var source: UInt32
    /// The attribute's name, such as `cname`.
    public var name: String
    /// The attribute's value, where there is one.
    public var value: String?

    /// Creates an attribute of `source`.
    public init(source: UInt32, name: String, value: String?) {
      self.source = source
      self.name = name
      self.value = value
    }
  }

  /// Sources that belong together: `a=ssrc-group` (RFC 5576 section 4.2).
  public struct SourceGroup: Hashable, Sendable {
    /// `FID` for a source and its retransmission.
    public var semantics: String
    /// The sources, in order.
    public var sources: [UInt32]

    /// Creates a group.
    public init(semantics: String, sources: [UInt32]) {
      self.semantics = semantics
      self.sources = sources
    }
  }

  /// What the section carries.
  public var kind: Kind
  /// The port: 9 with trickled candidates, 0 when rejected or bundle-only.
  public var port: UInt16
  /// The transport as written, such as `UDP/TLS/RTP/SAVPF` or `UDP/DTLS/SCTP`.
  public var proto: String
  /// What follows the transport: payload types in order of preference, or `webrtc-datachannel`.
  public var formats: [String]
  /// The section's own `c=` line.
  public var connection: Connection? = Connection()
  /// The section's `b=` lines.
  public var bandwidths: [Bandwidth] = []
  /// `a=mid` (RFC 5888 section 4).
  public var mid: String?
  /// The direction, where the section says one itself; `direction` is never `nil`.
  public var statedDirection: MediaDirection?
  /// ICE and DTLS attributes of the section itself.
  public var transport = TransportDescription()
  /// `a=rtcp-mux` (RFC 5761).
  public var hasRTCPMux = false
  /// `a=rtcp-rsize` (RFC 5506).
  public var hasReducedSizeRTCP = false
  /// `a=bundle-only` (RFC 9143 section 6).
  public var isBundleOnly = false
  /// The payload types that are described, in the order of `formats`; one whose payload type is not
  /// among `formats` is not printed.
  public var codecs: [CodecDescription] = []
  /// RTP header extensions.
  public var extensions: [ExtensionMap] = []
  /// `a=extmap-allow-mixed` (RFC 8285 section 6).
  public var allowsMixedExtensions = false
  /// `a=msid` lines.
  public var streams: [StreamIdentifier] = []
  /// `a=ssrc` lines, in order.
  public var sourceAttributes: [SourceAttribute] = []
  /// `a=ssrc-group` lines.
  public var sourceGroups: [SourceGroup] = []
  /// Values of `a=candidate` (RFC 8839 section 5.1) as written, without `candidate:`.
  public var candidates: [String] = []
  /// `a=end-of-candidates` (RFC 8840).
  public var isEndOfCandidates = false
  /// `a=sctp-port` (RFC 8841).
  public var sctpPort: UInt16?
  /// `a=max-message-size` (RFC 8841) in bytes; 0 means any.
  public var maxMessageSize: UInt64?
  /// Every other attribute, as written after `a=` (`rid`, `simulcast`, `rtcp`, `ptime` …).
  public var other: [String] = []

  /// Creates a section with nothing but its m-line and an unspecified address.
  public init(kind: Kind, port: UInt16 = 9, proto: String, formats: [String]) {
    self.kind = kind
    self.port = port
    self.proto = proto
    self.formats = formats
  }

  /// Creates a section that lists `codecs` over DTLS-SRTP.
  public init(kind: Kind, port: UInt16 = 9, codecs: [CodecDescription]) {
    self.init(
      kind: kind,
      port: port,
      proto: "UDP/TLS/RTP/SAVPF",
      formats: codecs.map { "\($0.payloadType)" }
    )
    self.codecs = codecs
  }
}

extension MediaDescription {
  /// The direction: sendrecv when unsaid (RFC 8866 section 6.7).
  public var direction: MediaDirection {
    get { statedDirection ?? .sendrecv }
    set { statedDirection = newValue }
  }

  /// `a=ice-ufrag` of the section itself.
  public var usernameFragment: String? {
    get { transport.usernameFragment }
    set { transport.usernameFragment = newValue }
  }

  /// `a=ice-pwd` of the section itself.
  public var password: String? {
    get { transport.password }
    set { transport.password = newValue }
  }

  /// The words of the section's own `a=ice-options`.
  public var iceOptions: [String] {
    get { transport.iceOptions }
    set { transport.iceOptions = newValue }
  }

  /// The section's own fingerprints, as written.
  public var fingerprints: [String] {
    get { transport.fingerprints }
    set { transport.fingerprints = newValue }
  }

  /// The section's own `a=setup`.
  public var setup: SetupRole? {
    get { transport.setup }
    set { transport.setup = newValue }
  }

  /// Whether the section is rejected: port 0 without `a=bundle-only`.
  public var isRejected: Bool { port == 0 && !isBundleOnly }

  /// Whether the section carries RTP.
  public var isRTP: Bool { Self.isRTP(proto) }

  /// The smallest of the `b=AS` and `b=TIAS` limits in bit/s; `nil` when unlimited.
  public var bitrateLimit: UInt64? {
    bandwidths.compactMap { bandwidth in
      switch bandwidth.type {
      case "AS":
        let (bits, overflow) = bandwidth.value.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : bits
      case "TIAS": return bandwidth.value
      default: return nil
      }
    }.min()
  }

  /// The distinct sources of `a=ssrc`, in order.
  public var sources: [UInt32] {
    var seen: Set<UInt32> = []
    return sourceAttributes.map(\.source).filter { seen.insert($0).inserted }
  }

  /// The canonical name of `source`.
  public func canonicalName(of source: UInt32) -> String? {
    sourceAttributes.first { $0.source == source && $0.name == "cname" }?.value
  }

  /// The codec of `payloadType`.
  public func codec(_ payloadType: UInt8) -> CodecDescription? {
    codecs.first { $0.payloadType == payloadType }
  }

  /// The `rtx` codec that retransmits `payloadType` (RFC 4588).
  public func retransmission(of payloadType: UInt8) -> CodecDescription? {
    codecs.first { $0.associatedPayloadType == payloadType }
  }

  /// The `red` codec whose packets carry copies of `payloadType` (RFC 2198).
  public func redundancy(of payloadType: UInt8) -> CodecDescription? {
    codecs.first { $0.redundantPayloadType == payloadType }
  }

  /// The identifier of the header extension `uri`.
  public func extensionID(_ uri: String) -> UInt16? {
    extensions.first { $0.uri == uri }?.id
  }

  /// Whether `proto` carries RTP: it has the word RTP between slashes.
  static func isRTP(_ proto: String) -> Bool {
    proto.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("RTP".utf8) }
  }

  /// Appends the section's lines to `writer`, in the canonical order.
  func write(to writer: inout SDPWriter) {
    writer.line("m=\(kind) \(port) \(proto) \(formats.joined(separator: " "))")
    if let connection { writer.line("c=\(connection.value)") }
    for bandwidth in bandwidths { writer.line("b=\(bandwidth.type):\(bandwidth.value)") }
    for candidate in candidates { writer.attribute("candidate", candidate) }
    writer.flag("end-of-candidates", isEndOfCandidates)
    transport.write(to: &writer)
    writer.attribute("mid", mid)
    writer.flag("bundle-only", isBundleOnly)
    for map in extensions { writer.attribute("extmap", map.value) }
    writer.flag("extmap-allow-mixed", allowsMixedExtensions)
    writer.flag(direction.rawValue, statedDirection != nil)
    for identifier in streams {
      let track = identifier.track.map { " \($0)" } ?? ""
      writer.attribute("msid", identifier.stream + track)
    }
    writer.flag("rtcp-mux", hasRTCPMux)
    writer.flag("rtcp-rsize", hasReducedSizeRTCP)
    writeCodecs(to: &writer)
    for group in sourceGroups {
      let members = group.sources.map { " \($0)" }.joined()
      writer.attribute("ssrc-group", group.semantics + members)
    }
    for attribute in sourceAttributes {
      let value = attribute.value.map { ":\($0)" } ?? ""
      writer.attribute("ssrc", "\(attribute.source) \(attribute.name)\(value)")
    }
    writer.attribute("sctp-port", sctpPort.map { "\($0)" })
    writer.attribute("max-message-size", maxMessageSize.map { "\($0)" })
    for attribute in other { writer.line("a=\(attribute)") }
  }

  private func writeCodecs(to writer: inout SDPWriter) {
    let listed = Set(formats)
    for codec in codecs where listed.contains("\(codec.payloadType)") {
      writer.attribute("rtpmap", "\(codec.payloadType) \(codec.encoding)")
      for feedback in codec.feedback {
        writer.attribute("rtcp-fb", "\(codec.payloadType) \(feedback)")
      }
      if !codec.parameters.isEmpty {
        writer.attribute("fmtp", "\(codec.payloadType) \(codec.parameters)")
      }
    }
  }
}

extension MediaDescription.Connection {
  init(_ line: SDPLine) throws(SDPError) {
    let words = line.value.words
    guard words.count == 3, words[0].elementsEqual("IN".utf8) else {
      throw line.error("c= is not of the form IN IP4 address")
    }
    let type = words[1].string
    guard type == "IP4" || type == "IP6" else {
      throw line.error("c= has an address of neither IP4 nor IP6")
    }
    self.init(addressType: type, address: words[2].string)
  }

  /// What follows `c=`.
  var value: String { "IN \(addressType) \(address)" }
}
