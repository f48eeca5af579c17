// SPDX-License-Identifier: Apache-2.0
import Board
import Capture
import Codecs
import DTLS
import EventLoop
import HTTP
import MediaTypes
import Signaling
import WebRTC
import Wire

/// A service on its loop, asked in process and over TCP.
actor Desk: EventLoopActor {
  static let token = "0123456789abcdef"

  nonisolated let loop: EventLoop
  nonisolated let service: PortholeService
  nonisolated let controls: BoardControls
  private let source: VideoSource?
  private let sound: DeviceSound
  private let server: HTTPServer
  private var port: UInt16 = 0

  private init(
    _ network: PeerNetwork,
    token: String?,
    controlToken: String?,
    hasCamera: Bool,
    microphone: SoundSelection,
    speaker: SoundSelection,
    limits: ViewerLimits,
    hosts: @escaping @Sendable () -> HostPolicy
  ) throws {
    loop = network.loop
    let size = PictureSize(width: 160, height: 120)
    source =
      hasCamera
      ? try VideoSource(
        .test,
        request: CameraRequest(size: size, frameRate: FrameRate(30)),
        encoder: VideoEncoderConfiguration(size: size, frameRate: FrameRate(30)),
        on: network.loop
      ) : nil
    sound = DeviceSound(
      microphone: microphone == .none ? nil : try AudioSource(microphone, on: network.loop),
      speaker: speaker == .none ? nil : Loudspeaker(speaker, on: network.loop)
    )
    controls = BoardControls(BoardConfiguration(), on: network.loop)
    service = PortholeService(
      on: network,
      source: source,
      access: Access(token: token, controlToken: controlToken),
      sound: sound,
      controls: controls,
      limits: limits,
      hosts: hosts
    )
    server = HTTPServer(on: network.loop, responder: service)
  }

  /// Opens everything on a new loop's own thread.
  static func make(
    token: String? = Desk.token,
    controlToken: String? = nil,
    hasCamera: Bool = true,
    microphone: SoundSelection = .none,
    speaker: SoundSelection = .none,
    limits: ViewerLimits = ViewerLimits(),
    hosts: @escaping @Sendable () -> HostPolicy = { HostPolicy(names: ["porthole.local"]) }
  ) async throws -> Desk {
    let loop = try EventLoop.start()
    var random = RandomSource.system
    let identity = try DTLSIdentity.make(using: &random)
    return try await withCheckedThrowingContinuation { continuation in
      loop.post {
        continuation.resume(
          with: Result {
            let network = try PeerNetwork(on: loop, identity: identity, interfaces: ["lo"])
            return try Desk(
              network,
              token: token,
              controlToken: controlToken,
              hasCamera: hasCamera,
              microphone: microphone,
              speaker: speaker,
              limits: limits,
              hosts: hosts
            )
          }
        )
      }
    }
  }

  /// The port of the service's own HTTP server, which listens from now on.
  func listen() throws -> UInt16 {
    if port == 0 {
      port = try server.listen(at: SocketAddress(.v4(0x7F00_0001), port: 0))
    }
    return port
  }

  func close() async {
    await service.close()
    await controls.close()
    server.close()
    source?.close()
    sound.microphone?.close()
    sound.speaker?.close()
    loop.stop()
  }

  /// Asks the service as the HTTP core would.
  nonisolated func ask(
    _ method: String,
    _ path: String,
    query: [HTTPRequest.Parameter] = [],
    host: String? = "127.0.0.1:8080",
    token: String? = Desk.token,
    headers: HTTPHeaders = [:],
    body: String = ""
  ) async -> HTTPResponse {
    var fields = headers
    if let token { fields.append("Authorization", "Bearer \(token)") }
    return await service.respond(
      to: HTTPRequest(
        method: method,
        target: path,
        path: path,
        query: query,
        headers: fields,
        authority: host.flatMap { HTTPAuthority($0) },
        body: Array(body.utf8)
      )
    )
  }

  /// Posts `offer` as a browser does.
  nonisolated func offer(_ offer: String, type: String = "application/sdp") async -> HTTPResponse {
    await ask("POST", "/whep", headers: ["Content-Type": type], body: offer)
  }
}

extension HTTPResponse {
  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }
}

extension String {
  /// Whether the text contains `word`, byte by byte.
  func holds(_ word: String) -> Bool {
    let text = Array(utf8)
    let part = Array(word.utf8)
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }
}
