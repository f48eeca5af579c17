// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import MediaTypes
internal import RTP
internal import SDP

extension Negotiation {
  /// Answers the peer's offer with the transceivers that its m-lines have found (RFC 9429 section 5.3).
  mutating func makeAnswer(
    credentials: ICECredentials,
    fingerprint: DTLSFingerprint
  ) throws(NegotiationError) -> SessionDescription {
    guard state == .haveRemoteOffer || state == .haveLocalProvisionalAnswer,
      let offer = pendingRemote
    else { throw .invalidState("There is no remote offer to answer.") }
    rejections = []
    var codecs: [Int: CodecDescription] = [:]
    let lines = offer.effectiveMedia
    let main = mainLine(of: offer)
    for (index, line) in lines.enumerated() {
      guard let known = transceiver(on: index), transceivers[known].isLive, !line.isRejected else {
        continue
      }
      guard let codec = codec(for: transceivers[known], answering: line) else { continue }
      guard index == main || main.map({ Self.areBundled(line, lines[$0], in: offer) }) == true
      else {
        rejections.append("The offer's video m-line is in no BUNDLE group with the first one.")
        continue
      }
      codecs[index] = codec
    }
    settleRejections(accepted: codecs.keys)
    let channels = acceptedData(of: offer, beside: Array(codecs.keys), main)
    let accepted = Array(codecs.keys) + [channels].compactMap { $0 }
    let theirs = try answeredTransport(of: accepted, in: offer)
    var credentials = credentials
    if let transport, let theirs, theirs.credentials != transport.credentials {
      credentials = draftAnswer?.credentials ?? .random(using: &random)
    }
    var own = TransportDescription()
    own.usernameFragment = credentials.usernameFragment
    own.password = credentials.password
    own.iceOptions = ["trickle"]
    own.fingerprints = [fingerprint.description]
    own.setup = theirs?.role == .server ? .passive : .active
    var answer = SessionDescription(origin: nextOrigin())
    for (index, line) in lines.enumerated() {
      if index == channels {
        answer.media.append(.dataChannel(mid: line.mid, proto: line.proto, own))
        continue
      }
      guard let codec = codecs[index], let known = transceiver(on: index) else {
        answer.media.append(line.rejection)
        continue
      }
      let first = describe(known, codec, line, own)
      if let media = AgreedMedia(transceivers[known], local: first, remote: line, answer: first),
        hasChanged(media, since: agreed)
      {
        renewSources(of: media.transceiver)
      }
      answer.media.append(describe(known, codec, line, own))
    }
    let mids = Set(accepted.compactMap { answer.media[$0].mid })
    answer.bundleGroups = offer.bundleGroups.map { $0.filter(mids.contains) }.filter { !$0.isEmpty }
    answer.allowsMixedExtensions = offer.allowsMixedExtensions
    let media = codecs.keys.sorted().compactMap { index in
      transceiver(on: index).flatMap { known in
        AgreedMedia(
          transceivers[known],
          local: answer.media[index],
          remote: lines[index],
          answer: answer.media[index]
        )
      }
    }
    for index in unnamed { answer.media[index].mid = nil }
    draftAnswer = Draft(
      description: answer,
      decision: Decision(
        media: media,
        data: channels.flatMap { AgreedData(lines[$0]) },
        transport: theirs
      ),
      credentials: credentials
    )
    return answer
  }

  /// The m-line whose transport we would use: the first on which we send, else the first at all.
  private func mainLine(of offer: SessionDescription) -> Int? {
    let lines = offer.effectiveMedia
    let live = lines.indices.filter { index in
      !lines[index].isRejected && transceiver(on: index).map { transceivers[$0].isLive } == true
    }
    let sending = live.filter { index in
      transceiver(on: index).map { transceivers[$0].outgoing != nil } == true
        && lines[index].direction.receives && lines[index].hasRTCPMux
    }
    return sending.first { index in
      transceiver(on: index).map { known in
        lines[index].codecs.contains { $0.isMedia(of: transceivers[known].kind) }
      } == true
    } ?? sending.first ?? live.first
  }

  static func areBundled(
    _ one: MediaDescription,
    _ other: MediaDescription,
    in offer: SessionDescription
  ) -> Bool {
    guard let mid = one.mid, let otherMid = other.mid else { return false }
    return offer.bundleGroups.contains { $0.contains(mid) && $0.contains(otherMid) }
  }

  /// The transport of the m-line that stands for the bundle: the first of its group that is
  /// accepted (RFC 9143 section 7.3.1).
  private func answeredTransport(
    of accepted: [Int],
    in offer: SessionDescription
  ) throws(NegotiationError) -> RemoteTransport? {
    guard let first = accepted.min() else { return nil }
    let lines = offer.effectiveMedia
    let mids = Set(accepted.compactMap { lines[$0].mid })
    let tag = offer.bundleGroups.joined().first(where: mids.contains)
    let line = lines.first { $0.mid != nil && $0.mid == tag } ?? lines[first]
    var theirs = try RemoteTransport(of: line, in: offer, .offer)
    try checkContinuity(theirs)
    // Who runs the association already keeps its role (RFC 8842 section 5.3).
    if let transport { theirs.role = transport.role }
    return theirs
  }

  /// The codec that `line` and `transceiver` share; otherwise a sentence in `rejections` says why not.
  private mutating func codec(
    for transceiver: Transceiver,
    answering line: MediaDescription
  ) -> CodecDescription? {
    let usable = line.codecs.filter { $0.isMedia(of: transceiver.kind) }
    let track = transceiver.direction.sends ? transceiver.outgoing : nil
    guard line.hasRTCPMux else {
      if track != nil { rejections.append("The offer's \(line.kind) m-line has no a=rtcp-mux.") }
      return nil
    }
    if transceiver.kind == .audio {
      return usable.first { $0.audioCodec == .opus } ?? usable.first
    }
    guard track != nil, line.direction.receives else {
      return usable.first { $0.h264Profile?.name == .constrainedBaseline } ?? usable.first
    }
    guard let profile = track?.profile else { return usable.first }
    let found =
      usable.first { $0.h264Profile?.isCompatible(with: profile) == true }
      ?? usable.first { $0.h264Profile?.decodes(profile) == true }
    if found == nil { rejections.append(Self.withoutH264(line)) }
    return found
  }

  private static func withoutH264(_ line: MediaDescription) -> String {
    let others = ["rtx", "red", "ulpfec", "flexfec-03"]
    let names = line.codecs.map(\.name).reduce(into: [String]()) { list, name in
      if !others.contains(name), !list.contains(name) { list.append(name) }
    }
    return "This browser offers no H.264 video that the camera sends (packetization-mode 1, "
      + "Constrained Baseline), only \(names.isEmpty ? "nothing" : names.joined(separator: ", "))."
  }

  /// Keeps the sentences only where a track of ours has found no place.
  private mutating func settleRejections(accepted: Dictionary<Int, CodecDescription>.Keys) {
    let offered = pendingRemote?.effectiveMedia ?? []
    let left = transceivers.filter { transceiver in
      guard transceiver.outgoing != nil, transceiver.isLive, transceiver.direction.sends else {
        return false
      }
      guard let line = transceiver.line, accepted.contains(line) else { return true }
      return !offered[line].direction.receives
    }
    let shown = transceivers.filter { transceiver in
      transceiver.outgoing != nil
        && transceiver.line.map { accepted.contains($0) && offered[$0].direction.receives } == true
    }.map(\.kind)
    // Pictures without their sound are better than nothing, and sound is enough for who asks for no pictures.
    let suffices =
      shown.contains(.video) && left.allSatisfy { $0.kind == .audio }
      || shown.contains(.audio) && !offered.contains { $0.kind == .video }
    if left.isEmpty || suffices {
      rejections = []
    } else if rejections.isEmpty {
      let kinds = Set(left.map(\.kind.rawValue)).sorted()
      rejections = kinds.map { kind in
        offered.contains { $0.kind.description == kind }
          ? "The offer's \(kind) m-line does not receive."
          : "The offer has no m-line that receives \(kind)."
      }
    }
  }

  /// The answering m-line: the offer's payload types, numbers and feedback that we use.
  private func describe(
    _ known: Int,
    _ codec: CodecDescription,
    _ offered: MediaDescription,
    _ own: TransportDescription
  ) -> MediaDescription {
    let transceiver = transceivers[known]
    var codecs = [codec]
    codecs[0].feedback = MediaCapabilities.feedback.filter(codec.feedback.contains)
    codecs[0].parameters = Self.parameters(transceiver, answering: codec)
    if let retransmission = offered.retransmission(of: codec.payloadType) {
      codecs.append(
        MediaCapabilities.retransmission(retransmission.payloadType, of: codec.payloadType)
      )
    }
    if codec.audioCodec == .opus,
      let redundancy = offered.redundancy(of: codec.payloadType), redundancy.clockRate == 48_000
    {
      codecs.append(MediaCapabilities.redundancy(redundancy.payloadType, of: codec.payloadType))
    }
    var line = MediaDescription(kind: offered.kind, codecs: codecs)
    line.proto = offered.proto
    line.mid = transceiver.mid
    line.transport = own
    line.direction = MediaDirection(
      sends: transceiver.direction.sends && offered.direction.receives,
      receives: transceiver.direction.receives && offered.direction.sends
    )
    line.hasRTCPMux = true
    line.hasReducedSizeRTCP = offered.hasReducedSizeRTCP
    line.extensions = Self.extensions(line.direction, answering: offered)
    line.announce(transceiver, canonicalName: canonicalName)
    if transceiver.kind == .video, offered.asksForReceiverRoundTripTime {
      line.other = [MediaDescription.receiverRoundTripTime]
    }
    return line
  }

  /// The offered extensions that we know, each once, in the direction that is left of it.
  private static func extensions(
    _ direction: MediaDirection,
    answering offered: MediaDescription
  ) -> [ExtensionMap] {
    var seen: Set<String> = []
    return offered.extensions.compactMap { map in
      let isSent = map.uri == HeaderExtension.playoutDelay
      guard isSent || map.uri == HeaderExtension.mid, (1...14).contains(map.id) else { return nil }
      let sends = direction.sends && map.direction?.receives != false
      let receives = !isSent && direction.receives && map.direction?.sends != false
      guard sends || receives || (direction == .inactive && map.direction == nil),
        seen.insert(map.uri).inserted
      else { return nil }
      let stated = map.direction.map { _ in MediaDirection(sends: sends, receives: receives) }
      return ExtensionMap(id: map.id, uri: map.uri, direction: stated)
    }
  }

  /// Our level where each side may have its own, else the offer's (RFC 6184 section 8.2.2).
  private static func parameters(
    _ transceiver: Transceiver,
    answering codec: CodecDescription
  ) -> FormatParameters {
    guard transceiver.kind == .video else {
      guard codec.audioCodec == .opus else { return FormatParameters() }
      return FormatParameters([.init("minptime", "10"), .init("useinbandfec", "1")])
    }
    let profile = transceiver.outgoing?.profile ?? codec.h264Profile ?? MediaCapabilities.received
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
}
