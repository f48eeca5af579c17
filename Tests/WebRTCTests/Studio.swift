// SPDX-License-Identifier: Apache-2.0
import Capture
import Checks
import Codecs
import DTLS
import EventLoop
import MediaTypes
import Testing
@testable import WebRTC
import Wire

/// A loop with a network on loopback and a small test pattern.
actor Studio: EventLoopActor {
  nonisolated let loop: EventLoop
  let network: PeerNetwork
  private var sources: [VideoSource] = []

  private init(_ network: PeerNetwork) {
    loop = network.loop
    self.network = network
  }

  /// Starts a loop and opens its network on the loop's own thread.
  static func make() async throws -> Studio {
    let loop = try EventLoop.start()
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    return try await withCheckedThrowingContinuation { continuation in
      loop.post {
        continuation.resume(
          with: Result {
            Studio(try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"]))
          }
        )
      }
    }
  }

  /// A track of the test pattern at 60 pictures a second.
  func makeTrack() throws -> MediaStreamTrack {
    let size = PictureSize(width: 160, height: 120)
    let rate = FrameRate(60)
    let source = try VideoSource(
      .test,
      request: CameraRequest(size: size, frameRate: rate),
      encoder: VideoEncoderConfiguration(size: size, frameRate: rate),
      on: loop
    )
    sources.append(source)
    return MediaStreamTrack(source: source)
  }

  func facts() -> [VideoSource.Facts] { sources.map(\.facts) }

  func problems() -> [String?] { sources.map(\.problem) }

  /// Runs `body` on the loop.
  func perform<Value: Sendable>(_ body: (PeerNetwork) throws -> Value) rethrows -> Value {
    try body(network)
  }

  /// Waits until `condition` holds on the loop, turn by turn; `false` after `patience`.
  func wait(
    for patience: Duration = .seconds(60),
    until condition: @Sendable (isolated Studio) async -> Bool
  ) async -> Bool {
    let end = loop.now + patience
    while !(await condition(self)) {
      guard loop.now < end else { return false }
      try? await loop.sleep(for: .milliseconds(1))
    }
    return true
  }

  /// Another network on the same loop, as of another machine.
  func makeNetwork() throws -> PeerNetwork {
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    return try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"])
  }

  /// Replaces a sender's track on the loop's thread, where senders live.
  func replace(_ sender: RTCRtpSender, by track: MediaStreamTrack) async throws {
    try await sender.replaceTrack(track)
  }

  /// Sends what `source` hears to a connection of `other`; the descriptions are rewritten under way.
  func call(
    _ source: AudioSource,
    to other: PeerNetwork,
    rewriting rewrite: (String) -> String = { $0 }
  ) async throws -> Call {
    let sending = RTCPeerConnection(on: network)
    let receiving = RTCPeerConnection(on: other)
    let track = MediaStreamTrack(source: source)
    try await sending.addTrack(track, MediaStream([track]))
    try await sending.setLocalDescription(try await sending.createOffer())
    var offer = try #require(await sending.localDescription)
    offer.sdp = rewrite(offer.sdp)
    try await receiving.setRemoteDescription(offer)
    try await receiving.setLocalDescription(try await receiving.createAnswer())
    var answer = try #require(await receiving.localDescription)
    answer.sdp = rewrite(answer.sdp)
    try await sending.setRemoteDescription(answer)
    let heard = try #require(await receiving.getReceivers().first?.track)
    return Call(sending: sending, receiving: receiving, track: heard)
  }

  func close() {
    for source in sources { source.close() }
    sources = []
    loop.stop()
  }
}

/// Two connections, of which one hears the other.
struct Call: Sendable {
  let sending: RTCPeerConnection
  let receiving: RTCPeerConnection
  /// What is heard.
  let track: MediaStreamTrack

  func close() async {
    await sending.close()
    await receiving.close()
  }
}
