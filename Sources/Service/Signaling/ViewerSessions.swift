// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import JSON
internal import WebRTC
internal import Wire

/// WHEP: a viewer posts an offer and gets an answer with all candidates (draft-ietf-wish-whep).
///
/// Written on `RTCPeerConnection` only, as any application would be.
actor ViewerSessions: EventLoopActor {
  private struct Session {
    let connection: RTCPeerConnection
    let watcher: Task<Void, Never>
    var order: UInt64
    var hasConnected = false
  }

  /// Sessions whose peer has not connected yet; the oldest gives way to the next (T15).
  private static let maximumHalfOpen = 64
  /// How long a session may take to connect.
  private static let connectTime = Duration.seconds(30)
  private static let maximumViewers = 256

  private let network: PeerNetwork
  private let stream: MediaStream?
  private var sessions: [String: Session] = [:]
  private var opened: UInt64 = 0

  nonisolated var loop: EventLoop { network.loop }

  init(on network: PeerNetwork, source: VideoSource?) {
    self.network = network
    stream = source.map { MediaStream([MediaStreamTrack(source: $0)]) }
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    if request.path == "/whep" {
      switch request.method {
      case "POST": return await open(request)
      case "OPTIONS":
        return HTTPResponse(204).with("Allow", "POST, OPTIONS")
          .with("Accept-Post", "application/sdp")
      default: return .methodNotAllowed("POST, OPTIONS")
      }
    }
    guard let id = Self.sessionID(of: request.path), sessions[id] != nil else {
      return .sentence(404, "There is nothing at this address.")
    }
    guard request.method == "DELETE" else { return .methodNotAllowed("DELETE") }
    await end(id)
    return HTTPResponse(200)
  }

  func close() async {
    for id in Array(sessions.keys) { await end(id) }
  }

  func report() async -> [JSONValue] {
    var rows: [JSONValue] = []
    for session in sessions.values.sorted(by: { $0.order < $1.order }) {
      rows.append(await StatisticsReport.peer(session.connection))
    }
    return rows
  }

  private static func sessionID(of path: String) -> String? {
    let prefix = Array("/whep/".utf8)
    let bytes = Array(path.utf8)
    guard bytes.starts(with: prefix) else { return nil }
    return String(decoding: bytes[prefix.count...], as: UTF8.self)
  }

  private func open(_ request: HTTPRequest) async -> HTTPResponse {
    let type = request.headers["Content-Type"] ?? ""
    guard type.lowercased().utf8.starts(with: "application/sdp".utf8) else {
      return .sentence(415, "An offer is sent as Content-Type: application/sdp.")
    }
    guard let stream else {
      return .sentence(503, "This Porthole runs without a camera (--camera none).")
    }
    guard sessions.count < Self.maximumViewers else {
      return .sentence(503, "The camera has as many viewers as it can serve; try again soon.")
        .with("Retry-After", "5")
    }
    let connection = RTCPeerConnection(on: network)
    do {
      for track in stream.getTracks() { try await connection.addTrack(track, stream) }
      try await connection.setRemoteDescription(
        RTCSessionDescription(type: .offer, sdp: String(decoding: request.body, as: UTF8.self))
      )
      let answer = try await connection.createAnswer()
      let rejections = await connection.rejections
      guard rejections.isEmpty else {
        await connection.close()
        return .sentence(406, rejections.joined(separator: " "))
      }
      try await connection.setLocalDescription(answer)
    } catch {
      await connection.close()
      return .sentence(400, error.message)
    }
    guard let local = await connection.localDescription else {
      return .sentence(500, "The answer was lost.")
    }
    let id = await keep(connection)
    return HTTPResponse(201, body: Array(local.sdp.utf8))
      .with("Content-Type", "application/sdp")
      .with("Location", "/whep/\(id)")
      .with("Cache-Control", "no-store")
  }

  private func keep(_ connection: RTCPeerConnection) async -> String {
    var random = RandomSource.system
    let id = random.text(22, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    let halfOpen = sessions.filter { !$0.value.hasConnected }
    if halfOpen.count >= Self.maximumHalfOpen,
      let oldest = halfOpen.min(by: { $0.value.order < $1.value.order })
    {
      await end(oldest.key)
    }
    opened += 1
    let watcher = Task { [weak self] in
      for await event in connection.events {
        guard case .connectionStateChange(let state) = event else { continue }
        await self?.follow(id, state)
      }
      await self?.forget(id)
    }
    sessions[id] = Session(connection: connection, watcher: watcher, order: opened)
    Task { [weak self, loop = network.loop] in
      try? await loop.sleep(for: Self.connectTime)
      await self?.expire(id)
    }
    return id
  }

  private func follow(_ id: String, _ state: RTCPeerConnectionState) async {
    switch state {
    case .connected: sessions[id]?.hasConnected = true
    case .failed: await end(id)
    default: break
    }
  }

  private func expire(_ id: String) async {
    guard sessions[id]?.hasConnected == false else { return }
    await end(id)
  }

  private func end(_ id: String) async {
    guard let session = sessions.removeValue(forKey: id) else { return }
    await session.connection.close()
  }

  private func forget(_ id: String) {
    sessions[id] = nil
  }
}
