// SPDX-License-Identifier: Apache-2.0
internal import MediaTypes
internal import RTP
internal import SRTP
internal import Wire

/// One m-line in force, with its streams.
struct MediaLine: Sendable {
  /// What all m-lines of a session share.
  struct Common {
    var canonicalName: String
    var maximumDatagram: Int
    var now: Timestamp
  }

  var agreed: AgreedMedia
  var videoSender: VideoSender?
  var audioSender: AudioSender?
  var videoReceiver: VideoReceiver?
  var audioReceiver: AudioReceiver?

  /// Gives what was agreed its streams; those that go on as in `old` keep theirs.
  init(
    _ agreed: AgreedMedia,
    continuing old: MediaLine?,
    _ common: Common,
    random: inout RandomSource
  ) {
    self.agreed = agreed
    if let sending = agreed.sending {
      let goesOn = old?.agreed.sending?.ssrc == sending.ssrc
      switch agreed.kind {
      case .video:
        videoSender =
          goesOn
          ? old?.videoSender
          : VideoSender(agreed.video(sending, common), random: random.fork(), at: common.now)
      case .audio:
        audioSender =
          goesOn
          ? old?.audioSender
          : AudioSender(agreed.audio(sending, common), random: random.fork(), at: common.now)
      }
    }
    if let receiving = agreed.receiving {
      let goesOn = old?.agreed.receiving == receiving && old?.agreed.ssrc == agreed.ssrc
      switch agreed.kind {
      case .video:
        videoReceiver =
          goesOn
          ? old?.videoReceiver
          : VideoReceiver(agreed.video(receiving, common), random: random.fork(), at: common.now)
      case .audio:
        audioReceiver =
          goesOn
          ? old?.audioReceiver
          : AudioReceiver(agreed.audio(receiving, common), random: random.fork(), at: common.now)
        audioReceiver?.isHasty = old?.audioReceiver?.isHasty ?? false
      }
    }
  }

  /// How packets of the peer find this line; one that receives nothing has no payload types.
  var demultiplexing: RTPDemultiplexer.Line {
    let receiving = agreed.receiving
    var types = (receiving?.payloadTypes ?? []) + (receiving?.retransmissions.keys.map { $0 } ?? [])
    if let redundancy = receiving?.redundancyPayloadType { types.append(redundancy) }
    return RTPDemultiplexer.Line(
      mid: agreed.mid,
      midExtensionID: receiving?.midExtension,
      payloadTypes: Set(types.map { PayloadType(lowBitsOf: $0) }),
      announced: [receiving?.ssrc, receiving?.retransmissionSSRC].compactMap { $0 }
    )
  }

  mutating func receive(media packet: Span<UInt8>, at now: Timestamp) {
    videoReceiver?.receive(packet, at: now)
    audioReceiver?.receive(packet, at: now)
  }

  mutating func receive(control packet: RTCPPacket, at now: Timestamp) {
    videoSender?.receive(packet, at: now)
    audioSender?.receive(packet, at: now)
    videoReceiver?.receive(packet, at: now)
    audioReceiver?.receive(packet, at: now)
  }

  mutating func advance(to now: Timestamp) {
    videoReceiver?.advance(to: now)
    audioReceiver?.advance(to: now)
  }

  @_lifetime(slot: copy slot)
  mutating func nextControl(
    into slot: inout OutputSpan<UInt8>,
    at now: Timestamp,
    wallClock: WallClock
  ) -> Bool {
    videoSender?.nextControl(into: &slot, at: now, wallClock: wallClock) == true
      || audioSender?.nextControl(into: &slot, at: now, wallClock: wallClock) == true
      || videoReceiver?.nextControl(into: &slot, at: now) == true
      || audioReceiver?.nextControl(into: &slot, at: now) == true
  }

  @_lifetime(slot: copy slot)
  mutating func nextPacket(into slot: inout OutputSpan<UInt8>, at now: Timestamp) -> Bool {
    videoSender?.nextPacket(into: &slot, at: now) == true
      || audioSender?.nextPacket(into: &slot, at: now) == true
  }

  /// When to advance this line, or ask it for packets again.
  var deadline: Timestamp? {
    videoSender?.deadline.earlier(audioSender?.deadline).earlier(receiverDeadline)
      ?? audioSender?.deadline.earlier(receiverDeadline) ?? receiverDeadline
  }

  private var receiverDeadline: Timestamp? {
    videoReceiver?.deadline ?? audioReceiver?.deadline
  }

  mutating func close() {
    videoSender?.close()
    audioSender?.close()
    videoReceiver?.close()
    audioReceiver?.close()
  }
}

extension AgreedMedia {
  fileprivate func video(
    _ sending: Sending,
    _ common: MediaLine.Common
  ) -> VideoSender.Configuration {
    let retransmits = sending.retransmissionPayloadType != nil
    var result = VideoSender.Configuration(
      ssrc: sending.ssrc,
      payloadType: PayloadType(lowBitsOf: sending.payloadType),
      cname: common.canonicalName
    )
    result.retransmissionSSRC = retransmits ? sending.retransmissionSSRC : nil
    result.retransmissionPayloadType =
      sending.retransmissionPayloadType.map { PayloadType(lowBitsOf: $0) }
    result.mid = mid
    result.midExtensionID = sending.midExtension
    result.playoutDelayExtensionID = sending.playoutDelayExtension
    result.maximumPacketSize = common.maximumDatagram
    result.overhead = SRTPSender.rtpOverhead
    result.supportsNACK = sending.supportsNACK
    result.reducedSizeRTCP = reducedSizeRTCP
    return result
  }

  fileprivate func audio(
    _ sending: Sending,
    _ common: MediaLine.Common
  ) -> AudioSender.Configuration {
    var result = AudioSender.Configuration(
      ssrc: sending.ssrc,
      payloadType: PayloadType(lowBitsOf: sending.payloadType),
      cname: common.canonicalName
    )
    result.mid = mid
    result.midExtensionID = sending.midExtension
    result.maximumPacketSize = common.maximumDatagram
    result.overhead = SRTPSender.rtpOverhead
    result.codec = sending.audioCodec ?? .opus
    result.redundancyPayloadType =
      sending.redundancyPayloadType.map { PayloadType(lowBitsOf: $0) }
    return result
  }

  fileprivate func video(
    _ receiving: Receiving,
    _ common: MediaLine.Common
  ) -> VideoReceiver.Configuration {
    var result = VideoReceiver.Configuration(
      ssrc: ssrc,
      payloadTypes: Set(receiving.payloadTypes.map { PayloadType(lowBitsOf: $0) }),
      cname: common.canonicalName
    )
    result.mid = mid
    for (retransmission, media) in receiving.retransmissions {
      result.retransmissions[PayloadType(lowBitsOf: retransmission)] = PayloadType(lowBitsOf: media)
    }
    result.remoteSSRC = receiving.ssrc
    result.remoteRetransmissionSSRC = receiving.retransmissionSSRC
    result.supportsNACK = receiving.supportsNACK
    result.supportsPLI = receiving.supportsPLI
    result.supportsFIR = receiving.supportsFIR
    result.reducedSizeRTCP = reducedSizeRTCP
    return result
  }

  fileprivate func audio(
    _ receiving: Receiving,
    _ common: MediaLine.Common
  ) -> AudioReceiver.Configuration {
    var result = AudioReceiver.Configuration(
      ssrc: ssrc,
      codecs: receiving.audioCodecs.reduce(into: [:]) {
        $0[PayloadType(lowBitsOf: $1.key)] = $1.value
      },
      cname: common.canonicalName
    )
    result.mid = mid
    result.remoteSSRC = receiving.ssrc
    result.redundancyPayloadType =
      receiving.redundancyPayloadType.map { PayloadType(lowBitsOf: $0) }
    return result
  }
}
