// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// What a side can do beyond RFC 9260, as its INIT or INIT ACK says.
struct Capabilities: OptionSet, Hashable, Sendable {
  var rawValue: UInt8

  /// Partial reliability (RFC 3758).
  static let partialReliability = Capabilities(rawValue: 1)
  /// Reset of streams (RFC 6525).
  static let reconfiguration = Capabilities(rawValue: 2)
  /// I-DATA instead of DATA (RFC 8260).
  static let interleaving = Capabilities(rawValue: 4)
  /// Packets without a checksum are taken, since DTLS has one of its own (RFC 9653).
  static let zeroChecksum = Capabilities(rawValue: 8)
}

/// The parameters of INIT and INIT ACK that are understood (RFC 9260 section 3.3.2.1).
enum InitiationParameter {
  static let ipv4Address: UInt16 = 5
  static let ipv6Address: UInt16 = 6
  static let stateCookie: UInt16 = 7
  static let unrecognized: UInt16 = 8
  static let cookiePreservative: UInt16 = 9
  static let hostName: UInt16 = 11
  static let addressTypes: UInt16 = 12
  static let zeroChecksum: UInt16 = 0x8001
  static let supportedExtensions: UInt16 = 0x8008
  static let forwardTSN: UInt16 = 0xC000
}

/// INIT and INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3).
///
///     |                         Initiate Tag                          |
///     |           Advertised Receiver Window Credit (a_rwnd)          |
///     |  Number of Outbound Streams   |   Number of Inbound Streams   |
///     |                          Initial TSN                          |
///     /              Optional/Variable-Length Parameters              /
struct InitiationChunk: Hashable, Sendable {
  /// Parameters that are read; more than any peer sends.
  static let maximumParameters = 32
  /// Bytes of parameters not understood that are told to the sender.
  static let maximumUnrecognized = 256
  /// The longest cookie that is sent back.
  static let maximumCookie = 1_000
  /// The way that makes up for a checksum: DTLS (RFC 9653 section 4).
  static let errorDetectionByDTLS: UInt32 = 1

  var tag: VerificationTag
  var window: UInt32
  var outgoingStreams: UInt16
  var incomingStreams: UInt16
  var initialTSN: TSN
  var capabilities: Capabilities = []
  /// INIT ACK alone has one.
  var cookie: [UInt8]?
  /// Parameters that were not understood and are to be reported, with their headers.
  var unrecognized: [UInt8] = []
  /// Whether it names a host, which nobody is to look up.
  var hasHostName = false

  /// Reads the value of a chunk; `nil` when it is cut short or has a tag of zero.
  static func parse(_ value: Span<UInt8>) -> InitiationChunk? {
    var reader = ByteReader(value)
    guard let tag = reader.readUInt32(), tag != 0, let window = reader.readUInt32(),
      let outgoing = reader.readUInt16(), let incoming = reader.readUInt16(),
      let initial = reader.readUInt32()
    else { return nil }
    var chunk = InitiationChunk(
      tag: VerificationTag(rawValue: tag),
      window: window,
      outgoingStreams: outgoing,
      incomingStreams: incoming,
      initialTSN: TSN(rawValue: initial)
    )
    var parameters = ChunkReader(from: reader.position, limit: maximumParameters)
    while let parameter = parameters.next(in: value) {
      guard chunk.read(parameter, of: value) else { break }
    }
    return parameters.isMalformed ? nil : chunk
  }

  /// Takes one parameter; `false` when those behind it are to be left.
  private mutating func read(_ parameter: RawChunk, of bytes: Span<UInt8>) -> Bool {
    var reader = ByteReader(bytes.extracting(parameter.value))
    switch parameter.parameterType {
    case InitiationParameter.stateCookie:
      if parameter.value.count <= Self.maximumCookie {
        cookie = reader.readBytes(parameter.value.count)
      }
    case InitiationParameter.zeroChecksum:
      if reader.readUInt32() == Self.errorDetectionByDTLS { capabilities.insert(.zeroChecksum) }
    case InitiationParameter.forwardTSN:
      capabilities.insert(.partialReliability)
    case InitiationParameter.supportedExtensions:
      while let type = reader.readUInt8() {
        switch ChunkType(rawValue: type) {
        case .forwardTSN: capabilities.insert(.partialReliability)
        case .reconfiguration: capabilities.insert(.reconfiguration)
        case .interleavedData: capabilities.insert(.interleaving)
        default: continue
        }
      }
    case InitiationParameter.hostName:
      hasHostName = true
    case InitiationParameter.ipv4Address, InitiationParameter.ipv6Address,
      InitiationParameter.unrecognized, InitiationParameter.cookiePreservative,
      InitiationParameter.addressTypes:
      // Over DTLS there are no addresses (RFC 8261 section 3).
      break
    default:
      let action = UnknownTypeAction(parameter.type)
      if action.isReported,
        unrecognized.count + parameter.whole.count <= Self.maximumUnrecognized
      {
        unrecognized.append(contentsOf: repeatElement(0, count: -unrecognized.count & 3))
        unrecognized.append(copying: bytes.extracting(parameter.whole))
      }
      return action.isSkipped
    }
    return true
  }

  /// The chunk as it goes into a packet.
  func bytes(_ type: ChunkType) -> [UInt8] {
    var value: [UInt8] = []
    value.append(bigEndian: tag.rawValue)
    value.append(bigEndian: window)
    value.append(bigEndian: outgoingStreams)
    value.append(bigEndian: incomingStreams)
    value.append(bigEndian: initialTSN.rawValue)
    var types: [ChunkType] = []
    if capabilities.contains(.reconfiguration) { types.append(.reconfiguration) }
    if capabilities.contains(.partialReliability) {
      types.append(.forwardTSN)
      value.append(parameter: InitiationParameter.forwardTSN, [])
    }
    if capabilities.contains(.interleaving) {
      types += [.interleavedData, .interleavedForwardTSN]
    }
    value.append(parameter: InitiationParameter.supportedExtensions, types.map(\.rawValue))
    if capabilities.contains(.zeroChecksum) {
      var method: [UInt8] = []
      method.append(bigEndian: Self.errorDetectionByDTLS)
      value.append(parameter: InitiationParameter.zeroChecksum, method)
    }
    if let cookie { value.append(parameter: InitiationParameter.stateCookie, cookie) }
    if !unrecognized.isEmpty {
      value.append(parameter: InitiationParameter.unrecognized, unrecognized)
    }
    return .chunk(type, value)
  }
}
