// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing
@testable import WebRTC

/// Two connections, the first of which sends the studio's test pattern to the second.
///
/// Each has a port of its own: one that both shared could not tell which of them a datagram is for.
private func connected(in studio: Studio) async throws -> (RTCPeerConnection, RTCPeerConnection) {
  let caller = RTCPeerConnection(on: studio.loop)
  let callee = RTCPeerConnection(on: studio.loop)
  let track = try await studio.makeTrack()
  try await caller.addTrack(track, MediaStream([track]))
  try await caller.setLocalDescription()
  try await callee.setRemoteDescription(try #require(await caller.localDescription))
  try await callee.setLocalDescription()
  try await caller.setRemoteDescription(try #require(await callee.localDescription))
  return (caller, callee)
}

/// Whether the statistics of both sides have all that they will ever have.
private func isComplete(_ sent: RTCStatsReport, _ received: RTCStatsReport) -> Bool {
  sent.first(RTCRemoteInboundRtpStreamStats.self) != nil
    && received.first(RTCRemoteOutboundRtpStreamStats.self) != nil
    && (received.first(RTCInboundRtpStreamStats.self)?.framesReceived ?? 0) > 5
}

@Suite struct RTCStatsReportTests {
  @Test func `tells of a connection without a transport by itself alone`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    let report = try await connection.getStats()
    #expect(report.values.map(\.type) == [.peerConnection])
    let members = try #require(report.values.first).members
    #expect(members.map(\.name).prefix(3) == ["id", "timestamp", "type"])
    #expect(members.contains { $0.name == "dataChannelsOpened" && $0.value == .integer(0) })
    await connection.close()
    await studio.close()
  }

  @Test func `tells both sides of a call the same numbers`() async throws {
    let studio = try await Studio.make()
    let (caller, callee) = try await connected(in: studio)
    let isThere = await studio.wait { _ in
      guard let sent = try? await caller.getStats(), let received = try? await callee.getStats()
      else { return false }
      return isComplete(sent, received)
    }
    #expect(isThere)
    let received = try await callee.getStats()
    let sent = try await caller.getStats()

    let outbound = try #require(sent.first(RTCOutboundRtpStreamStats.self))
    let inbound = try #require(received.first(RTCInboundRtpStreamStats.self))
    #expect(outbound.ssrc == inbound.ssrc)
    #expect(outbound.kind == "video" && inbound.kind == "video")
    #expect(outbound.packetsSent >= inbound.packetsReceived)
    #expect(outbound.bytesSent >= inbound.bytesReceived)
    #expect(outbound.encoderImplementation == "x264")
    #expect(outbound.frameWidth == 160 && outbound.frameHeight == 120)

    let codec = try #require(sent[outbound.codecId ?? ""] as? RTCCodecStats)
    #expect(codec.mimeType == "video/H264" && codec.clockRate == 90_000)
    let source = try #require(sent[outbound.mediaSourceId ?? ""] as? RTCMediaSourceStats)
    #expect(source.width == 160 && (source.frames ?? 0) > 5)
    let heard = try #require(sent[outbound.remoteId ?? ""] as? RTCRemoteInboundRtpStreamStats)
    #expect(heard.localId == outbound.id && heard.fractionLost == 0)
    let told = try #require(received[inbound.remoteId ?? ""] as? RTCRemoteOutboundRtpStreamStats)
    #expect(told.packetsSent > 0 && told.localId == inbound.id)
    let told1970 = try #require(told.remoteTimestamp)
    #expect(abs(told1970 - inbound.timestamp) < 60_000)

    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `tells how the transport is secured and which pair it uses`() async throws {
    let studio = try await Studio.make()
    let (caller, callee) = try await connected(in: studio)
    let isThere = await studio.wait { _ in await caller.connectionState == .connected }
    #expect(isThere)
    let sent = try await caller.getStats()
    let received = try await callee.getStats()
    let ours = try #require(sent.first(RTCTransportStats.self))
    let theirs = try #require(received.first(RTCTransportStats.self))
    #expect(ours.iceRole == .controlling && theirs.iceRole == .controlled)
    #expect([ours.dtlsRole, theirs.dtlsRole].contains(.client))
    #expect([ours.dtlsRole, theirs.dtlsRole].contains(.server))
    #expect(ours.dtlsState == .connected && ours.tlsVersion == "FEFD")
    #expect(ours.dtlsCipher == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
    #expect(ours.srtpCipher == "SRTP_AES128_CM_HMAC_SHA1_80")
    #expect(ours.bytesSent > 0 && ours.packetsSent > 0 && ours.selectedCandidatePairChanges > 0)

    let pairID = try #require(ours.selectedCandidatePairId)
    let pair = try #require(sent[pairID] as? RTCIceCandidatePairStats)
    #expect(pair.state == .succeeded && pair.responsesReceived > 0 && pair.totalRoundTripTime > 0)
    let local = try #require(sent[pair.localCandidateId] as? RTCIceCandidateStats)
    #expect(local.type == .localCandidate && local.candidateType == .host)
    #expect(local.protocol == "udp")
    #expect(sent[pair.remoteCandidateId]?.type == .remoteCandidate)

    let certificate = try #require(sent[ours.localCertificateId ?? ""] as? RTCCertificateStats)
    #expect(certificate.fingerprintAlgorithm == "sha-256")
    let sdp = try #require(await caller.localDescription).sdp
    let hasPrint = sdp.split(whereSeparator: \.isNewline)
      .contains { $0 == "a=fingerprint:sha-256 \(certificate.fingerprint)" }
    #expect(hasPrint)
    #expect(sent[ours.remoteCertificateId ?? ""] is RTCCertificateStats)
    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `selects what a sender, a receiver or a track names`() async throws {
    let studio = try await Studio.make()
    let (caller, callee) = try await connected(in: studio)
    let isThere = await studio.wait { _ in
      guard let sent = try? await caller.getStats(), let received = try? await callee.getStats()
      else { return false }
      return isComplete(sent, received)
    }
    #expect(isThere)
    let sender = try #require(await caller.getSenders().first)
    let receiver = try #require(await callee.getReceivers().first)
    let sent = await sender.getStats()
    #expect(Set(sent.values.map(\.type)).isSuperset(of: [.outboundRtp, .remoteInboundRtp, .codec]))
    #expect(sent.first(RTCPeerConnectionStats.self) == nil)
    #expect(sent.first(RTCTransportStats.self) != nil)
    let received = await receiver.getStats()
    #expect(received.first(RTCInboundRtpStreamStats.self)?.trackIdentifier == receiver.track.id)
    #expect(received.first(RTCOutboundRtpStreamStats.self) == nil)
    #expect(try await callee.getStats(receiver.track).keys == received.keys)
    let stranger = try await studio.makeTrack()
    await #expect(throws: RTCError.self) { try await callee.getStats(stranger) }
    // What a closed connection had is gone.
    await caller.close()
    #expect(await sender.getStats().size == 0)
    #expect(try await caller.getStats().size == 1)
    await callee.close()
    await studio.close()
  }

  @Test func `keeps the order in which objects were added and names each once`() {
    var report = RTCStatsReport()
    report.add(RTCPeerConnectionStats(id: "b", timestamp: 1))
    report.add(RTCPeerConnectionStats(id: "a", timestamp: 1))
    report.add(RTCPeerConnectionStats(id: "b", timestamp: 2))
    #expect(report.keys == ["b", "a"])
    #expect(report["b"]?.timestamp == 1 && report["c"] == nil)
    #expect(report.has("a") && !report.has("c"))
  }
}
