// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
public import SDP
internal import Wire

/// A video track that the application wants to send.
public struct OutgoingVideo: Hashable, Sendable {
  /// The track's identifier, for `a=msid`.
  public var trackID: String
  /// The stream that the track belongs to, for `a=msid`.
  public var streamID: String
  /// What the encoder writes into its SPS.
  public var profile: H264Profile

  /// Creates a track from its parts.
  public init(trackID: String, streamID: String, profile: H264Profile) {
    self.trackID = trackID
    self.streamID = streamID
    self.profile = profile
  }
}

/// Why a description cannot be applied.
public enum NegotiationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text is not a session description.
  case malformed(SDPError)
  /// It is one, but cannot be used; the sentence says why.
  case unusable(String)
  /// There is no remote description yet.
  case noRemoteDescription
  /// The candidate cannot be read.
  case malformedCandidate
  /// The local description is not the one that was created.
  case modified

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .malformed(let error): "The \(error)."
    case .unusable(let reason): reason
    case .noRemoteDescription: "There is no remote description yet."
    case .malformedCandidate: "The candidate cannot be read as RFC 8839 section 5.1 writes it."
    case .modified: "The local description is not the one that was created."
    }
  }
}

/// The exchange of descriptions: a remote offer in, an answer out (RFC 9429, RFC 3264).
///
/// One transport carries everything (BUNDLE, rtcp-mux); what we do not serve is answered with port 0
/// in its place, and with a sentence for the person in `rejections`.
struct Negotiation: Sendable {
  /// An m-line on which we send.
  struct Sending: Sendable {
    var mid: String
    var track: OutgoingVideo
    var payloadType: UInt8
    var retransmissionPayloadType: UInt8?
    var midExtension: UInt8?
    var playoutDelayExtension: UInt8?
    var supportsNACK: Bool
    var reducedSizeRTCP: Bool
    var ssrc: SSRC
    var retransmissionSSRC: SSRC
  }

  /// What an answer decided, to be applied by `setLocalAnswer`.
  struct Decision: Sendable {
    var answer: SessionDescription
    var sending: [Sending]
  }

  private(set) var remote: SessionDescription?
  private(set) var remoteTransport = TransportDescription()
  private(set) var remoteFingerprints: [DTLSFingerprint] = []
  private(set) var dtlsRole: DTLSRole?
  private(set) var rejections: [String] = []
  var decision: Decision?
  var sending: [Sending] = []
  var local: SessionDescription?
  let canonicalName: String
  private var random: RandomSource
  private let sessionID: UInt64
  private var version: UInt64 = 1

  init(random: RandomSource) {
    self.random = random
    canonicalName = self.random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    sessionID = self.random.next() >> 2
  }

  /// Reads an offer and what it says of the transport.
  mutating func takeOffer(_ text: String) throws(NegotiationError) {
    let offer: SessionDescription
    do {
      offer = try SessionDescription(parsing: text)
    } catch {
      throw .malformed(error)
    }
    guard let first = offer.effectiveMedia.first(where: { !$0.isRejected }) else {
      throw .unusable("The offer has no m-line that is not rejected.")
    }
    let transport = first.transport
    guard transport.usernameFragment != nil, transport.password != nil else {
      throw .unusable("The offer has no ICE credentials (a=ice-ufrag and a=ice-pwd).")
    }
    let fingerprints = transport.fingerprints.compactMap { DTLSFingerprint(parsing: $0) }
    guard !fingerprints.isEmpty else {
      throw .unusable(
        "The offer has no DTLS fingerprint (a=fingerprint): nothing is sent unencrypted."
      )
    }
    switch transport.setup {
    case .passive, .actpass, nil: dtlsRole = .client
    case .active: dtlsRole = .server
    case .holdconn: throw .unusable("The offer's a=setup:holdconn asks for no connection.")
    }
    remote = offer
    remoteTransport = transport
    remoteFingerprints = fingerprints
    decision = nil
  }

  /// Answers the offer, sending `tracks` on its video m-lines that receive, in order.
  mutating func answer(
    sending tracks: [OutgoingVideo],
    credentials: ICECredentials,
    fingerprint: DTLSFingerprint
  ) throws(NegotiationError) -> SessionDescription {
    guard let offer = remote else { throw .noRemoteDescription }
    var transport = TransportDescription()
    transport.usernameFragment = credentials.usernameFragment
    transport.password = credentials.password
    transport.iceOptions = ["trickle"]
    transport.fingerprints = [fingerprint.description]
    transport.setup = dtlsRole == .server ? .passive : .active
    var answer = SessionDescription(
      origin: SessionDescription.Origin(sessionID: "\(sessionID)", version: version)
    )
    version &+= 1
    var waiting = tracks[...]
    var accepted: [Sending] = []
    rejections = []
    for (index, line) in offer.effectiveMedia.enumerated() {
      if isBundled(line, in: offer), let track = waiting.first,
        let sending = send(track, on: line, at: index)
      {
        waiting = waiting.dropFirst()
        accepted.append(sending)
        answer.media.append(describe(sending, line, transport))
      } else {
        answer.media.append(Self.rejected(line))
      }
    }
    answer.bundleGroups = accepted.isEmpty ? [] : [accepted.map(\.mid)]
    answer.allowsMixedExtensions = offer.allowsMixedExtensions
    decision = Decision(answer: answer, sending: accepted)
    return answer
  }

  private func isBundled(_ line: MediaDescription, in offer: SessionDescription) -> Bool {
    guard !line.isRejected else { return false }
    guard let group = offer.bundleGroups.first, let mid = line.mid else {
      return offer.media.count == 1
    }
    return group.contains(mid)
  }

  /// Whether `line` can carry `track`, and how; otherwise a sentence in `rejections` says why not.
  private mutating func send(
    _ track: OutgoingVideo,
    on line: MediaDescription,
    at index: Int
  ) -> Sending? {
    guard line.kind == .video else { return nil }
    guard line.direction.receives else {
      rejections.append("The offer's video m-line does not receive.")
      return nil
    }
    guard line.hasRTCPMux else {
      rejections.append("The offer's video m-line has no a=rtcp-mux.")
      return nil
    }
    guard let codec = Self.codec(for: track.profile, in: line) else {
      let offered = line.codecs.filter {
        !["rtx", "red", "ulpfec", "flexfec-03"].contains($0.name)
      }
      let names = offered.map(\.name).reduce(into: [String]()) { list, name in
        if !list.contains(name) { list.append(name) }
      }
      rejections.append(
        "This browser offers no H.264 video that the camera sends (packetization-mode 1, "
          + "Constrained Baseline), only \(names.isEmpty ? "nothing" : names.joined(separator: ", "))."
      )
      return nil
    }
    let previous = sending.first { $0.mid == line.mid }
    let retransmission = line.codecs.first { $0.associatedPayloadType == codec.payloadType }
    return Sending(
      mid: line.mid ?? "\(index)",
      track: track,
      payloadType: codec.payloadType,
      retransmissionPayloadType: retransmission?.payloadType,
      midExtension: Self.extensionID(HeaderExtension.mid, in: line),
      playoutDelayExtension: Self.extensionID(HeaderExtension.playoutDelay, in: line),
      supportsNACK: codec.feedback.contains("nack"),
      reducedSizeRTCP: line.hasReducedSizeRTCP,
      ssrc: previous?.ssrc ?? randomSSRC(),
      retransmissionSSRC: previous?.retransmissionSSRC ?? randomSSRC()
    )
  }

  /// The H.264 format with packetization mode 1 whose decoder reads `profile`, the same profile first.
  private static func codec(
    for profile: H264Profile,
    in line: MediaDescription
  ) -> CodecDescription? {
    let usable = line.codecs.filter { $0.packetizationMode == 1 && $0.h264Profile != nil }
    return usable.first { $0.h264Profile?.isCompatible(with: profile) == true }
      ?? usable.first { $0.h264Profile?.decodes(profile) == true }
  }

  private static func extensionID(_ uri: String, in line: MediaDescription) -> UInt8? {
    let map = line.extensions.first { $0.uri == uri }
    guard let map, (1...14).contains(map.id) else { return nil }
    return UInt8(map.id)
  }

  private mutating func randomSSRC() -> SSRC {
    SSRC.random(using: &random)
  }

  /// The answering m-line: the offer's payload types, numbers and feedback that we use.
  private func describe(
    _ sending: Sending,
    _ offered: MediaDescription,
    _ transport: TransportDescription
  ) -> MediaDescription {
    var codecs: [CodecDescription] = []
    if var codec = offered.codecs.first(where: { $0.payloadType == sending.payloadType }) {
      let name = codec.h264Profile?.name ?? sending.track.profile.name
      let profile = H264Profile(name, sending.track.profile.level)
      codec.feedback = codec.feedback.filter { ["nack", "nack pli", "ccm fir"].contains($0) }
      codec.parameters = FormatParameters([
        .init("level-asymmetry-allowed", "1"), .init("packetization-mode", "1"),
        .init("profile-level-id", profile.profileLevelID),
      ])
      codecs.append(codec)
    }
    if let payloadType = sending.retransmissionPayloadType {
      codecs.append(
        CodecDescription(
          payloadType: payloadType,
          name: "rtx",
          clockRate: 90_000,
          parameters: FormatParameters([.init("apt", "\(sending.payloadType)")])
        )
      )
    }
    var line = MediaDescription(kind: .video, codecs: codecs)
    line.proto = offered.proto
    line.mid = offered.mid
    line.transport = transport
    line.direction = .sendonly
    line.hasRTCPMux = true
    line.hasReducedSizeRTCP = sending.reducedSizeRTCP
    if let id = sending.midExtension {
      line.extensions.append(ExtensionMap(id: UInt16(id), uri: HeaderExtension.mid))
    }
    if let id = sending.playoutDelayExtension {
      line.extensions.append(ExtensionMap(id: UInt16(id), uri: HeaderExtension.playoutDelay))
    }
    line.streams = [.init(stream: sending.track.streamID, track: sending.track.trackID)]
    var sources = [sending.ssrc.rawValue]
    if sending.retransmissionPayloadType != nil {
      sources.append(sending.retransmissionSSRC.rawValue)
      line.sourceGroups = [.init(semantics: "FID", sources: sources)]
    }
    line.sourceAttributes = sources.map {
      .init(source: $0, name: "cname", value: canonicalName)
    }
    return line
  }

  /// An m-line in its place with port 0 (RFC 9429 section 5.3.1).
  private static func rejected(_ offered: MediaDescription) -> MediaDescription {
    var line = MediaDescription(
      kind: offered.kind,
      port: 0,
      proto: offered.proto,
      formats: Array(offered.formats.prefix(1))
    )
    line.mid = offered.mid
    line.codecs = Array(offered.codecs.prefix(1))
    for index in line.codecs.indices { line.codecs[index].feedback = [] }
    line.direction = .inactive
    return line
  }
}

/// The header extensions that we write.
enum HeaderExtension {
  /// RFC 9143 section 15.1.
  static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
  /// How long the receiver may hold a picture back.
  static let playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
}
