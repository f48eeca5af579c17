// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import SDP

extension Negotiation {
  /// The one transport that an answer's m-lines share; `nil` where it rejects all.
  func transport(of answer: SessionDescription) throws(NegotiationError) -> RemoteTransport? {
    let lines = answer.effectiveMedia
    let accepted = lines.filter { !$0.isRejected }
    guard let first = accepted.first, let name = first.mid else { return nil }
    let mids = accepted.compactMap(\.mid)
    let group = answer.bundleGroups.first { $0.contains(name) } ?? [name]
    guard mids.allSatisfy(group.contains) else {
      throw .unusable("The answer does not bundle its m-lines, and there is one transport only.")
    }
    let tag = group.first(where: mids.contains)
    let found = try RemoteTransport(
      of: accepted.first { $0.mid == tag } ?? first,
      in: answer,
      .answer
    )
    try checkContinuity(found)
    return found
  }
}

extension SessionDescription {
  /// An answer as far as it answers `offer`: its names filled in, and in each m-line only the codecs
  /// and extensions that were offered (RFC 3264 section 6, RFC 9429 section 5.11).
  ///
  /// - Throws: what it answers otherwise than it may.
  func checked(
    against offer: SessionDescription
  ) throws(NegotiationError) -> SessionDescription {
    guard media.count == offer.media.count,
      zip(media, offer.media).allSatisfy({ $0.kind == $1.kind })
    else { throw .unusable("The answer's m-lines are not those of the offer.") }
    var result = self
    result.extensions = []
    for (index, asked) in offer.media.enumerated() {
      var line = media[index]
      guard line.mid == nil || line.mid == asked.mid else {
        throw .unusable(
          "The answer names an m-line \(line.mid ?? "") where the offer has \(asked.mid ?? "")."
        )
      }
      line.mid = asked.mid
      if !line.isRejected {
        let name = asked.mid ?? "\(index)"
        guard !asked.isRejected else {
          throw .unusable("The answer takes the m-line \(name), which the offer rejects.")
        }
        guard line.isRTP == asked.isRTP else {
          throw .unusable("The answer's m-line \(name) has another protocol than the offer's.")
        }
        guard line.isDataChannel || !asked.isDataChannel else {
          throw .unusable("The answer's m-line \(name) has no data channels (a=sctp-port).")
        }
        guard line.hasRTCPMux || !asked.isRTP else {
          throw .unusable("The answer has an m-line without a=rtcp-mux.")
        }
        line.extensions = effective(line).extensions.filter { map in
          asked.extensions.contains { $0.id == map.id && $0.uri == map.uri }
        }
        line.codecs = line.codecs.filter { $0.answers(in: asked.codecs) }
        if let kind = asked.mediaKind, !line.codecs.contains(where: { $0.isMedia(of: kind) }) {
          throw .unusable("The answer's m-line \(name) has none of the codecs that were offered.")
        }
      }
      result.media[index] = line
    }
    return result
  }
}

extension CodecDescription {
  /// Whether this is one of the codecs `offered`, under the number it was offered with.
  fileprivate func answers(in offered: [CodecDescription]) -> Bool {
    guard let asked = offered.first(where: { $0.payloadType == payloadType }),
      asked.isNamed(name), asked.clockRate == clockRate,
      asked.associatedPayloadType == associatedPayloadType
    else { return false }
    guard let profile = asked.h264Profile else { return true }
    return packetizationMode == asked.packetizationMode
      && h264Profile?.isCompatible(with: profile) == true
  }
}
