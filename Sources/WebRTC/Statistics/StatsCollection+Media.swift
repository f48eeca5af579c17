// SPDX-License-Identifier: Apache-2.0
internal import PeerSession
internal import RTP
internal import Wire

extension StatsCollection {
  // MARK: What is sent

  mutating func addOutgoing(of line: MediaLineReport, _ sender: RTCRtpSender) {
    guard let outgoing = line.outgoing else { return }
    let id = Self.outbound(line.transceiver) + "\(outgoing.ssrc.rawValue)"
    var stats = RTCOutboundRtpStreamStats(
      id: id,
      timestamp: now,
      ssrc: Int64(outgoing.ssrc.rawValue),
      kind: line.kind.rawValue
    )
    stats.transportId = Self.transport
    stats.codecId = addCodec(outgoing.codec, "send", line)
    stats.mid = line.mid
    stats.active = sender.getParameters().encoding.active
    if let video = outgoing.video { stats.take(video, retransmitting: outgoing.retransmissionSSRC) }
    if let audio = outgoing.audio {
      stats.packetsSent = audio.packetsSent
      stats.bytesSent = audio.bytesSent
      stats.headerBytesSent = audio.headerBytesSent
    }
    stats.mediaSourceId = addSource(sender.track, &stats)
    if let remote = outgoing.video?.remote ?? outgoing.audio?.remote {
      stats.remoteId = "remote-" + id
      add(remote, "remote-" + id, stats)
    }
    add(stats)
  }

  /// Adds what the track comes from, with the encoder's numbers in `stats`, and answers its name.
  private mutating func addSource(
    _ track: MediaStreamTrack?,
    _ stats: inout RTCOutboundRtpStreamStats
  ) -> String? {
    guard let track else { return nil }
    var source = RTCMediaSourceStats(
      id: "source-\(track.id)",
      timestamp: now,
      trackIdentifier: track.id,
      kind: track.kind.rawValue
    )
    defer { add(source) }
    if let cleaning = (track.source as? AudioSource)?.cleaningFacts {
      source.echoReturnLoss = cleaning.echoReturnLoss
      source.echoReturnLossEnhancement = cleaning.echoReturnLossEnhancement
    }
    guard let facts = (track.source as? VideoSource)?.facts else { return source.id }
    source.frames = facts.framesCaptured
    guard !facts.pixelFormat.isEmpty else { return source.id }
    source.width = Int64(facts.width)
    source.height = Int64(facts.height)
    stats.frameWidth = source.width
    stats.frameHeight = source.height
    // What comes encoded passes as it is, and there is no encoder.
    guard facts.pixelFormat != "H264" else { return source.id }
    stats.framesEncoded = facts.framesEncoded
    stats.keyFramesEncoded = facts.keyFramesEncoded
    stats.totalEncodeTime = facts.totalEncodeTime
    stats.targetBitrate = Double(facts.targetBitrate)
    stats.encoderImplementation = "x264"
    return source.id
  }

  /// What the peer reports of a stream.
  private mutating func add(
    _ remote: RemoteReceptionStatistics,
    _ id: String,
    _ outbound: RTCOutboundRtpStreamStats
  ) {
    add(
      RTCRemoteInboundRtpStreamStats(
        id: id,
        timestamp: now,
        ssrc: outbound.ssrc,
        kind: outbound.kind,
        transportId: outbound.transportId,
        codecId: outbound.codecId,
        packetsLost: remote.packetsLost,
        jitter: remote.jitter.inSeconds,
        localId: outbound.id,
        roundTripTime: remote.roundTripTime?.inSeconds,
        totalRoundTripTime: remote.totalRoundTripTime.inSeconds,
        fractionLost: remote.fractionLost,
        roundTripTimeMeasurements: remote.roundTripTimeMeasurements
      )
    )
  }

  // MARK: What is received

  mutating func addIncoming(of line: MediaLineReport, _ receiver: RTCRtpReceiver) {
    // Before the first packet there is no stream to tell of.
    guard let incoming = line.incoming, let ssrc = incoming.statistics.ssrc else { return }
    let counts = incoming.statistics
    let id = Self.inbound(line.transceiver) + "\(ssrc.rawValue)"
    var stats = RTCInboundRtpStreamStats(
      id: id,
      timestamp: now,
      ssrc: Int64(ssrc.rawValue),
      kind: line.kind.rawValue,
      trackIdentifier: receiver.track.id
    )
    stats.transportId = Self.transport
    stats.codecId = addCodec(incoming.codec, "receive", line)
    stats.mid = line.mid
    stats.packetsReceived = counts.packetsReceived
    stats.packetsLost = counts.packetsLost
    stats.jitter = counts.jitter.inSeconds
    stats.headerBytesReceived = counts.headerBytesReceived
    stats.packetsDiscarded = counts.packetsDiscarded
    stats.bytesReceived = counts.bytesReceived
    if line.kind == .video {
      stats.framesDropped = counts.framesDropped
      stats.nackCount = counts.nackCount
      stats.firCount = counts.firCount
      stats.pliCount = counts.pliCount
      stats.framesReceived = counts.framesReceived
      stats.retransmittedPacketsReceived = counts.retransmittedPacketsReceived
      stats.retransmittedBytesReceived = counts.retransmittedBytesReceived
    }
    if let remote = counts.remote {
      stats.remoteId = "remote-" + id
      add(remote, "remote-" + id, stats)
    }
    add(stats)
  }

  /// What the peer reports of a stream that it sends.
  private mutating func add(
    _ remote: RemoteSendingStatistics,
    _ id: String,
    _ inbound: RTCInboundRtpStreamStats
  ) {
    add(
      RTCRemoteOutboundRtpStreamStats(
        id: id,
        timestamp: now,
        ssrc: inbound.ssrc,
        kind: inbound.kind,
        transportId: inbound.transportId,
        codecId: inbound.codecId,
        packetsSent: UInt64(remote.packetsSent),
        bytesSent: UInt64(remote.bytesSent),
        localId: inbound.id,
        remoteTimestamp: WallClock(ntp: remote.ntp).map { Double($0.unixNanoseconds) / 1e6 },
        reportsSent: remote.reportsSent
      )
    )
  }
}

extension RTCOutboundRtpStreamStats {
  /// The counts of a stream of pictures.
  fileprivate mutating func take(_ video: VideoSenderStatistics, retransmitting rtx: SSRC?) {
    packetsSent = video.packetsSent
    bytesSent = video.bytesSent
    headerBytesSent = video.headerBytesSent
    retransmittedPacketsSent = video.retransmittedPacketsSent
    retransmittedBytesSent = video.retransmittedBytesSent
    rtxSsrc = rtx.map { Int64($0.rawValue) }
    framesSent = video.framesSent
    nackCount = video.nackCount
    firCount = video.firCount
    pliCount = video.pliCount
  }
}
