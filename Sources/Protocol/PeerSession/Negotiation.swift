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
  struct Sending: Hashable, Sendable {
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

    /// The same with the streams of `previous`, if nothing on the wire would change.
    func continuing(_ previous: Sending) -> Sending? {
      var result = self
      result.ssrc = previous.ssrc
      result.retransmissionSSRC = previous.retransmissionSSRC
      var comparable = result
      comparable.track.profile = previous.track.profile
      return comparable == previous ? result : nil
    }
  }

  /// What an answer decided, to be applied by `setLocalAnswer`.
  struct Decision: Sendable {
    var answer: SessionDescription
    var sending: [Sending]
    /// The peer's transport that carries it all; `nil` where everything is rejected.
    var transport: RemoteTransport?
    /// Our credentials of the next generation, where the peer restarts ICE.
    var restart: ICECredentials?
  }

  private(set) var remote: SessionDescription?
  /// The peer's transport in force: that of the last answer that was applied.
  private(set) var transport: RemoteTransport?
  private(set) var rejections: [String] = []
  private(set) var decision: Decision?
  private(set) var sending: [Sending] = []
  private(set) var local: SessionDescription?
  /// Candidates of ours, as in `a=candidate`; they outlive one answer.
  var localCandidates: [String] = []
  /// Whether no more candidates of ours will come.
  var hasAllLocalCandidates = false
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
    guard let main = Self.mainLine(of: offer) else {
      throw .unusable("The offer has no m-line that is not rejected.")
    }
    try checkContinuity(RemoteTransport(of: offer.effectiveMedia[main], in: offer))
    remote = offer
    decision = nil
  }

  /// Answers the offer, sending `tracks` on its video m-lines that receive, in order.
  mutating func answer(
    sending tracks: [OutgoingVideo],
    credentials: ICECredentials,
    fingerprint: DTLSFingerprint
  ) throws(NegotiationError) -> SessionDescription {
    guard let offer = remote, let main = Self.mainLine(of: offer) else {
      throw .noRemoteDescription
    }
    var waiting = tracks[...]
    var accepted: [Int: Sending] = [:]
    rejections = []
    for (index, line) in offer.effectiveMedia.enumerated() {
      guard let track = waiting.first, line.kind == .video, !line.isRejected else { continue }
      guard index == main || Self.areBundled(line, offer.media[main], in: offer) else {
        rejections.append("The offer's video m-line is in no BUNDLE group with the first one.")
        continue
      }
      guard let sending = send(track, on: line, at: index) else { continue }
      waiting = waiting.dropFirst()
      accepted[index] = sending
    }
    if waiting.isEmpty {
      rejections = []
    } else if rejections.isEmpty {
      rejections = ["The offer has no m-line that receives video."]
    }
    let remoteTransport = try remoteTransport(of: accepted, in: offer)
    let restart = restart(by: remoteTransport)
    let credentials = restart ?? credentials
    var transport = TransportDescription()
    transport.usernameFragment = credentials.usernameFragment
    transport.password = credentials.password
    transport.iceOptions = ["trickle"]
    transport.fingerprints = [fingerprint.description]
    transport.setup = remoteTransport?.role == .server ? .passive : .active
    var answer = SessionDescription(
      origin: SessionDescription.Origin(sessionID: "\(sessionID)", version: version)
    )
    version &+= 1
    for (index, line) in offer.effectiveMedia.enumerated() {
      let sending = accepted[index]
      answer.media.append(sending.map { describe($0, line, transport) } ?? Self.rejected(line))
    }
    let mids = Set(accepted.values.map(\.mid))
    answer.bundleGroups = offer.bundleGroups.map { $0.filter(mids.contains) }.filter { !$0.isEmpty }
    answer.allowsMixedExtensions = offer.allowsMixedExtensions
    decision = Decision(
      answer: answer,
      sending: accepted.sorted { $0.key < $1.key }.map(\.value),
      transport: remoteTransport,
      restart: restart
    )
    return answer
  }

  /// Puts the answer that `answer` made in force, if `text` is that.
  mutating func apply(_ text: String) throws(NegotiationError) -> Decision {
    guard let decision else { throw .noRemoteDescription }
    guard decision.answer.description == text else { throw .modified }
    self.decision = nil
    local = decision.answer
    sending = decision.sending
    transport = decision.transport ?? transport
    return decision
  }

  /// The answer in force, with our candidates in the m-line that stands for the bundle.
  var localDescription: SessionDescription? {
    guard var description = local else { return nil }
    let mid = description.bundleGroups.first?.first
    let index = description.media.firstIndex { line in
      !line.isRejected && (mid == nil || line.mid == mid)
    }
    if let index {
      description.media[index].candidates = localCandidates
      description.media[index].isEndOfCandidates = hasAllLocalCandidates
    }
    return description
  }

  /// The index of the m-line whose transport we would use: the first video that could be sent, else
  /// the first at all.
  private static func mainLine(of offer: SessionDescription) -> Int? {
    let lines = offer.effectiveMedia
    let live = lines.indices.filter { !lines[$0].isRejected }
    let videos = live.filter { lines[$0].kind == .video && lines[$0].direction.receives }
    return videos.first { lines[$0].hasRTCPMux && lines[$0].codecs.contains(where: isUsable) }
      ?? videos.first ?? live.first
  }

  private static func areBundled(
    _ one: MediaDescription,
    _ other: MediaDescription,
    in offer: SessionDescription
  ) -> Bool {
    guard let mid = one.mid, let otherMid = other.mid else { return false }
    return offer.bundleGroups.contains { $0.contains(mid) && $0.contains(otherMid) }
  }

  /// The transport of the m-line that stands for the bundle: the first of its group that is
  /// accepted (RFC 9143 section 7.3.1).
  private func remoteTransport(
    of accepted: [Int: Sending],
    in offer: SessionDescription
  ) throws(NegotiationError) -> RemoteTransport? {
    guard let first = accepted.keys.min() else { return nil }
    let mids = Set(accepted.values.map(\.mid))
    let tag = offer.bundleGroups.joined().first(where: mids.contains)
    let lines = offer.effectiveMedia
    let line = lines.first { $0.mid != nil && $0.mid == tag } ?? lines[first]
    let transport = try RemoteTransport(of: line, in: offer)
    try checkContinuity(transport)
    return transport
  }

  /// New credentials of ours if the offer has others than the last one: that is how a peer restarts
  /// ICE (RFC 8839 section 4.4.1.1.1).
  private mutating func restart(by next: RemoteTransport?) -> ICECredentials? {
    guard let transport, let next, next.credentials != transport.credentials else { return nil }
    return .random(using: &random)
  }

  /// A running DTLS association can neither change its roles nor its certificate (RFC 8842 section 4).
  private func checkContinuity(_ next: RemoteTransport) throws(NegotiationError) {
    guard let transport else { return }
    guard Set(next.fingerprints) == Set(transport.fingerprints) else {
      throw .unusable("The offer names another certificate than before: open a new connection.")
    }
    guard next.offered == .actpass || next.role == transport.role else {
      throw .unusable("The offer changes the DTLS roles (a=setup): open a new connection.")
    }
  }

  /// Whether `line` can carry `track`, and how; otherwise a sentence in `rejections` says why not.
  private mutating func send(
    _ track: OutgoingVideo,
    on line: MediaDescription,
    at index: Int
  ) -> Sending? {
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
    let retransmission = line.retransmission(of: codec.payloadType)
    let mid = line.mid ?? "\(index)"
    let made = Sending(
      mid: mid,
      track: track,
      payloadType: codec.payloadType,
      retransmissionPayloadType: retransmission?.payloadType,
      midExtension: Self.extensionID(HeaderExtension.mid, in: line),
      playoutDelayExtension: Self.extensionID(HeaderExtension.playoutDelay, in: line),
      supportsNACK: codec.feedback.contains("nack"),
      reducedSizeRTCP: line.hasReducedSizeRTCP,
      ssrc: SSRC.random(using: &random),
      retransmissionSSRC: SSRC.random(using: &random)
    )
    return sending.first { $0.mid == mid }.flatMap(made.continuing) ?? made
  }

  /// Whether a codec is H.264 as we packetise it.
  private static func isUsable(_ codec: CodecDescription) -> Bool {
    codec.packetizationMode == 1 && codec.h264Profile != nil
  }

  /// The H.264 format with packetization mode 1 whose decoder reads `profile`, the same profile first.
  private static func codec(
    for profile: H264Profile,
    in line: MediaDescription
  ) -> CodecDescription? {
    let usable = line.codecs.filter(isUsable)
    return usable.first { $0.h264Profile?.isCompatible(with: profile) == true }
      ?? usable.first { $0.h264Profile?.decodes(profile) == true }
  }

  /// The number of an extension that we may send in packets with one-byte headers.
  private static func extensionID(_ uri: String, in line: MediaDescription) -> UInt8? {
    let map = line.extensions.first { $0.uri == uri && $0.direction?.receives != false }
    guard let map, (1...14).contains(map.id) else { return nil }
    return UInt8(map.id)
  }

  /// The answering m-line: the offer's payload types, numbers and feedback that we use.
  private func describe(
    _ sending: Sending,
    _ offered: MediaDescription,
    _ transport: TransportDescription
  ) -> MediaDescription {
    var codecs: [CodecDescription] = []
    if var codec = offered.codec(sending.payloadType) {
      let wanted = ["nack", "nack pli", "ccm fir"]
      codec.feedback = wanted.filter(codec.feedback.contains)
      codec.parameters = Self.parameters(sending.track.profile, answering: codec)
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
    let numbers = [sending.midExtension, sending.playoutDelayExtension].compactMap { $0 }
    line.extensions = offered.extensions.filter { numbers.contains(UInt8(clamping: $0.id)) }
      .map { map in
        ExtensionMap(id: map.id, uri: map.uri, direction: map.direction == nil ? nil : .sendonly)
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

  /// Our level where each side may have its own, else the offer's (RFC 6184 section 8.2.2).
  private static func parameters(
    _ profile: H264Profile,
    answering codec: CodecDescription
  ) -> FormatParameters {
    var list: [FormatParameters.Parameter] = []
    var answered = codec.h264Profile ?? profile
    if codec.isLevelAsymmetryAllowed {
      list.append(.init("level-asymmetry-allowed", "1"))
      answered.level = profile.level
    }
    list.append(.init("packetization-mode", "1"))
    list.append(.init("profile-level-id", answered.profileLevelID))
    return FormatParameters(list)
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
