// SPDX-License-Identifier: Apache-2.0
import Capture
import Codecs
import DTLS
import EventLoop
import MediaTypes
import Testing
import WebRTC
import Wire

/// The public API as a plain `async main` uses it: from tasks that know nothing of the loop's thread.
@Suite struct AnyTaskTests {
  private func connect(_ caller: RTCPeerConnection, _ callee: RTCPeerConnection) async throws {
    try await caller.setLocalDescription()
    try await callee.setRemoteDescription(try #require(await caller.localDescription))
    try await callee.setLocalDescription()
    try await caller.setRemoteDescription(try #require(await callee.localDescription))
  }

  private let pattern = MediaTrackConstraints(
    width: .exact(160),
    height: .exact(120),
    frameRate: .exact(30),
    deviceId: .exact("test")
  )

  @Test func `a track is read, changed, cloned and stopped`() async throws {
    let loop = try EventLoop.start()
    let stream = try await MediaDevices(on: loop).getUserMedia(.init(video: pattern))
    let track = try #require(stream.getVideoTracks().first)
    #expect(!loop.isOnLoop)
    #expect(track.readyState == .live && track.enabled && !track.muted && stream.active)
    #expect(track.getSettings().width == 160 && track.getConstraints() == pattern)
    #expect(track.getCapabilities().width?.max == 4096)
    track.enabled = false
    let clone = track.clone()
    #expect(!clone.enabled && clone.readyState == .live)
    await #expect(throws: RTCError.self) {
      try await track.applyConstraints(.init(width: .exact(320), height: .exact(180)))
    }
    clone.stop()
    try await track.applyConstraints(.init(width: .exact(320), height: .exact(180)))
    #expect(track.getSettings().height == 180)
    for await _ in track.encodedFrames() { Issue.record("a frame of a track that is made here") }
    for await _ in track.encodedAudio() { Issue.record("sound of a track that is made here") }
    stream.removeTrack(track)
    stream.addTrack(track)
    #expect(stream.getTrackById(track.id) === track && stream.getAudioTracks().isEmpty)
    #expect(stream.clone().getTracks().count == 1)
    track.stop()
    #expect(track.readyState == .ended && !stream.active)
    loop.stop()
  }

  @Test func `senders, receivers, transceivers and transports are used`() async throws {
    let loop = try EventLoop.start()
    let media = MediaDevices(on: loop)
    let stream = try await media.getUserMedia(.init(video: pattern))
    let track = try #require(stream.getVideoTracks().first)
    let caller = RTCPeerConnection(.init(), on: loop)
    let callee = RTCPeerConnection(.init(), on: loop)
    let sender = try await caller.addTrack(track, stream)
    _ = try await caller.createDataChannel("talk")
    try await connect(caller, callee)
    #expect(!loop.isOnLoop)
    #expect(sender.track === track && sender.mid == "0" && sender.streamIDs == [stream.id])
    let receiver = try #require(await callee.getReceivers().first)
    #expect(receiver.track.kind == .video)
    var count = 0
    for await _ in receiver.track.encodedFrames() {
      count += 1
      if count == 3 { break }
    }
    #expect(sender.clock != nil)
    var parameters = sender.getParameters()
    parameters.encoding.maxBitrate = 200_000
    try await sender.setParameters(parameters)
    #expect(sender.getParameters() == parameters)
    let other = track.clone()
    try await sender.replaceTrack(other)
    #expect(sender.track === other)
    #expect(await sender.getStats().size > 0)
    #expect(await receiver.getStats().size > 0)
    let sctp = try #require(await caller.sctp)
    #expect(sctp.maxMessageSize == 262_144)
    for await state in sctp.events where state == .connected { break }
    #expect(sctp.state == .connected && sctp.maxChannels != nil)
    let transceiver = try #require(await caller.getTransceivers().first)
    #expect(transceiver.mid == "0" && transceiver.currentDirection == .sendonly)
    try transceiver.setDirection(.inactive)
    #expect(transceiver.direction == .inactive)
    #expect(throws: RTCError.self) { try transceiver.setDirection(.stopped) }
    transceiver.stop()
    #expect(transceiver.direction == .stopped)
    #expect(throws: RTCError.self) { try transceiver.setDirection(.sendrecv) }
    await #expect(throws: RTCError.self) { try await sender.replaceTrack(track) }
    await caller.close()
    await callee.close()
    track.stop()
    other.stop()
    loop.stop()
  }

  @Test func `a network and a source are made, asked and closed`() async throws {
    let loop = try EventLoop.start()
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    let network = try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"])
    #expect(network.port != 0 && network.identity === identity)
    #expect(network.counters.strangers == 0)
    #expect(throws: EventLoopError.self) {
      try PeerNetwork(on: loop, identity: identity, port: network.port)
    }
    let size = PictureSize(width: 160, height: 120)
    let source = try VideoSource(
      .test,
      request: CameraRequest(size: size, frameRate: FrameRate(30)),
      encoder: VideoEncoderConfiguration(size: size, frameRate: FrameRate(30)),
      on: loop
    )
    #expect(source.problem == nil && source.facts.width == 160)
    let track = MediaStreamTrack(source: source)
    let connection = RTCPeerConnection(on: network)
    try await connection.addTrack(track)
    #expect(await connection.getSenders().map(\.track?.id) == [track.id])
    await connection.close()
    track.stop()
    source.close()
    loop.stop()
  }

  @Test func `many tasks use one track at the same time`() async throws {
    let loop = try EventLoop.start()
    let stream = try await MediaDevices(on: loop).getUserMedia(.init(video: pattern))
    let track = try #require(stream.getTracks().first)
    await withTaskGroup { group in
      for number in 0..<4 {
        group.addTask {
          for _ in 0..<50 {
            let clone = track.clone()
            clone.enabled = number % 2 == 0
            stream.addTrack(clone)
            #expect(clone.readyState == .live && clone.getSettings().width == 160)
            clone.stop()
            stream.removeTrack(clone)
            #expect(clone.readyState == .ended)
          }
        }
      }
    }
    #expect(track.readyState == .live && stream.getTracks().count == 1)
    track.stop()
    loop.stop()
  }
}
