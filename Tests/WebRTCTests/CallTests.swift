// SPDX-License-Identifier: Apache-2.0
import EventLoop
import MediaTypes
import Testing
@testable import WebRTC

/// Two connections on one loop that call one another, as the tutorials of the W3C's API have it.
@Suite struct CallTests {
  /// One exchange, `caller` offering, candidates inside the descriptions.
  private func negotiate(
    _ caller: RTCPeerConnection,
    _ callee: RTCPeerConnection
  ) async throws {
    try await caller.setLocalDescription(try await caller.createOffer())
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  private func areConnected(_ connections: RTCPeerConnection...) async -> Bool {
    for connection in connections where await connection.connectionState != .connected {
      return false
    }
    return true
  }

  /// The next track that a connection is told of.
  private func track(of connection: RTCPeerConnection) async throws -> RTCTrackEvent {
    for await event in connection.events {
      if case .track(let told) = event { return told }
    }
    throw RTCError(.operation, "The connection ended without a track.")
  }

  @Test func `a call carries a track with its stream, and a third connection gets it passed on`()
    async throws
  {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: try await studio.makeNetwork())
    let sent = try await studio.makeTrack()
    let stream = MediaStream([sent])
    let sender = try await caller.addTrack(sent, stream)
    try await negotiate(caller, callee)
    let told = try await track(of: callee)
    #expect(told.track.kind == .video && told.track.id == sent.id)
    #expect(told.streams.map(\.id) == [stream.id])
    #expect(told.transceiver.currentDirection == .recvonly)
    #expect(await studio.wait { _ in await self.areConnected(caller, callee) })
    var numbers: [UInt64] = []
    for await frame in told.track.encodedFrames() {
      #expect(!numbers.isEmpty || frame.isKeyframe)
      numbers.append(frame.number)
      if numbers.count == 5 { break }
    }
    #expect(numbers == numbers.sorted() && numbers.count == 5)
    #expect(!told.track.muted)

    // Passed on, it arrives encoded as it came.
    let relay = RTCPeerConnection(on: studio.network)
    let viewer = RTCPeerConnection(on: try await studio.makeNetwork())
    try await relay.addTrack(told.track, told.streams[0])
    try await negotiate(relay, viewer)
    let shown = try await track(of: viewer)
    for await frame in shown.track.encodedFrames() {
      #expect(frame.isKeyframe)
      break
    }

    // Taken away, the track is muted and leaves its stream.
    try await caller.removeTrack(sender)
    try await negotiate(caller, callee)
    #expect(told.track.muted && told.track.readyState == .live)
    #expect(told.streams[0].getTracks().isEmpty)
    for connection in [caller, callee, relay, viewer] { await connection.close() }
    #expect(told.track.readyState == .ended)
    for await _ in told.track.encodedFrames() { Issue.record("a frame after the end") }
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await studio.close()
  }

  @Test func `both offer at once, and the polite one gives way`() async throws {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: try await studio.makeNetwork())
    try await caller.addTrack(try await studio.makeTrack())
    try await callee.addTrack(try await studio.makeTrack())
    try await caller.setLocalDescription()
    try await callee.setLocalDescription()
    // The impolite caller passes the callee's offer over; the callee takes its own back.
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    #expect(await callee.signalingState == .haveRemoteOffer)
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
    for connection in [caller, callee] {
      #expect(await connection.signalingState == .stable)
      #expect(await connection.getTransceivers().map(\.currentDirection) == [.sendrecv])
    }
    #expect(await studio.wait { _ in await self.areConnected(caller, callee) })
    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `a stopped transceiver ends its track on both sides and takes no other`() async throws
  {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: try await studio.makeNetwork())
    let sent = try await studio.makeTrack()
    let transceiver = try await caller.addTransceiver(sent)
    try await negotiate(caller, callee)
    let told = try await track(of: callee)
    try await studio.replace(transceiver.sender, by: try await studio.makeTrack())
    #expect(await caller.signalingState == .stable)
    await studio.perform { _ in transceiver.stop() }
    #expect(transceiver.direction == .stopped)
    await #expect(throws: RTCError.self) {
      try await studio.replace(transceiver.sender, by: sent)
    }
    try await negotiate(caller, callee)
    #expect(transceiver.currentDirection == .stopped)
    #expect(told.track.readyState == .ended)
    #expect(await callee.getTransceivers().isEmpty)
    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `keeps its configuration, and changes of it only what may change`() async throws {
    let studio = try await Studio.make()
    let connection = RTCPeerConnection(on: studio.network)
    var configuration = await connection.getConfiguration()
    configuration.iceServers = [RTCIceServer(urls: ["stun:192.0.2.1:3478"])]
    try await connection.setConfiguration(configuration)
    #expect(await connection.getConfiguration() == configuration)
    var wrong = configuration
    wrong.bundlePolicy = .maxBundle
    await #expect(throws: RTCError.self) { try await connection.setConfiguration(wrong) }
    #expect(await connection.getConfiguration() == configuration)
    await connection.close()
    await studio.close()
  }
}
