// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
internal import SDP

extension Negotiation {
  /// Makes an offer of all transceivers (RFC 9429 section 5.2); without any it has no m-line.
  ///
  /// With `restartsICE` this offer has new credentials, and the next one has not.
  mutating func makeOffer(
    credentials: ICECredentials,
    fingerprint: DTLSFingerprint,
    restartsICE: Bool = false
  ) throws(NegotiationError) -> SessionDescription {
    guard state == .stable || state == .haveLocalOffer else {
      throw .invalidState("The peer's offer is to be answered first.")
    }
    var credentials = credentials
    let restartsICE = transport != nil && (wantsRestart || restartsICE)
    if restartsICE {
      credentials = restart ?? .random(using: &random)
    }
    var own = TransportDescription()
    own.usernameFragment = credentials.usernameFragment
    own.password = credentials.password
    own.iceOptions = ["trickle"]
    own.fingerprints = [fingerprint.description]
    // Always both: whoever keeps the association answers with the role it has (RFC 8842 section 5.3).
    own.setup = .actpass
    var offer = SessionDescription(origin: nextOrigin())
    let lines = [currentRemote?.effectiveMedia, currentLocal?.media, pendingLocal?.media]
    var numbers = PayloadNumbers(of: lines.flatMap { $0 ?? [] })
    var unplaced = transceivers.filter { $0.isLive && $0.line == nil }[...]
    let placed = transceivers.filter { !$0.isStopped }.map(\.line) + [data.line]
    var isDataPlaced = data.line != nil || !data.isWanted
    let ends = placed.compactMap { $0.map { $0 + 1 } }
    let count = (ends + [currentLocal?.media.count ?? 0]).max() ?? 0
    for index in 0..<count {
      let old = line(index, of: currentLocal) ?? line(index, of: pendingLocal)
      let isFree =
        transceiver(on: index) == nil && data.line != index
        && (old?.isRejected != false || line(index, of: currentRemote)?.isRejected == true)
      if let known = transceiver(on: index), transceivers[known].isLive {
        offer.media.append(describe(transceivers[known], own, &numbers))
      } else if data.line == index {
        offer.media.append(.dataChannel(mid: data.mid, own))
      } else if isFree, let next = unplaced.popFirst() {
        offer.media.append(describe(next, own, &numbers))
      } else if isFree, !isDataPlaced {
        offer.media.append(.dataChannel(mid: dataMid(), own))
        isDataPlaced = true
      } else if let old {
        offer.media.append(old.rejection)
      }
    }
    for transceiver in unplaced { offer.media.append(describe(transceiver, own, &numbers)) }
    if !isDataPlaced { offer.media.append(.dataChannel(mid: dataMid(), own)) }
    let mids = offer.media.filter { !$0.isRejected }.compactMap(\.mid)
    offer.bundleGroups = mids.isEmpty ? [] : [mids]
    offer.allowsMixedExtensions = true
    offer.msidSemantic = ["WMS", "*"]
    draftOffer = Draft(
      description: offer,
      decision: nil,
      credentials: credentials,
      restartsICE: restartsICE
    )
    return offer
  }

  private func line(_ index: Int, of description: SessionDescription?) -> MediaDescription? {
    guard let media = description?.media, media.indices.contains(index) else { return nil }
    return media[index]
  }

  /// An offered m-line: what was agreed before where there is something, else all that we can.
  private mutating func describe(
    _ transceiver: Transceiver,
    _ own: TransportDescription,
    _ numbers: inout PayloadNumbers
  ) -> MediaDescription {
    var codecs: [CodecDescription] = []
    if let index = transceiver.line, let old = currentLocal, old.media.indices.contains(index),
      !old.media[index].isRejected
    {
      codecs = old.media[index].codecs
    }
    let profile = transceiver.kind == .video ? transceiver.outgoing?.profile : nil
    let isCovered = codecs.contains { codec in
      codec.isMedia(of: transceiver.kind)
        && (profile == nil || codec.h264Profile?.decodes(profile ?? .inferred) == true)
    }
    if !isCovered {
      let placed = numbers.place(MediaCapabilities.codecs(transceiver.kind, sending: profile))
      let taken = Set(placed.map(\.payloadType))
      codecs = placed + codecs.filter { !taken.contains($0.payloadType) }
    }
    for index in codecs.indices where codecs[index].isMedia(of: .video) {
      codecs[index].feedback = MediaCapabilities.feedback
    }
    var line = MediaDescription(kind: .init(transceiver.kind.rawValue), codecs: codecs)
    line.mid = transceiver.mid ?? draftMid(of: transceiver.id)
    line.transport = own
    line.direction = transceiver.direction
    line.hasRTCPMux = true
    line.hasReducedSizeRTCP = true
    line.extensions = numbers.place(MediaCapabilities.extensions(transceiver.kind))
    line.announce(transceiver, canonicalName: canonicalName)
    if transceiver.kind == .video { line.other = [MediaDescription.receiverRoundTripTime] }
    return line
  }

  /// The same for the data channels.
  private mutating func dataMid() -> String {
    let mid = draftDataMid ?? makeMid()
    draftDataMid = mid
    return mid
  }

  /// The mid that a transceiver without one will get: the same in every offer until one is applied.
  private mutating func draftMid(of id: Transceiver.ID) -> String {
    let mid = draftMids[id] ?? makeMid()
    draftMids[id] = mid
    return mid
  }
}

/// Which payload types and extension numbers are taken, since all m-lines of a bundle share them
/// (RFC 9143 section 9.1).
private struct PayloadNumbers {
  private static let free = Array(UInt8(96)...127) + Array(UInt8(35)...63)
  private var codecs: [UInt8: CodecDescription] = [:]
  private var extensions: [UInt16: String] = [:]

  init(of lines: [MediaDescription]) {
    for line in lines where !line.isRejected {
      for codec in line.codecs { codecs[codec.payloadType] = codec }
      for map in line.extensions { extensions[map.id] = map.uri }
    }
  }

  /// The same codecs under numbers that nobody else has.
  mutating func place(_ list: [CodecDescription]) -> [CodecDescription] {
    var moved: [UInt8: UInt8] = [:]
    return list.map { wanted in
      var codec = wanted
      if let media = wanted.associatedPayloadType, let new = moved[media] {
        codec = MediaCapabilities.retransmission(wanted.payloadType, of: new)
      }
      if let media = wanted.redundantPayloadType, let new = moved[media] {
        codec = MediaCapabilities.redundancy(wanted.payloadType, of: new)
      }
      if let other = codecs[codec.payloadType], other != codec {
        codec.payloadType = Self.free.first { codecs[$0] == nil } ?? codec.payloadType
      }
      moved[wanted.payloadType] = codec.payloadType
      codecs[codec.payloadType] = codec
      return codec
    }
  }

  /// The same extensions under the numbers that they have already, or new ones while there are any.
  mutating func place(_ list: [ExtensionMap]) -> [ExtensionMap] {
    list.compactMap { wanted in
      var map = wanted
      let used = (UInt16(1)...14).first { extensions[$0] == wanted.uri }
      let isFree = extensions[wanted.id] == nil
      let free = isFree ? wanted.id : (UInt16(1)...14).first { extensions[$0] == nil }
      guard let id = used ?? free else { return nil }
      map.id = id
      extensions[id] = map.uri
      return map
    }
  }
}

extension MediaDescription {
  /// Says which track is sent, and its sources, where the line sends; the track may come later.
  mutating func announce(_ transceiver: Transceiver, canonicalName: String) {
    guard direction.sends else { return }
    let names = transceiver.streamIDs.isEmpty ? ["-"] : transceiver.streamIDs
    streams = names.map { StreamIdentifier(stream: $0, track: transceiver.outgoing?.trackID) }
    var sources = [transceiver.ssrc.rawValue]
    if codecs.contains(where: { $0.associatedPayloadType != nil }) {
      sources.append(transceiver.retransmissionSSRC.rawValue)
      sourceGroups = [.init(semantics: "FID", sources: sources)]
    }
    sourceAttributes = sources.map { .init(source: $0, name: "cname", value: canonicalName) }
  }

  /// The m-line in its place with port 0 (RFC 9429 section 5.3.1).
  var rejection: MediaDescription {
    var line = MediaDescription(
      kind: kind,
      port: 0,
      proto: proto,
      formats: Array(formats.prefix(1))
    )
    line.mid = mid
    line.codecs = Array(codecs.prefix(1))
    for index in line.codecs.indices { line.codecs[index].feedback = [] }
    line.direction = .inactive
    return line
  }
}
