// SPDX-License-Identifier: Apache-2.0
import EventLoop
import ICE
import Testing

@testable import WebRTC

@Suite struct RTCConfigurationTests {
  private func negotiate(
    _ caller: RTCPeerConnection,
    _ callee: RTCPeerConnection,
    _ options: RTCOfferOptions = RTCOfferOptions()
  ) async throws {
    try await caller.setLocalDescription(try await caller.createOffer(options))
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  private func lines(_ connection: RTCPeerConnection, _ beginning: String) async -> [String] {
    let sdp = await connection.localDescription?.sdp ?? ""
    return sdp.split(whereSeparator: \.isNewline).filter { $0.hasPrefix(beginning) }.map(
      String.init
    )
  }

  @Test(arguments: [true, false])
  func `with relays alone no address is told or used, and the failure says why`(
    isCaller: Bool
  ) async throws {
    let studio = try await Studio.make()
    await studio.perform { $0.ice.patience = .milliseconds(500) }
    let hidden = RTCPeerConnection(.init(iceTransportPolicy: .relay), on: studio.network)
    let open = RTCPeerConnection(on: try await studio.makeNetwork())
    try await open.addTrack(try await studio.makeTrack())
    try await hidden.addTransceiver(.video)
    try await negotiate(isCaller ? hidden : open, isCaller ? open : hidden)
    #expect(await lines(hidden, "a=candidate:") == [])
    #expect(await lines(hidden, "a=end-of-candidates").count == 1)
    #expect(await lines(hidden, "c=").allSatisfy { $0 == "c=IN IP4 0.0.0.0" })
    #expect(await !lines(open, "a=candidate:").isEmpty)
    var states: [RTCPeerConnectionState] = []
    for await event in hidden.events {
      if case .iceCandidate(let candidate) = event { #expect(candidate == nil) }
      guard case .connectionStateChange(let state) = event else { continue }
      states.append(state)
      if state == .failed { break }
    }
    #expect(states.last == .failed && !states.contains(.connected))
    #expect(await hidden.failureReason?.hasPrefix("iceTransportPolicy is relay") == true)
    #expect(studio.network.counters.datagramsSent == 0)
    #expect(await open.connectionState != .connected)
    // Allowed again, the next gathering tells them.
    var configuration = await hidden.getConfiguration()
    configuration.iceTransportPolicy = .all
    try await hidden.setConfiguration(configuration)
    await hidden.restartIce()
    try await negotiate(hidden, open)
    #expect(await !lines(hidden, "a=candidate:").isEmpty)
    #expect(await studio.wait { _ in await hidden.connectionState == .connected })
    await hidden.close()
    await open.close()
    await studio.close()
  }

  @Test func `an offer restarts ICE where it is asked to, and the next does not`() async throws {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: try await studio.makeNetwork())
    _ = try await caller.createDataChannel("talk")
    try await negotiate(caller, callee)
    var names = [await lines(caller, "a=ice-ufrag:")]
    _ = try await caller.createOffer(.init(iceRestart: true))
    for isRestart in [false, true, false] {
      try await negotiate(caller, callee, .init(iceRestart: isRestart))
      names.append(await lines(caller, "a=ice-ufrag:"))
    }
    #expect(names[0] == names[1] && names[1] != names[2] && names[2] == names[3])
    await caller.close()
    await callee.close()
    await studio.close()
  }

  @Test func `an exchange about nothing is legal, and one about something can follow`() async throws
  {
    let studio = try await Studio.make()
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: try await studio.makeNetwork())
    try await negotiate(caller, callee)
    for connection in [caller, callee] {
      #expect(await connection.signalingState == .stable)
      #expect(await connection.iceGatheringState == .new)
      #expect(await connection.connectionState == .new)
      #expect(await lines(connection, "m=") == [])
    }
    try await callee.addTransceiver(.video)
    for await event in callee.events where event == .negotiationNeeded { break }
    try await negotiate(callee, caller)
    #expect(await caller.iceGatheringState == .complete)
    #expect(await studio.wait { _ in await caller.connectionState == .connected })
    await caller.close()
    await callee.close()
    await studio.close()
  }
}
