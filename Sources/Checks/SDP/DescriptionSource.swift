// SPDX-License-Identifier: Apache-2.0
import SDP
import Wire

/// Makes random descriptions that a peer could have written, repeatable by seed.
struct DescriptionSource {
  private var random: RandomSource

  init(seed: UInt64) {
    random = .seeded(seed)
  }

  mutating func session() -> SessionDescription {
    var session = SessionDescription(
      origin: .init(
        username: word(),
        sessionID: random.text(number(1...24), of: "0123456789"),
        version: random.next(),
        addressType: chance() ? "IP4" : "IP6",
        address: word()
      )
    )
    session.name = chance() ? "-" : text()
    if chance() { session.connection = connection() }
    session.bandwidths = some(2) { $0.bandwidth() }
    session.bundleGroups = some(2) { source in source.some(4) { $0.word() } }
    session.isICELite = chance()
    session.allowsMixedExtensions = chance()
    session.msidSemantic = some(2) { $0.word() }
    session.transport = transport()
    session.extensions = some(2) { $0.extensionMap() }
    session.direction = chance() ? direction() : nil
    session.other = some(3) { $0.otherAttribute() }
    for index in 0..<number(0...5) {
      var media = media()
      media.mid = chance() ? "\(index)\(random.text(3, of: "abc.-_"))" : nil
      session.media.append(media)
    }
    return session
  }

  private mutating func media() -> MediaDescription {
    var types = Array(0...127 as ClosedRange<UInt8>)
    types.shuffle(using: &random)
    let codecs = types.prefix(number(1...12)).map { codec($0) }
    var media = MediaDescription(
      kind: kind(),
      port: .random(in: 0...65_535, using: &random),
      codecs: codecs
    )
    if chance(4) {
      media.proto = chance() ? "UDP/DTLS/SCTP" : "TCP/DTLS/SCTP"
      media.formats = ["webrtc-datachannel"]
      media.codecs = []
      media.sctpPort = .random(in: 0...65_535, using: &random)
      media.maxMessageSize = random.next()
    }
    media.connection = chance() ? connection() : nil
    media.bandwidths = some(2) { $0.bandwidth() }
    media.statedDirection = chance() ? direction() : nil
    media.transport = transport()
    media.hasRTCPMux = chance()
    media.hasReducedSizeRTCP = chance()
    media.isBundleOnly = chance()
    media.allowsMixedExtensions = chance()
    media.extensions = some(6) { $0.extensionMap() }
    media.streams = some(2) { source in
      .init(stream: source.word(), track: source.chance() ? source.word() : nil)
    }
    media.sourceAttributes = some(6) { source in
      .init(
        source: UInt32(truncatingIfNeeded: source.random.next()),
        name: source.name(),
        value: source.chance() ? source.text() : nil
      )
    }
    media.sourceGroups = some(2) { source in
      .init(
        semantics: source.word(),
        sources: [UInt32(truncatingIfNeeded: source.random.next())] + source.some(2) { _ in 7 }
      )
    }
    media.candidates = some(5) { $0.text() }
    media.isEndOfCandidates = chance()
    media.other = some(4) { $0.otherAttribute() }
    return media
  }

  private mutating func codec(_ type: UInt8) -> CodecDescription {
    CodecDescription(
      payloadType: type,
      name: name(),
      clockRate: .random(in: 1...UInt32.max, using: &random),
      channels: chance() ? .random(in: 1...255, using: &random) : nil,
      parameters: FormatParameters(
        some(4) { source in
          .init(
            source.random.text(source.number(1...8), of: "abcXYZ019-/"),
            source.chance() ? source.random.text(source.number(0...8), of: "abc=,:\"09") : nil
          )
        }
      ),
      feedback: some(4) { $0.text() }
    )
  }

  private mutating func transport() -> TransportDescription {
    var transport = TransportDescription()
    if chance() {
      transport.usernameFragment = random.text(number(4...256), of: Self.iceCharacters)
    }
    if chance() { transport.password = random.text(number(22...256), of: Self.iceCharacters) }
    transport.iceOptions = some(2) { $0.word() }
    transport.fingerprints = some(2) { source in
      let bytes = source.random.bytes(source.number(1...64))
      return "sha-256 " + Text.hex(bytes, separator: ":")
    }
    transport.setup = chance() ? SetupRole.allCases.randomElement(using: &random) : nil
    return transport
  }

  private mutating func extensionMap() -> ExtensionMap {
    ExtensionMap(
      id: .random(in: 1...65_535, using: &random),
      uri: "urn:" + word(),
      direction: chance() ? direction() : nil,
      attributes: chance(4) ? "\(word()) \(word())" : nil
    )
  }

  private mutating func connection() -> MediaDescription.Connection {
    .init(addressType: chance() ? "IP4" : "IP6", address: word())
  }

  private mutating func bandwidth() -> MediaDescription.Bandwidth {
    .init(type: chance() ? "AS" : name(), value: random.next())
  }

  private mutating func kind() -> MediaDescription.Kind {
    let kinds: [MediaDescription.Kind] = [.audio, .video, .application, .other("text")]
    return kinds.randomElement(using: &random) ?? .video
  }

  private mutating func direction() -> MediaDirection {
    MediaDirection.allCases.randomElement(using: &random) ?? .sendrecv
  }

  /// An attribute that no field is made for.
  private mutating func otherAttribute() -> String {
    chance() ? "x-\(name())" : "x-\(name()):\(random.text(number(0...20), of: " :;=abc"))"
  }

  /// A token.
  private mutating func name() -> String {
    random.text(number(1...8), of: "abcdefXYZ0189-.!#$%&'*+^_`{|}~")
  }

  /// Visible text without blanks.
  private mutating func word() -> String {
    random.text(number(1...12), of: "abcXYZ019-/.:;=@{}*")
  }

  /// Words with single blanks between them.
  private mutating func text() -> String {
    some(4) { $0.word() }.joined(separator: " ") + word()
  }

  private mutating func some<Value>(
    _ most: Int,
    _ make: (inout DescriptionSource) -> Value
  ) -> [Value] {
    (0..<number(0...most)).map { _ in make(&self) }
  }

  private mutating func chance(_ odds: Int = 2) -> Bool {
    number(1...odds) == 1
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &random)
  }

  private static let iceCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
}
