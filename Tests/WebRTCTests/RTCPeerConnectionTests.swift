// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import SDP
import Testing
@testable import WebRTC
import Wire

/// The name of the error that `body` throws, `nil` when it throws none.
private func errorName(_ body: () async throws -> Void) async -> RTCError.Name? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? RTCError)?.name
  }
}

private let remoteOffer = RTCSessionDescription(type: .offer, sdp: BrowserOffers.chromiumViewer)

@Suite struct RTCPeerConnectionTests {
  @Test func `refuses to send a track twice`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    let track = try await studio.makeTrack()
    let stream = MediaStream([track])
    let sender = try await connection.addTrack(track, stream)
    #expect(sender.track === track)
    #expect(
      await errorName {
        try await connection.addTrack(track, stream)
      } == .invalidAccess
    )
    #expect(await connection.getSenders().count == 1)
    await connection.close()
    await studio.close()
  }

  @Test func `holds to the order of descriptions`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    #expect(await connection.localDescription == nil)
    #expect(
      await errorName {
        _ = try await connection.createAnswer()
      } == .invalidState
    )
    #expect(
      await errorName {
        try await connection.setLocalDescription(remoteOffer)
      } == .invalidState
    )
    #expect(
      await errorName {
        try await connection.addIceCandidate(nil)
      } == .invalidState
    )
    #expect(
      await errorName {
        try await connection.setRemoteDescription(.init(type: .answer, sdp: remoteOffer.sdp))
      } == .notSupported
    )
    #expect(
      await errorName {
        try await connection.setRemoteDescription(.init(type: .offer, sdp: "v=0"))
      } == .invalidAccess
    )
    #expect(await connection.signalingState == .stable)
    try await connection.setRemoteDescription(remoteOffer)
    #expect(await connection.signalingState == .haveRemoteOffer)
    let answer = try await connection.createAnswer()
    #expect(
      await errorName {
        try await connection.setLocalDescription(.init(type: .answer, sdp: answer.sdp + "a=x\r\n"))
      } == .invalidAccess
    )
    #expect(await connection.signalingState == .haveRemoteOffer)
    try await connection.setLocalDescription(answer)
    #expect(await connection.signalingState == .stable)
    #expect(
      await errorName {
        try await connection.addIceCandidate(.init(candidate: "candidate:nonsense"))
      } == .operation
    )
    try await connection.addIceCandidate(.init(candidate: ""))
    await connection.close()
    await studio.close()
  }

  @Test func `refuses everything once it is closed`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    let track = try await studio.makeTrack()
    try await connection.setRemoteDescription(remoteOffer)
    await connection.close()
    await connection.close()
    let calls: [@Sendable () async throws -> Void] = [
      { _ = try await connection.addTrack(track, MediaStream([track])) },
      { try await connection.setRemoteDescription(remoteOffer) },
      { _ = try await connection.createAnswer() },
      { try await connection.setLocalDescription(remoteOffer) },
      { try await connection.addIceCandidate(nil) },
    ]
    for call in calls { #expect(await errorName(call) == .invalidState) }
    #expect(await connection.signalingState == .closed)
    #expect(await connection.connectionState == .closed)
    #expect(await connection.iceConnectionState == .closed)
    #expect(await connection.counters == nil)
    #expect(await studio.perform { $0.connectionCount } == 0)
    await studio.close()
  }

  @Test func `tells its events in order and ends them by closing`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    let track = try await studio.makeTrack()
    try await connection.addTrack(track, MediaStream([track]))
    try await connection.setRemoteDescription(remoteOffer)
    try await connection.setLocalDescription(try await connection.createAnswer())
    let sdp = try #require(await connection.localDescription).sdp
    let local = try SessionDescription(parsing: sdp)
    #expect(!local.media[0].candidates.isEmpty)
    #expect(local.media[0].isEndOfCandidates)
    await connection.close()
    var events: [RTCPeerConnectionEvent] = []
    for await event in connection.events { events.append(event) }
    let expected: [RTCPeerConnectionEvent] = [
      .signalingStateChange(.haveRemoteOffer), .signalingStateChange(.stable),
      .iceGatheringStateChange(.gathering), .iceGatheringStateChange(.complete),
      .iceCandidate(nil),
    ]
    #expect(events.prefix(5) == expected[...])
    #expect(
      events.dropFirst(5).allSatisfy {
        switch $0 {
        case .iceConnectionStateChange(.checking), .connectionStateChange(.connecting): true
        default: false
        }
      }
    )
    await studio.close()
  }

  @Test func `closes when it is released`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    var events: RTCPeerConnection.Events?
    do {
      let connection = RTCPeerConnection(on: studio.network)
      try await connection.addTrack(track, MediaStream([track]))
      try await connection.setRemoteDescription(remoteOffer)
      try await connection.setLocalDescription(try await connection.createAnswer())
      events = connection.events
      #expect(await studio.perform { $0.connectionCount } == 1)
    }
    for await _ in try #require(events) {}
    #expect(await studio.wait { $0.network.connectionCount == 0 })
    await studio.close()
  }
}

@Suite struct LoopbackTests {
  private func connect(
    _ studio: Studio,
    _ connection: RTCPeerConnection,
    _ viewer: LoopbackViewer,
    sending track: MediaStreamTrack
  ) async throws {
    try await connection.addTrack(track, MediaStream([track]))
    try await connection.setRemoteDescription(.init(type: .offer, sdp: await viewer.offer))
    try await connection.setLocalDescription(try await connection.createAnswer())
    #expect(await connection.rejections.isEmpty)
    await viewer.apply(try #require(await connection.localDescription).sdp)
  }

  @Test func `shows the test pattern to a viewer, and says goodbye`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let viewer = try await LoopbackViewer.make(on: studio)
    let connection = RTCPeerConnection(on: studio.network)
    try await connect(studio, connection, viewer, sending: track)
    #expect(await studio.wait { _ in await viewer.counts.frames >= 20 })
    #expect(await connection.connectionState == .connected)
    #expect([.connected, .completed].contains(await connection.iceConnectionState))
    let counters = try #require(await connection.counters)
    #expect(counters.framesSent >= 20)
    #expect(counters.keyFramesSent >= 1)
    #expect(counters.packetsSent >= counters.framesSent)
    #expect(counters.roundTripTime != nil)
    #expect(await studio.perform { $0.addressCount } > 0)
    let facts = await studio.facts()
    #expect(facts[0].width == 160 && facts[0].height == 120)
    #expect(facts[0].framesEncoded >= 20)
    #expect(await studio.problems() == [nil])
    await connection.close()
    #expect(await studio.wait { _ in await viewer.counts.isGone })
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await viewer.leave()
    await studio.close()
  }

  @Test func `shows one source to several viewers, who come and go`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    var open: [(RTCPeerConnection, LoopbackViewer)] = []
    for _ in 0..<3 {
      let viewer = try await LoopbackViewer.make(on: studio)
      let connection = RTCPeerConnection(on: studio.network)
      try await connect(studio, connection, viewer, sending: track)
      open.append((connection, viewer))
    }
    for (_, viewer) in open {
      #expect(await studio.wait { _ in await viewer.counts.frames >= 5 })
    }
    let (first, gone) = open[0]
    await first.close()
    await gone.leave()
    for (_, viewer) in open.dropFirst() {
      let before = await viewer.counts.frames
      #expect(await studio.wait { _ in await viewer.counts.frames >= before + 10 })
    }
    #expect(await studio.perform { $0.connectionCount } == 2)
    for (connection, viewer) in open.dropFirst() {
      await connection.close()
      await viewer.leave()
    }
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await studio.close()
  }

  @Test func `forgets a viewer who hangs up`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let viewer = try await LoopbackViewer.make(on: studio)
    let connection = RTCPeerConnection(on: studio.network)
    try await connect(studio, connection, viewer, sending: track)
    #expect(await studio.wait { _ in await viewer.counts.frames > 0 })
    await viewer.hangUp()
    for await _ in connection.events {}
    #expect(await connection.connectionState == .closed)
    // What is still under way from the viewer finds nobody, and leaves nothing behind.
    #expect(await studio.wait { _ in await viewer.counts.isGone })
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await viewer.leave()
    await studio.close()
  }

  @Test func `goes on showing the picture while ICE restarts`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let viewer = try await LoopbackViewer.make(on: studio)
    let connection = RTCPeerConnection(on: studio.network)
    try await connect(studio, connection, viewer, sending: track)
    #expect(await studio.wait { _ in await viewer.counts.frames >= 5 })
    var names: Set<String> = []
    for _ in 0..<3 {
      let before = await viewer.counts.frames
      await viewer.restart()
      try await connection.setRemoteDescription(.init(type: .offer, sdp: await viewer.offer))
      try await connection.setLocalDescription(try await connection.createAnswer())
      let answer = try #require(await connection.localDescription).sdp
      let media = try SessionDescription(parsing: answer).media[0]
      names.insert(try #require(media.usernameFragment))
      #expect(!media.candidates.isEmpty && media.isEndOfCandidates)
      #expect(await connection.connectionState == .connected)
      await viewer.apply(answer)
      #expect(await studio.wait { _ in await viewer.counts.frames >= before + 10 })
      #expect(await connection.connectionState == .connected)
      #expect(await studio.perform { $0.connectionCount } == 1)
    }
    #expect(names.count == 3)
    #expect(await viewer.counts.refused == 0)
    await viewer.hangUp()
    for await event in connection.events {
      guard case .connectionStateChange(let state) = event else { continue }
      #expect(state == .connecting || state == .connected || state == .closed)
    }
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await viewer.leave()
    await studio.close()
  }

  @Test func `survives closing in the middle of a handshake`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    for turns in 0..<12 {
      let viewer = try await LoopbackViewer.make(on: studio)
      let connection = RTCPeerConnection(on: studio.network)
      try await connect(studio, connection, viewer, sending: track)
      for _ in 0..<turns { try await studio.loop.sleep(for: .milliseconds(2)) }
      await connection.close()
      for await _ in connection.events {}
      #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
      await viewer.leave()
    }
    await studio.close()
  }
}
