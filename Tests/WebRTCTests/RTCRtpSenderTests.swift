// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing

@testable import WebRTC

@Suite struct RTCRtpSenderTests {
  private func connect(_ caller: RTCPeerConnection, _ callee: RTCPeerConnection) async throws {
    try await caller.setLocalDescription()
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  /// A connection that sends `track`, its sender with `parameters`, and the peer that gets it.
  private func send(
    _ track: MediaStreamTrack,
    _ parameters: RTCRtpSendParameters.Encoding,
    in studio: Studio
  ) async throws -> (RTCRtpSender, caller: RTCPeerConnection, callee: RTCPeerConnection) {
    let caller = RTCPeerConnection(on: studio.network)
    let callee = RTCPeerConnection(on: studio.network)
    let sender = try await caller.addTrack(track)
    var set = sender.getParameters()
    set.encoding = parameters
    try await sender.setParameters(set)
    try await connect(caller, callee)
    return (sender, caller, callee)
  }

  private func target(_ studio: Studio) async -> Int? { await studio.facts().first?.targetBitrate }

  @Test func `the encode follows the most demanding of the peers that are sent to`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let configured = try #require(await target(studio))
    // Set before anything is connected, it holds afterwards.
    let (first, caller, callee) = try await send(track, .init(maxBitrate: 100_000), in: studio)
    #expect(await target(studio) == 100_000)
    let (second, other, another) = try await send(track, .init(maxBitrate: 150_000), in: studio)
    #expect(await target(studio) == 150_000)
    try await first.setParameters(.init())
    #expect(await target(studio) == configured)
    var parameters = RTCRtpSendParameters()
    parameters.encoding.active = false
    try await first.setParameters(parameters)
    #expect(await target(studio) == 150_000)
    parameters.encoding.maxBitrate = configured * 2
    parameters.encoding.active = true
    try await first.setParameters(parameters)
    #expect(await target(studio) == configured)
    await caller.close()
    #expect(await target(studio) == 150_000)
    for wrong in [0, -1] {
      parameters.encoding.maxBitrate = wrong
      await #expect(throws: RTCError.self) { try await second.setParameters(parameters) }
    }
    #expect(second.getParameters().encoding.maxBitrate == 150_000)
    for connection in [callee, other, another] { await connection.close() }
    await studio.close()
  }

  @Test func `the rate that is set arrives in the encoder`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    /// Bytes of 60 pictures, which are the same each second, sent at this rate.
    func bytes(_ limit: Int) async throws -> UInt64 {
      let (_, caller, callee) = try await send(track, .init(maxBitrate: limit), in: studio)
      var before = VideoSource.Facts(width: 0, height: 0, targetBitrate: 0)
      for pictures: UInt64 in [60, 60] {
        before = try #require(await studio.facts().first)
        let end = before.framesEncoded + pictures
        #expect(await studio.wait { $0.facts()[0].framesEncoded >= end })
      }
      let after = try #require(await studio.facts().first)
      await caller.close()
      await callee.close()
      return (after.bytesEncoded - before.bytesEncoded) * 60
        / (after.framesEncoded - before.framesEncoded)
    }
    let few = try await bytes(30_000)
    let many = try await bytes(300_000)
    #expect(few * 2 < many)
    await studio.close()
  }

  @Test func `an inactive encoding stops one peer's frames alone`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let (first, caller, callee) = try await send(track, .init(), in: studio)
    let (second, other, another) = try await send(track, .init(), in: studio)
    #expect(await studio.wait { _ in first.settledFrames > 2 && second.settledFrames > 2 })
    var parameters = first.getParameters()
    parameters.encoding.active = false
    try await first.setParameters(parameters)
    // What was on its way leaves before what the other is given later, and nothing after it.
    for isFirst in [true, false] {
      let still = await studio.perform { _ in first.settledFrames }
      let flowing = await studio.perform { _ in second.settledFrames }
      #expect(await studio.wait { _ in second.settledFrames > flowing + 20 })
      let now = await studio.perform { _ in first.settledFrames }
      #expect(isFirst || now == still)
    }
    parameters.encoding.active = true
    try await first.setParameters(parameters)
    let still = await studio.perform { _ in first.settledFrames }
    #expect(await studio.wait { _ in first.settledFrames > still })
    for connection in [caller, callee, other, another] { await connection.close() }
    await studio.close()
  }

  @Test func `a track that the peer takes away is muted, and unmuted when it comes again`()
    async throws
  {
    let studio = try await Studio.make()
    let (_, caller, callee) = try await send(try await studio.makeTrack(), .init(), in: studio)
    let track = try #require(await callee.getReceivers().first).track
    var events = track.events.makeAsyncIterator()
    #expect(await events.next() == .unmute)
    #expect(!track.muted)
    let transceiver = try #require(await caller.getTransceivers().first)
    try transceiver.setDirection(.inactive)
    try await connect(caller, callee)
    #expect(await events.next() == .mute)
    #expect(track.muted && track.readyState == .live)
    try transceiver.setDirection(.sendonly)
    try await connect(caller, callee)
    #expect(await events.next() == .unmute)
    await caller.close()
    await callee.close()
    await studio.close()
  }
}
