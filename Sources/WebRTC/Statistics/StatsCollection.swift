// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import ICE
internal import PeerSession
internal import SDP
internal import Wire

/// Takes the statistics of one connection from its session, on the loop.
struct StatsCollection {
  private(set) var report = RTCStatsReport()
  let now: Double

  static let transport = "transport"

  static func outbound(_ transceiver: Transceiver.ID) -> String { "outbound-\(transceiver)-" }

  static func inbound(_ transceiver: Transceiver.ID) -> String { "inbound-\(transceiver)-" }

  init(of transport: PeerTransport?, _ transceivers: [RTCRtpTransceiver], at wallClock: WallClock) {
    now = Double(wallClock.unixNanoseconds) / 1e6
    var connection = RTCPeerConnectionStats(id: "peer-connection", timestamp: now)
    let counts = transport?.session.dataChannelCounts
    connection.dataChannelsOpened = counts?.opened ?? 0
    connection.dataChannelsClosed = counts?.closed ?? 0
    report.add(connection)
    guard let transport else { return }
    for line in transport.session.mediaReports {
      guard let transceiver = transceivers.first(where: { $0.id == line.transceiver }) else {
        continue
      }
      addOutgoing(of: line, transceiver.sender)
      addIncoming(of: line, transceiver.receiver)
    }
    addTransport(transport)
    addCandidates(transport)
    addChannels(transport)
  }

  // MARK: ICE and DTLS

  private mutating func addTransport(_ transport: PeerTransport) {
    let counts = transport.session.statistics
    var stats = RTCTransportStats(id: Self.transport, timestamp: now)
    stats.packetsSent = counts.datagramsSent &- counts.checksSent
    stats.packetsReceived = counts.datagramsReceived &- counts.checksReceived
    stats.bytesSent = counts.bytesSent &- counts.checkBytesSent
    stats.bytesReceived = counts.bytesReceived &- counts.checkBytesReceived
    stats.iceLocalUsernameFragment = transport.session.usernameFragment
    stats.iceState = RTCIceTransportState(transport.session.iceState)
    stats.dtlsState = RTCDtlsTransportState(transport.session.handshakeState)
    stats.dtlsRole = .unknown
    if let role = transport.session.handshakeRole {
      stats.iceRole = transport.session.iceRole == .controlling ? .controlling : .controlled
      stats.dtlsRole = role == .client ? .client : .server
    }
    stats.selectedCandidatePairId = transport.session.candidatePairs.first(where: \.isCurrent)
      .map { "pair-\($0.id)" }
    stats.selectedCandidatePairChanges = counts.pathChanges
    stats.dtlsCipher = transport.session.cipherSuite
    // The only version that is spoken (RFC 6347 section 4.1).
    stats.tlsVersion = stats.dtlsCipher == nil ? nil : "FEFD"
    stats.srtpCipher = transport.session.protectionProfile
    stats.localCertificateId = addCertificate(transport.network.identity?.certificate ?? [])
    stats.remoteCertificateId = addCertificate(transport.session.peerCertificate)
    report.add(stats)
  }

  private mutating func addCertificate(_ certificate: [UInt8]) -> String? {
    guard !certificate.isEmpty else { return nil }
    let fingerprint = Text.hex(Hash.sha256(certificate), separator: ":").uppercased()
    let stats = RTCCertificateStats(
      id: "certificate-" + fingerprint,
      timestamp: now,
      fingerprint: fingerprint,
      fingerprintAlgorithm: "sha-256",
      base64Certificate: Text.base64(certificate)
    )
    report.add(stats)
    return stats.id
  }

  private mutating func addChannels(_ transport: PeerTransport) {
    for channel in transport.session.dataChannels {
      let counts = channel.statistics
      report.add(
        RTCDataChannelStats(
          id: "data-channel-\(channel.id)",
          timestamp: now,
          label: channel.parameters.label,
          protocol: channel.parameters.subprotocol,
          dataChannelIdentifier: channel.stream.map { Int64($0) },
          state: RTCDataChannelState(rawValue: channel.state.rawValue) ?? .closed,
          messagesSent: counts.messagesSent,
          bytesSent: counts.bytesSent,
          messagesReceived: counts.messagesReceived,
          bytesReceived: counts.bytesReceived
        )
      )
    }
  }

  private mutating func addCandidates(_ transport: PeerTransport) {
    for pair in transport.session.candidatePairs {
      let counts = pair.statistics
      report.add(
        RTCIceCandidatePairStats(
          id: "pair-\(pair.id)",
          timestamp: now,
          transportId: Self.transport,
          localCandidateId: Self.name(pair.local, .localCandidate),
          remoteCandidateId: Self.name(pair.remote, .remoteCandidate),
          state: RTCStatsIceCandidatePairState(rawValue: pair.state) ?? .frozen,
          nominated: pair.isNominated,
          totalRoundTripTime: counts.totalRoundTripTime.inSeconds,
          currentRoundTripTime: counts.currentRoundTripTime?.inSeconds,
          requestsReceived: counts.requestsReceived,
          requestsSent: counts.requestsSent,
          responsesReceived: counts.responsesReceived,
          responsesSent: counts.responsesSent,
          consentRequestsSent: counts.consentRequestsSent
        )
      )
    }
    for candidate in transport.session.localCandidates {
      var stats = stats(of: candidate, .localCandidate)
      stats.usernameFragment = transport.session.usernameFragment
      report.add(stats)
    }
    for candidate in transport.session.remoteCandidates {
      report.add(stats(of: candidate, .remoteCandidate))
    }
  }

  private static func name(_ candidate: ICECandidate, _ type: RTCStatsType) -> String {
    "\(type.rawValue)-\(candidate.address)-\(candidate.port)"
  }

  private func stats(of candidate: ICECandidate, _ type: RTCStatsType) -> RTCIceCandidateStats {
    RTCIceCandidateStats(
      id: Self.name(candidate, type),
      timestamp: now,
      type: type,
      transportId: Self.transport,
      address: candidate.address.description,
      port: Int64(candidate.port),
      protocol: candidate.transport.rawValue,
      candidateType: RTCIceCandidateType(rawValue: candidate.kind.rawValue) ?? .host,
      priority: Int64(candidate.priority),
      foundation: candidate.foundation,
      relatedAddress: candidate.relatedAddress?.ip.description,
      relatedPort: candidate.relatedAddress.map { Int64($0.port) },
      usernameFragment: candidate.usernameFragment
    )
  }

  /// Adds the codec that `line` uses one way, and answers its name.
  mutating func addCodec(
    _ codec: CodecDescription?,
    _ way: String,
    _ line: MediaLineReport
  ) -> String? {
    guard let codec else { return nil }
    let stats = RTCCodecStats(
      id: "codec-\(way)-\(codec.payloadType)",
      timestamp: now,
      payloadType: Int64(codec.payloadType),
      transportId: Self.transport,
      mimeType: "\(line.kind.rawValue)/\(codec.name)",
      clockRate: Int64(codec.clockRate),
      channels: codec.channels.map { Int64($0) },
      sdpFmtpLine: codec.parameters.isEmpty ? nil : codec.parameters.description
    )
    report.add(stats)
    return stats.id
  }

  mutating func add(_ stats: some RTCStats) { report.add(stats) }
}

extension RTCIceTransportState {
  init(_ state: ICEConnectionState) {
    self =
      switch state {
      case .new: .new
      case .checking: .checking
      case .connected: .connected
      case .completed: .completed
      case .disconnected: .disconnected
      case .failed: .failed
      case .closed: .closed
      }
  }
}

extension RTCDtlsTransportState {
  init(_ state: DTLSState) {
    self =
      switch state {
      case .new: .new
      case .handshaking: .connecting
      case .connected: .connected
      case .failed: .failed
      case .closed: .closed
      }
  }
}
