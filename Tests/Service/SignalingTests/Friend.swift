// SPDX-License-Identifier: Apache-2.0
import Capture
import Codecs
import DTLS
import EventLoop
import MediaTypes
import Signaling
import WebRTC
import Wire

/// An application of the library with a camera: at the other end of a service's line.
///
/// It is the polite one: it answers whatever offer comes.
actor Friend: EventLoopActor {
  nonisolated let loop: EventLoop
  private(set) var heard: [SignalingMessage] = []
  private var network: PeerNetwork?
  private var source: VideoSource?
  private var channel: SignalingChannel?
  private var connection: RTCPeerConnection?
  /// Whether offers are answered by themselves.
  private var answers = true

  init() throws {
    loop = try EventLoop.start()
  }

  /// Opens a line to the service at `port`, and a connection with a camera for it; the camera is sent on
  /// so many m-lines more, and then not on the one that receives.
  func dial(
    _ port: UInt16,
    answers: Bool = true,
    extra: Int = 0,
    token: String = Desk.token
  ) async throws {
    self.answers = answers
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    let network = try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"])
    self.network = network
    let size = PictureSize(width: 160, height: 120)
    let source = try VideoSource(
      .test,
      request: CameraRequest(size: size, frameRate: FrameRate(30)),
      encoder: VideoEncoderConfiguration(size: size, frameRate: FrameRate(30)),
      on: loop
    )
    self.source = source
    let channel = try await SignalingChannel.connect(
      to: "ws://localhost:\(port)/ws?token=\(token)",
      on: loop
    )
    self.channel = channel
    let configuration = RTCConfiguration(iceServers: [.init(urls: ["stun:127.0.0.1:3478"])])
    let connection = RTCPeerConnection(configuration, on: network)
    self.connection = connection
    let stream = MediaStream([MediaStreamTrack(source: source)])
    for _ in 0..<extra {
      let beginning = RTCRtpTransceiverInit(direction: .sendonly)
      try await connection.addTransceiver(MediaStreamTrack(source: source), beginning)
    }
    for track in stream.getTracks() { try await connection.addTrack(track, stream) }
    if extra > 0 { try await connection.getTransceivers().last?.setDirection(.recvonly) }
    Task { for await message in channel.messages { try await take(message) } }
    Task {
      for await event in connection.events {
        if case .iceCandidate(let candidate) = event { await channel.send(candidate) }
      }
    }
  }

  private func take(_ message: SignalingMessage) async throws {
    heard.append(message)
    guard let connection else { return }
    switch message {
    case .description(let description) where description.type != .offer || answers:
      try await connection.setRemoteDescription(description)
      if description.type == .offer { try await answer() }
    case .candidate(let candidate):
      try? await connection.addIceCandidate(candidate)
    default: break
    }
  }

  private func answer() async throws {
    guard let connection, let channel else { return }
    let answer = try await connection.createAnswer()
    try await connection.setLocalDescription(answer)
    await channel.send(await connection.localDescription ?? answer)
  }

  func offer() async throws {
    guard let connection, let channel else { return }
    let offer = try await connection.createOffer()
    try await connection.setLocalDescription(offer)
    await channel.send(offer)
  }

  /// Sends the camera on the m-line that receives, too.
  func sendBack() async throws {
    try await connection?.getTransceivers().last?.setDirection(.sendrecv)
    try await offer()
  }

  func say(_ message: SignalingMessage) async {
    await channel?.send(message)
  }

  /// Waits until something was heard; a test's time limit ends it.
  func hear(_ isWanted: @Sendable (SignalingMessage) -> Bool) async throws {
    while !heard.contains(where: isWanted) { try await loop.sleep(for: .milliseconds(1)) }
  }

  func forget() { heard = [] }

  /// Waits until the connection stands and so many pictures more have come.
  func receive(_ count: UInt64) async throws {
    while await connection?.connectionState != .connected {
      try await loop.sleep(for: .milliseconds(1))
    }
    let start = await connection?.counters?.framesReceived ?? 0
    while await (connection?.counters?.framesReceived ?? 0) < start + count {
      try await loop.sleep(for: .milliseconds(1))
    }
  }

  var localSDP: String? {
    get async { await connection?.currentLocalDescription?.sdp }
  }

  func hangUp() async {
    await connection?.close()
    await channel?.close()
  }

  func stop() async {
    await hangUp()
    source?.close()
    loop.stop()
  }
}

extension SignalingMessage {
  /// The offer, if this is one.
  var offer: String? {
    guard case .description(let description) = self, description.type == .offer else { return nil }
    return description.sdp
  }

  /// The answer, if this is one.
  var answer: String? {
    guard case .description(let description) = self, description.type == .answer else { return nil }
    return description.sdp
  }

  /// The reason, if this is an error.
  var failure: String? {
    guard case .error(let reason) = self else { return nil }
    return reason
  }
}
