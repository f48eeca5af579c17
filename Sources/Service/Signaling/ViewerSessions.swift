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
    let order: UInt64
  }

  private let network: PeerNetwork
  private let stream: MediaStream?
  private var sessions: [String: Session] = [:]
  private var places: ViewerPlaces
  private var timer: TimerID?
  private var opened: UInt64 = 0
  /// What has become of all offers.
  private(set) var offers = OfferCounters()

  nonisolated var loop: EventLoop { network.loop }

  init(on network: PeerNetwork, source: VideoSource?, limits: ViewerLimits) {
    self.network = network
    places = ViewerPlaces(limits)
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
    guard request.contentType == "application/sdp" else {
      return .sentence(415, "An offer is sent as Content-Type: application/sdp.")
    }
    switch await admit(offer: String(decoding: request.body, as: UTF8.self)) {
    case .refused(let refusal):
      let response = HTTPResponse.sentence(refusal.status, refusal.reason)
      return refusal.status == 503 ? response.with("Retry-After", "5") : response
    case .answered(let id, let sdp):
      return HTTPResponse(201, body: Array(sdp.utf8))
        .with("Content-Type", "application/sdp")
        .with("Location", "/whep/\(id)")
        .with("Cache-Control", "no-store")
    }
  }

  /// Answers a viewer's offer, over whatever signalling it came.
  func admit(offer: String) async -> ViewerAdmission {
    let admission = await answer(offer)
    offers.count(admission)
    return admission
  }

  private func answer(_ offer: String) async -> ViewerAdmission {
    guard let stream else {
      return .refused(503, "This Porthole runs without a camera (--camera none).")
    }
    guard places.hasRoom else { return Self.full }
    let connection = RTCPeerConnection(on: network)
    do {
      for track in stream.getTracks() { try await connection.addTrack(track, stream) }
      try await connection.setRemoteDescription(RTCSessionDescription(type: .offer, sdp: offer))
      let answer = try await connection.createAnswer()
      let rejections = await connection.rejections
      guard rejections.isEmpty else {
        await connection.close()
        return .refused(406, rejections.joined(separator: " "))
      }
      try await connection.setLocalDescription(answer)
    } catch {
      await connection.close()
      return .refused(400, error.message)
    }
    guard let local = await connection.localDescription, let id = await keep(connection) else {
      await connection.close()
      return Self.full
    }
    return .answered(id: id, sdp: local.sdp)
  }

  /// The connection called `id`, while it lives.
  func connection(_ id: String) -> RTCPeerConnection? { sessions[id]?.connection }

  private static let full = ViewerAdmission.refused(
    503,
    "The camera has as many viewers as it can serve; try again soon."
  )

  /// Gives `connection` a name and a place; `nil` when others have taken the last one meanwhile.
  private func keep(_ connection: RTCPeerConnection) async -> String? {
    var random = RandomSource.system
    let id = random.text(22, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    guard case .admitted(let evicted) = places.admit(id, at: loop.now) else { return nil }
    opened += 1
    let events = connection.events
    Task { [weak self] in
      for await event in events {
        guard case .connectionStateChange(let state) = event else { continue }
        await self?.follow(id, state)
      }
      await self?.forget(id)
    }
    sessions[id] = Session(connection: connection, order: opened)
    rearm()
    if let evicted {
      offers.evicted &+= 1
      await end(evicted)
    }
    return id
  }

  private func follow(_ id: String, _ state: RTCPeerConnectionState) async {
    switch state {
    case .connected:
      places.connect(id)
      rearm()
    case .failed: await end(id)
    default: break
    }
  }

  /// Sets the timer to the next one whose time to connect is over.
  private func rearm() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let deadline = places.deadline else { return }
    timer = loop.schedule(at: deadline) { [weak self] in
      self?.assumeIsolated { $0.expire() }
    }
  }

  private func expire() {
    timer = nil
    let late = places.expired(at: loop.now)
    offers.expired &+= UInt64(late.count)
    rearm()
    Task { for id in late { await end(id) } }
  }

  /// Ends the session called `id`; harmless when it has ended.
  func end(_ id: String) async {
    guard let session = sessions.removeValue(forKey: id) else { return }
    places.remove(id)
    rearm()
    await session.connection.close()
  }

  /// The connection has ended by itself.
  private func forget(_ id: String) {
    guard sessions.removeValue(forKey: id) != nil else { return }
    places.remove(id)
    rearm()
  }
}

/// What becomes of an offer.
enum ViewerAdmission: Sendable {
  /// It was accepted: the session's name, and the answer with all candidates.
  case answered(id: String, sdp: String)
  case refused(Refusal)

  /// Why not: an HTTP status, and a sentence for a person.
  struct Refusal: Hashable, Sendable {
    var status: Int
    var reason: String
  }

  static func refused(_ status: Int, _ reason: String) -> ViewerAdmission {
    .refused(Refusal(status: status, reason: reason))
  }
}
