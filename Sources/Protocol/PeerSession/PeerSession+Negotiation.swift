// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import RTP
internal import SDP
internal import SRTP
public import Wire

extension PeerSession {
  /// The local description with the candidates known so far; `nil` before `setLocalAnswer`.
  public var localDescription: String? { negotiation.localDescription?.description }

  /// Why m-lines of the remote offer were turned down, as sentences for a person.
  public var rejections: [String] { negotiation.rejections }

  /// The m-line on which the track called `trackID` is sent; `nil` where the peer does not take it.
  public func mid(sending trackID: String) -> String? {
    negotiation.sending.first { $0.track.trackID == trackID }?.mid
  }

  /// Reads the peer's offer; its candidates are checked as soon as there is a local description.
  public mutating func setRemoteOffer(_ sdp: String, at now: Timestamp) throws(NegotiationError) {
    self.now = now
    try negotiation.takeOffer(sdp)
  }

  /// Answers the offer, sending `tracks` where it receives video.
  public mutating func createAnswer(
    sending tracks: [OutgoingVideo]
  ) throws(NegotiationError) -> String {
    try negotiation.answer(
      sending: tracks,
      credentials: ice.credentials,
      fingerprint: configuration.identity.fingerprint
    ).description
  }

  /// Applies the answer that `createAnswer` made: ICE starts with the offer's credentials and
  /// candidates, and the sending m-lines come to life.
  ///
  /// Where the offer restarts ICE, `usernameFragment` is another one afterwards, and the local
  /// candidates have to be added anew.
  public mutating func setLocalAnswer(_ sdp: String, at now: Timestamp) throws(NegotiationError) {
    self.now = now
    let previous = negotiation.sending
    let decision = try negotiation.apply(sdp)
    var kept: [VideoSender] = []
    for sending in decision.sending {
      if let index = previous.firstIndex(where: { $0.ssrc == sending.ssrc }) {
        kept.append(videos[index])
      } else {
        kept.append(VideoSender(configuration(of: sending), random: random.fork(), at: now))
      }
    }
    videos = kept
    guard let transport = decision.transport, let remote = negotiation.remote else { return }
    if let credentials = decision.restart { restartICE(with: credentials) }
    ice.setRemoteCredentials(transport.credentials, isLite: remote.isICELite)
    for line in remote.media where !line.isRejected {
      for text in line.candidates {
        if let candidate = ICECandidate(parsing: text) {
          ice.addRemoteCandidate(candidate, at: now)
        }
      }
      if line.isEndOfCandidates { ice.endOfRemoteCandidates() }
    }
    followICE()
    startHandshake()
  }

  /// Offers `address` as a host candidate, in the local description and to ICE.
  public mutating func addLocalCandidate(host address: SocketAddress) {
    guard let candidate = ice.addLocalCandidate(host: address) else { return }
    let attribute = candidate.description.utf8.dropFirst("candidate:".utf8.count)
    negotiation.localCandidates.append(String(decoding: Array(attribute), as: UTF8.self))
  }

  /// Says in the local description that no more candidates will come.
  public mutating func endOfLocalCandidates() {
    negotiation.hasAllLocalCandidates = true
  }

  /// Takes a candidate of the peer, as in `a=candidate`; an empty text ends them.
  public mutating func addRemoteCandidate(
    _ text: String,
    at now: Timestamp
  ) throws(NegotiationError) {
    self.now = now
    guard negotiation.remote != nil else { throw .noRemoteDescription }
    guard !text.isEmpty else {
      ice.endOfRemoteCandidates()
      return
    }
    guard let candidate = ICECandidate(parsing: text) else { throw .malformedCandidate }
    ice.addRemoteCandidate(candidate, at: now)
    followICE()
  }

  private func configuration(of sending: Negotiation.Sending) -> VideoSender.Configuration {
    let retransmits = sending.retransmissionPayloadType != nil
    var result = VideoSender.Configuration(
      ssrc: sending.ssrc,
      payloadType: PayloadType(lowBitsOf: sending.payloadType),
      cname: negotiation.canonicalName
    )
    result.retransmissionSSRC = retransmits ? sending.retransmissionSSRC : nil
    result.retransmissionPayloadType =
      sending.retransmissionPayloadType.map { PayloadType(lowBitsOf: $0) }
    result.mid = sending.mid
    result.midExtensionID = sending.midExtension
    result.playoutDelayExtensionID = sending.playoutDelayExtension
    result.maximumPacketSize = configuration.maximumDatagram
    result.overhead = SRTPSender.rtpOverhead
    result.supportsNACK = sending.supportsNACK
    result.reducedSizeRTCP = sending.reducedSizeRTCP
    return result
  }
}
