// SPDX-License-Identifier: Apache-2.0
@testable import Capture
import Codecs
import DTLS
import EventLoop
import MediaTypes
import Testing
import Wire

@testable import WebRTC

@Suite struct MediaStreamTrackConstraintsTests {
  @Test func `gives a live track another size and rate`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.open(smallPattern)
      let wish = MediaTrackConstraints(width: .exact(320), height: .exact(180), frameRate: 15)
      try await track.applyConstraints(wish)
      #expect(track.getConstraints() == wish)
      let settings = track.getSettings()
      #expect([settings.width, settings.height] == [320, 180])
      #expect(settings.frameRate == 15)
      #expect(settings.aspectRatio == 320.0 / 180)
      #expect(track.readyState == .live && !track.muted)
      track.stop()
    }
    lens.close()
  }

  @Test func `keeps what it has where the wish cannot be`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.open(smallPattern)
      let error = await lens.failure { _ in
        try await track.applyConstraints(.init(height: .min(5000)))
      }
      #expect(error?.name == .overconstrained)
      #expect(error?.constraint == "height")
      #expect(track.getSettings().height == 120)
      #expect(track.getConstraints() == smallPattern)
      track.stop()
    }
    lens.close()
  }

  @Test func `does not change what another track shows`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.open(smallPattern)
      let clone = track.clone()
      #expect(clone.id != track.id)
      #expect(clone.getConstraints() == smallPattern)
      #expect(clone.getSettings() == track.getSettings())
      let error = await lens.failure { _ in
        try await clone.applyConstraints(.init(width: .exact(320)))
      }
      #expect(error?.constraint == "width")
      try await clone.applyConstraints(.init(width: .ideal(320)))
      #expect(track.getSettings().width == 160)
      track.stop()
      #expect(clone.readyState == .live)
      try await clone.applyConstraints(.init(width: .exact(320)))
      #expect(clone.getSettings().width == 320)
      clone.stop()
    }
    lens.close()
  }

  @Test func `applies wishes that come together one after another`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.open(smallPattern)
      async let first: Void = track.applyConstraints(.init(width: .exact(320)))
      async let second: Void = track.applyConstraints(.init(width: .exact(640)))
      try await first
      try await second
      let width = try #require(track.getSettings().width)
      #expect([320, 640].contains(width))
      #expect(track.getConstraints().width == .exact(width))
      track.stop()
    }
    lens.close()
  }

  @Test func `a track that has ended asks for nothing`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.open(smallPattern)
      track.stop()
      try await track.applyConstraints(.init(width: .exact(12345)))
      #expect(track.getConstraints() == smallPattern)
      #expect(track.getSettings().deviceId == nil)
      #expect(track.clone().readyState == .ended)
    }
    lens.close()
  }

  @Test func `a source that is no device has its own settings`() async throws {
    let studio = try await Studio.make()
    let track = try await studio.makeTrack()
    let error = await studio.failure { _ in
      try await track.applyConstraints(.init(width: .exact(320)))
    }
    #expect(error?.constraint == "width")
    #expect(
      await studio.failure { _ in try await track.applyConstraints(.init(width: 320)) } == nil
    )
    await studio.close()
  }

  @Test func `peers see the new size, beginning with a keyframe`() async throws {
    let studio = try await Studio.make()
    let far = try await studio.makeNetwork()
    let media = MediaDevices(on: studio.loop)
    let track = try #require(
      try await media.getUserMedia(.init(video: smallPattern)).getVideoTracks().first
    )
    let (sender, receiver) = (RTCPeerConnection(on: studio.network), RTCPeerConnection(on: far))
    try await sender.addTrack(track, MediaStream([track]))
    try await sender.setLocalDescription(try await sender.createOffer())
    try await receiver.setRemoteDescription(try #require(await sender.localDescription))
    try await receiver.setLocalDescription(try await receiver.createAnswer())
    try await sender.setRemoteDescription(try #require(await receiver.localDescription))
    let frames = try #require(await receiver.getReceivers().first).track.encodedFrames()
    var sizes: [PictureSize] = []
    for await frame in frames where frame.isKeyframe {
      guard let size = size(of: frame), size != sizes.last else { continue }
      sizes.append(size)
      guard sizes.count == 1 else { break }
      try await studio.onLoop { _ in
        try await track.applyConstraints(.init(width: .exact(320), height: .exact(180)))
      }
    }
    #expect(
      sizes == [PictureSize(width: 160, height: 120), PictureSize(width: 320, height: 180)]
    )
    await sender.close()
    await receiver.close()
    await studio.onLoop { _ in track.stop() }
    await studio.close()
  }

  /// What the frame's sequence parameter set says; constrained baseline as x264 writes it.
  private func size(of frame: EncodedFrame) -> PictureSize? {
    for unit in frame.nalUnits where frame.bytes[unit.lowerBound] & 0x1F == 7 {
      let bytes = Array(frame.bytes[unit])
      return H264SequenceParameterSet(bytes.span)?.size
    }
    return nil
  }
}

extension Studio {
  /// Runs `body` on the loop, where tracks live.
  func onLoop(_ body: @Sendable (isolated Studio) async throws -> Void) async rethrows {
    try await body(self)
  }

  /// The error that `body` throws on the loop.
  func failure(_ body: @Sendable (isolated Studio) async throws -> Void) async -> RTCError? {
    do {
      try await body(self)
      return nil
    } catch {
      return error as? RTCError
    }
  }
}
