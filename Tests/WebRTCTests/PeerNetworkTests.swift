// SPDX-License-Identifier: Apache-2.0
import EventLoop
import MediaTypes
import Testing
@testable import WebRTC

extension RTCPeerConnection {
  fileprivate var port: UInt16 { network.port }
}

@Suite struct PeerNetworkTests {
  @Test func `a connection without a network gets a port when it needs one`() async throws {
    let loop = try EventLoop.start()
    let first = RTCPeerConnection(.init(), on: loop)
    let second = RTCPeerConnection(.init(), on: loop)
    try await first.addTransceiver(.video)
    try await second.addTransceiver(.video)
    let ports = [await first.port, await second.port]
    #expect(!ports.contains(0) && ports[0] != ports[1])
    let unused = RTCPeerConnection(.init(), on: loop)
    #expect(await unused.port == 0)
    await first.close()
    await second.close()
    loop.stop()
  }

  @Test func `connections of two loops show the one certificate of the process`() async throws {
    var fingerprints: Set<String> = []
    for _ in 0..<2 {
      let loop = try EventLoop.start()
      let connection = RTCPeerConnection(.init(), on: loop)
      try await connection.addTransceiver(.audio)
      let sdp = try await connection.createOffer().sdp
      for line in sdp.split(whereSeparator: \.isNewline) where line.hasPrefix("a=fingerprint:") {
        fingerprints.insert(String(line))
      }
      await connection.close()
      loop.stop()
    }
    #expect(fingerprints.count == 1)
  }

  @Test func `what is wrong with a server is told by the first call`() async throws {
    let loop = try EventLoop.start()
    let connection = RTCPeerConnection(.init(iceServers: [.init(urls: ["http://a"])]), on: loop)
    await #expect(throws: RTCError.self) { try await connection.addTransceiver(.video) }
    await connection.close()
    loop.stop()
  }

  /// One exchange, candidates inside the descriptions.
  private func negotiate(
    _ caller: RTCPeerConnection,
    _ callee: RTCPeerConnection
  ) async throws {
    try await caller.setLocalDescription(try await caller.createOffer())
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  /// The next whole picture that a connection receives.
  private func frame(of connection: RTCPeerConnection) async throws -> EncodedFrame {
    let receiver = try #require(await connection.getReceivers().first)
    for await frame in receiver.track.encodedFrames() { return frame }
    throw RTCError(.operation, "The track ended without a picture.")
  }

  @Test func `connections of one network call one another, several at a time`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let pairs = (0..<3).map { _ in
      (RTCPeerConnection(on: studio.network), RTCPeerConnection(on: studio.network))
    }
    var channels: [RTCDataChannel] = []
    for (caller, callee) in pairs {
      try await caller.addTrack(track)
      channels.append(try await caller.createDataChannel("talk"))
      try await negotiate(caller, callee)
    }
    for (caller, callee) in pairs {
      #expect(try await frame(of: callee).isKeyframe)
      #expect(await caller.connectionState == .connected)
    }
    // Each word comes to the one it was for.
    for (index, pair) in pairs.enumerated() {
      for await event in channels[index].events where event == .open { break }
      try await channels[index].send("to \(index)")
      for await event in pair.1.events {
        guard case .dataChannel(let told) = event else { continue }
        for await event in told.channel.events {
          guard case .message(let message) = event else { continue }
          #expect(message == .text("to \(index)"))
          break
        }
        break
      }
    }
    // Nothing of it was the kernel's work, and nothing is left behind.
    let counters = studio.network.counters
    #expect(counters.datagramsSent == 0 && counters.datagramsReceived == 0)
    for (caller, callee) in pairs {
      await caller.close()
      for await _ in callee.events {}
      #expect(await callee.connectionState == .closed)
    }
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await studio.close()
  }

  @Test func `connections of one network go on while ICE restarts, and either may offer`()
    async throws
  {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: studio.network)
    try await caller.addTrack(try await studio.makeTrack())
    try await negotiate(caller, callee)
    _ = try await frame(of: callee)
    for (one, other) in [(caller, callee), (callee, caller), (caller, callee)] {
      let before = try #require(await one.localDescription).usernameFragment
      await one.restartIce()
      try await negotiate(one, other)
      #expect(try #require(await one.localDescription).usernameFragment != before)
      _ = try await frame(of: callee)
      #expect(await caller.connectionState == .connected)
      #expect(await callee.connectionState == .connected)
    }
    #expect(studio.network.counters.datagramsSent == 0)
    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `a third connection with the same offer does not come between two others`()
    async throws
  {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: studio.network)
    let third = RTCPeerConnection(on: studio.network)
    try await caller.addTrack(try await studio.makeTrack())
    try await caller.setLocalDescription()
    let offer = try #require(await caller.localDescription)
    // It checks first, before the caller knows who its peer is.
    try await third.setRemoteDescription(offer)
    try await third.setLocalDescription()
    try await callee.setRemoteDescription(offer)
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
    for _ in 0..<3 { _ = try await frame(of: callee) }
    #expect(await caller.connectionState == .connected)
    #expect(await third.connectionState != .connected)
    for connection in [caller, callee, third] { await connection.close() }
    #expect(await studio.perform { [$0.connectionCount, $0.addressCount] } == [0, 0])
    await studio.close()
  }
}

extension RTCSessionDescription {
  /// The name that the description gives its end.
  fileprivate var usernameFragment: String? {
    sdp.split(whereSeparator: \.isNewline).first { $0.hasPrefix("a=ice-ufrag:") }.map(String.init)
  }
}
