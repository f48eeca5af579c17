// SPDX-License-Identifier: Apache-2.0
internal import SDP

/// The m-line of the data channels, of which there is one for all of them (RFC 8841, RFC 9429).
struct DataSection: Hashable, Sendable {
  /// Our port of SCTP; behind DTLS nothing else has one.
  static let port: UInt16 = 5000
  /// The longest message that we take, in bytes.
  static let maximumMessage = 262_144
  /// What holds for a peer that does not tell its longest (RFC 8841 section 6.1).
  static let unstatedMaximum = 65_536

  /// Whether the application has channels, so that the next offer must have the m-line.
  var isWanted = false
  /// The m-line's identification; `nil` while there is none.
  var mid: String?
  /// The place of the m-line; `nil` while there is none.
  var line: Int?
}

/// What both sides have agreed for the data channels.
struct AgreedData: Hashable, Sendable {
  /// The peer's port of SCTP.
  var remotePort: UInt16
  /// The longest message that the peer takes, in bytes; `nil` for any.
  var maximumMessage: Int?

  /// What the peer's m-line says; `nil` where it is none that we can use.
  init?(_ remote: MediaDescription) {
    guard remote.isDataChannel, !remote.isRejected, let port = remote.sctpPort else { return nil }
    remotePort = port
    switch remote.maxMessageSize {
    case .none: maximumMessage = DataSection.unstatedMaximum
    case 0: maximumMessage = nil
    case .some(let size): maximumMessage = Int(clamping: size)
    }
  }
}

extension MediaDescription {
  /// Whether the m-line is for data channels over SCTP and DTLS, in the form of RFC 8841.
  var isDataChannel: Bool {
    kind == .application && (proto == "UDP/DTLS/SCTP" || proto == "TCP/DTLS/SCTP")
      && formats.contains("webrtc-datachannel") && (sctpPort ?? 0) != 0
  }

  /// Our m-line for data channels.
  static func dataChannel(
    mid: String?,
    proto: String = "UDP/DTLS/SCTP",
    _ own: TransportDescription
  ) -> MediaDescription {
    var line = MediaDescription(kind: .application, proto: proto, formats: ["webrtc-datachannel"])
    line.mid = mid
    line.transport = own
    line.sctpPort = DataSection.port
    line.maxMessageSize = UInt64(DataSection.maximumMessage)
    return line
  }
}

extension Negotiation {
  /// Gives an offered m-line to the data channels, if it is theirs and they have no other.
  ///
  /// Answers whether it is an m-line of theirs at all.
  mutating func associateData(_ line: MediaDescription, at index: Int) -> Bool {
    guard line.isDataChannel, !line.isRejected, data.line == nil || data.line == index else {
      return false
    }
    data.mid = line.mid
    data.line = index
    return true
  }

  /// The m-line of the data channels that an answer to `offer` accepts: it has to share the transport
  /// of the others.
  func acceptedData(of offer: SessionDescription, beside accepted: [Int], _ main: Int?) -> Int? {
    let lines = offer.effectiveMedia
    guard let index = data.line, lines.indices.contains(index), lines[index].isDataChannel,
      !lines[index].isRejected
    else { return nil }
    guard !accepted.isEmpty, let main else { return index }
    return Self.areBundled(lines[index], lines[main], in: offer) ? index : nil
  }

  /// What a pair of descriptions comes to for the data channels.
  func agreedData(local: SessionDescription, remote: SessionDescription) -> AgreedData? {
    guard let index = data.line, local.media.indices.contains(index),
      remote.media.indices.contains(index), local.media[index].isDataChannel,
      !local.media[index].isRejected
    else { return nil }
    return AgreedData(remote.media[index])
  }

  /// Whether the m-line is still to be offered.
  var isDataNeeded: Bool { data.isWanted && data.line == nil }

  /// Throws where an offer puts something else in the place of the channels' m-line while that lives.
  func checkDataPlace(of offer: SessionDescription) throws(NegotiationError) {
    let place = state == .stable ? data : dataPlacement
    guard let index = place.line, let mid = place.mid, offer.media.indices.contains(index) else {
      return
    }
    let line = offer.media[index]
    let isElsewhere = offer.media.enumerated().contains {
      $0.offset != index && $0.element.mid == mid
    }
    guard line.mid == nil || line.mid == mid, line.kind == .application, !isElsewhere else {
      throw .unusable("The offer puts another m-line in the place of \(mid).")
    }
  }

  /// Ends the m-line of the data channels where an answer has rejected it.
  mutating func concludeData(_ answer: SessionDescription?, isFinal: Bool) {
    guard isFinal, let index = data.line, let answer, answer.media.indices.contains(index),
      answer.media[index].isRejected
    else { return }
    data = DataSection()
  }
}
