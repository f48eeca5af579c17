// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import RTP
internal import SDP

/// What both sides have agreed for one m-line.
struct AgreedMedia: Hashable, Sendable {
  /// How we send.
  struct Sending: Hashable, Sendable {
    var payloadType: UInt8
    /// The codec of sound.
    var audioCodec: AudioCodec?
    var retransmissionPayloadType: UInt8?
    var redundancyPayloadType: UInt8?
    var midExtension: UInt8?
    var playoutDelayExtension: UInt8?
    var supportsNACK: Bool
    var ssrc: SSRC
    var retransmissionSSRC: SSRC

    /// The same with the streams of `previous`, if nothing on the wire would change.
    func continuing(_ previous: Sending) -> Sending? {
      var result = self
      result.ssrc = previous.ssrc
      result.retransmissionSSRC = previous.retransmissionSSRC
      return result == previous ? result : nil
    }
  }

  /// What the peer sends.
  struct Receiving: Hashable, Sendable {
    /// The codecs' payload types, retransmission left out.
    var payloadTypes: [UInt8]
    /// The codecs of sound, by their payload types.
    var audioCodecs: [UInt8: AudioCodec]
    var redundancyPayloadType: UInt8?
    /// From the payload type of a retransmission to that of its codec.
    var retransmissions: [UInt8: UInt8]
    var midExtension: UInt8?
    var supportsNACK: Bool
    var supportsPLI: Bool
    var supportsFIR: Bool
    /// The streams, where the description names them.
    var ssrc: SSRC?
    var retransmissionSSRC: SSRC?
  }

  var mid: String
  var kind: MediaKind
  /// The transceiver it belongs to.
  var transceiver: Transceiver.ID
  /// Our stream even where we send nothing: what reports of ours are made out to.
  var ssrc: SSRC
  var reducedSizeRTCP: Bool
  /// The H.264 that the answer names.
  var profile: H264Profile?
  /// How the peer likes our Opus.
  var preferences = OpusPreferences()
  var sending: Sending?
  var receiving: Receiving?
}

extension AgreedMedia {
  /// What follows from our description and the peer's, of which `answer` is the one that decided.
  ///
  /// `nil` where nothing is agreed: a rejected m-line, or no codec that both name.
  init?(
    _ transceiver: Transceiver,
    local: MediaDescription,
    remote: MediaDescription,
    answer: MediaDescription
  ) {
    guard let mid = local.mid, !local.isRejected, !remote.isRejected,
      let codec = answer.codecs.first(where: { $0.isMedia(of: transceiver.kind) })
    else { return nil }
    let retransmission = answer.retransmission(of: codec.payloadType)
    let redundancy = answer.redundancy(of: codec.payloadType)
    let midExtension = answer.oneByteExtensionID(HeaderExtension.mid)
    self.mid = mid
    kind = transceiver.kind
    self.transceiver = transceiver.id
    ssrc = transceiver.ssrc
    profile = codec.h264Profile
    preferences = remote.codec(codec.payloadType)?.opusPreferences ?? OpusPreferences()
    reducedSizeRTCP = local.hasReducedSizeRTCP && remote.hasReducedSizeRTCP
    if local.direction.sends, remote.direction.receives {
      let feedback = remote.codec(codec.payloadType)?.feedback ?? []
      sending = Sending(
        payloadType: codec.payloadType,
        audioCodec: codec.audioCodec,
        retransmissionPayloadType: retransmission?.payloadType,
        redundancyPayloadType: redundancy?.payloadType,
        midExtension: midExtension,
        playoutDelayExtension: answer.oneByteExtensionID(HeaderExtension.playoutDelay),
        supportsNACK: feedback.contains("nack"),
        ssrc: transceiver.ssrc,
        retransmissionSSRC: transceiver.retransmissionSSRC
      )
    }
    if local.direction.receives, remote.direction.sends {
      // The timestamps of one stream are of one clock (RFC 7160): what is of another is not taken.
      let accepted = answer.codecs.filter {
        $0.isMedia(of: transceiver.kind) && $0.clockRate == codec.clockRate
      }
      let sources = remote.sourceGroups.first { $0.semantics == "FID" }?.sources ?? []
      receiving = Receiving(
        payloadTypes: accepted.map(\.payloadType),
        audioCodecs: accepted.reduce(into: [:]) { $0[$1.payloadType] = $1.audioCodec },
        redundancyPayloadType: redundancy?.payloadType,
        retransmissions: answer.codecs.reduce(into: [:]) { table, codec in
          table[codec.payloadType] = codec.associatedPayloadType
        },
        midExtension: midExtension,
        supportsNACK: codec.feedback.contains("nack"),
        supportsPLI: codec.feedback.contains("nack pli"),
        supportsFIR: codec.feedback.contains("ccm fir"),
        ssrc: (sources.first ?? remote.sources.first).map { SSRC(rawValue: $0) },
        retransmissionSSRC: sources.dropFirst().first.map { SSRC(rawValue: $0) }
      )
    }
  }
}
