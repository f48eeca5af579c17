// SPDX-License-Identifier: Apache-2.0
public import DTLS
public import ICE
public import RTP
public import SDP

/// One m-line in force, with what it has counted.
public struct MediaLineReport: Sendable {
  /// What we send on it.
  public struct Outgoing: Sendable {
    /// Our stream.
    public var ssrc: SSRC
    /// The stream of retransmissions, where they were agreed.
    public var retransmissionSSRC: SSRC?
    /// The codec, as the peer's description has it.
    public var codec: CodecDescription?
    /// What a stream of pictures has counted.
    public var video: VideoSenderStatistics?
    /// What a stream of sound has counted.
    public var audio: AudioSenderStatistics?
  }

  /// What the peer sends on it.
  public struct Incoming: Sendable {
    /// The codec of the last packet, as our description has it; `nil` before the first.
    public var codec: CodecDescription?
    /// What was counted.
    public var statistics: RTPReceiverStatistics
  }

  /// The m-line's identification.
  public var mid: String
  /// What it carries.
  public var kind: MediaKind
  /// The transceiver it belongs to.
  public var transceiver: Transceiver.ID
  /// What we send; `nil` for nothing.
  public var outgoing: Outgoing?
  /// What the peer sends; `nil` for nothing.
  public var incoming: Incoming?
}

/// What a session is at, for whoever asks; each of these makes its answer anew.
extension PeerSession {
  /// Every m-line in force.
  public var mediaReports: [MediaLineReport] {
    lines.map { line in
      let agreed = line.agreed
      var report = MediaLineReport(
        mid: agreed.mid,
        kind: agreed.kind,
        transceiver: agreed.transceiver
      )
      let local = negotiation.localDescription?.media
      let place = local?.firstIndex { $0.mid == agreed.mid }
      if let sending = agreed.sending {
        let remote = negotiation.remote?.media
        let described = place.flatMap { remote?.indices.contains($0) == true ? remote?[$0] : nil }
        report.outgoing = MediaLineReport.Outgoing(
          ssrc: sending.ssrc,
          retransmissionSSRC: sending.retransmissionPayloadType.map { _ in
            sending.retransmissionSSRC
          },
          codec: described?.codec(sending.payloadType),
          video: line.videoSender?.statistics,
          audio: line.audioSender?.statistics
        )
      }
      if let statistics = line.videoReceiver?.statistics ?? line.audioReceiver?.statistics {
        let described = place.flatMap { local?[$0] }
        report.incoming = MediaLineReport.Incoming(
          codec: statistics.payloadType.flatMap { described?.codec($0.rawValue) },
          statistics: statistics
        )
      }
      return report
    }
  }

  /// Every pair of candidates.
  public var candidatePairs: [ICEPairReport] { ice.pairs }

  /// Our candidates.
  public var localCandidates: [ICECandidate] { ice.localCandidates }

  /// The peer's candidates, those that were learned from its checks included.
  public var remoteCandidates: [ICECandidate] { ice.remoteCandidates }

  /// Our role in ICE.
  public var iceRole: ICERole { ice.role }

  /// How far DTLS is, whoever holds its session now.
  public var handshakeState: DTLSState {
    switch security {
    case .idle: .new
    case .held, .lent: srtpSender == nil ? .handshaking : .connected
    case .ended: connectionState == .closed ? .closed : .failed
    }
  }

  /// Our role in DTLS; `nil` before the descriptions have settled it.
  public var handshakeRole: DTLSRole? { negotiation.transport?.role }

  /// The cipher suite of DTLS by IANA's name; `nil` before it is connected.
  public var cipherSuite: String? {
    switch dtls {
    case .some(let session): session.cipherSuite
    case .none: nil
    }
  }

  /// The certificate that the peer has shown, DER; empty before DTLS is connected.
  public var peerCertificate: [UInt8] {
    switch dtls {
    case .some(let session): session.peerCertificate
    case .none: []
    }
  }

  /// The protection profile of SRTP, the only one offered (RFC 5764 section 4.1.2); `nil` before there
  /// are keys.
  public var protectionProfile: String? {
    srtpSender == nil ? nil : "SRTP_AES128_CM_HMAC_SHA1_80"
  }
}
