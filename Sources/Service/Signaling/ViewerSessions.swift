// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import HTTP
internal import JSON
internal import SDP
internal import WebRTC
internal import Wire

/// The sessions of all peers, whoever made the offer, and WHEP: a viewer posts an offer and gets an
/// answer with all candidates (draft-ietf-wish-whep).
///
/// Written on `RTCPeerConnection` only, as any application would be. What `PATCH` does is in `+Patch`.
actor ViewerSessions: EventLoopActor {
  /// How far a session's relays are changed as sharing wants them.
  enum Arrangement {
    case settled
    case underWay
    /// Under way, and something has changed again.
    case outdated
  }

  struct Session {
    let connection: RTCPeerConnection
    let order: UInt64
    /// What the peer may do, by the token that opened the session.
    let level: AccessLevel
    /// The last offer that was answered; empty while there is none.
    var offer: String
    /// Whether what the peer sends is taken.
    let receives: Bool
    /// Candidates that came after it.
    var candidates = 0
    /// Whether its peer is shown what others share.
    var sees = false
    /// The m-lines that carry what others share; those that carry nothing now wait to be used again.
    var relays: [RTCRtpTransceiver] = []
    /// Whether they are as they should be.
    var arrangement = Arrangement.settled
    /// The m-line by which its peer speaks to the board.
    var voice: RTCRtpTransceiver?
    /// Is told when others are heard or wait.
    var onTalk: (@Sendable () -> Void)?

    /// Our description in force.
    var localDescription: SessionDescription? {
      get async {
        guard let sdp = await connection.localDescription?.sdp else { return nil }
        return try? SessionDescription(parsing: sdp)
      }
    }
  }

  /// Is told of a connection's events, in order, on whatever thread.
  typealias Listener = @Sendable (RTCPeerConnectionEvent) -> Void

  private let network: PeerNetwork
  private let stream: MediaStream?
  var sessions: [String: Session] = [:]
  var shared = SharedTracks()
  let channels: DeviceChannels
  let sound: DeviceSound
  private var places: ViewerPlaces
  private var timer: TimerID?
  private var opened: UInt64 = 0
  /// What has become of all offers.
  private(set) var offers = OfferCounters()

  nonisolated var loop: EventLoop { network.loop }

  init(
    on network: PeerNetwork,
    source: VideoSource?,
    sound: DeviceSound,
    sensors: BoardSensors?,
    controls: BoardControls?,
    limits: ViewerLimits
  ) {
    self.sound = sound
    self.network = network
    channels = DeviceChannels(on: network.loop, sensors: sensors, controls: controls)
    places = ViewerPlaces(limits)
    let tracks =
      [source.map { MediaStreamTrack(source: $0) }]
      + [sound.microphone.map { MediaStreamTrack(source: $0) }]
    let present = tracks.compactMap { $0 }
    stream = present.isEmpty ? nil : MediaStream(present)
    sound.speaker?.onChange = { [weak self] in self?.assumeIsolated { $0.tellTalk() } }
  }

  /// Answers `request`, which may do as much as `level` says.
  func respond(to request: HTTPRequest, level: AccessLevel) async -> HTTPResponse {
    if request.path == "/whep" {
      switch request.method {
      case "POST": return await open(request, level)
      case "OPTIONS": return Self.endpointOptions
      case "GET", "HEAD": return Self.noContent
      default: return .methodNotAllowed(Self.endpointMethods)
      }
    }
    guard let id = Self.sessionID(of: request.path), sessions[id] != nil else {
      return Self.nothing
    }
    switch request.method {
    case "PATCH": return await patch(id, request)
    case "OPTIONS": return Self.sessionOptions
    case "GET", "HEAD": return Self.noContent
    case "DELETE":
      await end(id)
      return HTTPResponse(200)
    default: return .methodNotAllowed(Self.sessionMethods)
    }
  }

  private static let endpointMethods = "GET, HEAD, POST, OPTIONS"
  private static let sessionMethods = "GET, HEAD, PATCH, DELETE, OPTIONS"

  /// What an endpoint takes, for `OPTIONS`: 200 by the letter (RFC 9725 section 4.2).
  static let endpointOptions = HTTPResponse(200).with("Allow", endpointMethods)
    .with("Accept-Post", "application/sdp")
  /// What a session takes, for `OPTIONS` (RFC 5789 section 3.1).
  static let sessionOptions = HTTPResponse(200).with("Allow", sessionMethods)
    .with("Accept-Patch", ICEUpdate.mediaType)
  /// Neither endpoint nor session has anything to show (RFC 9725 section 4.1).
  private static let noContent = HTTPResponse(204).with("Cache-Control", "no-store")
  static let nothing = HTTPResponse.sentence(404, "There is nothing at this address.")

  func close() async {
    for id in Array(sessions.keys) { await end(id) }
  }

  /// A row for each viewer; with `statistics`, all that `getStats` tells of it too.
  func report(withStatistics statistics: Bool) async -> [JSONValue] {
    var rows: [JSONValue] = []
    for (id, session) in sessions.sorted(by: { $0.value.order < $1.value.order }) {
      let row = await StatisticsReport.peer(
        session,
        shares: shared(by: id),
        withStatistics: statistics
      )
      rows.append(row)
    }
    return rows
  }

  private static func sessionID(of path: String) -> String? {
    let prefix = Array("/whep/".utf8)
    let bytes = Array(path.utf8)
    guard bytes.starts(with: prefix) else { return nil }
    return String(decoding: bytes[prefix.count...], as: UTF8.self)
  }

  private func open(_ request: HTTPRequest, _ level: AccessLevel) async -> HTTPResponse {
    guard request.contentType == "application/sdp" else {
      return .sentence(415, "An offer is sent as Content-Type: application/sdp.")
    }
    switch await admit(offer: String(decoding: request.body, as: UTF8.self), level: level) {
    case .refused(let refusal):
      return refusal.response
    case .answered(let id, let sdp):
      let response = HTTPResponse(201, body: Array(sdp.utf8))
        .with("Content-Type", "application/sdp")
        .with("Location", "/whep/\(id)")
        .with("Cache-Control", "no-store")
      guard let local = try? SessionDescription(parsing: sdp), let tag = EntityTag(of: local) else {
        return response
      }
      return response.with("ETag", tag.description)
    }
  }

  /// Answers a peer's offer, over whatever signalling it came.
  /// - Parameters:
  ///   - offer: The SDP.
  ///   - level: What the peer may do.
  ///   - receives: Whether what the peer sends is taken; a WHEP viewer's is not.
  ///   - tell: Is told of the connection's events.
  /// - Returns: The answer, or why there is none.
  func admit(
    offer: String,
    level: AccessLevel,
    receives: Bool = false,
    tell: @escaping Listener = { _ in }
  ) async -> ViewerAdmission {
    let admission = await answer(offer, level, receives, tell)
    offers.count(admission)
    return admission
  }

  private func answer(
    _ offer: String,
    _ level: AccessLevel,
    _ receives: Bool,
    _ tell: @escaping Listener
  ) async -> ViewerAdmission {
    guard !Self.isEmpty(offer) else {
      return .refused(400, "The offer has no m-line: there is nothing to answer.")
    }
    // Channels need no camera.
    let sent = Self.hasMedia(offer) ? stream : MediaStream([])
    guard let sent else { return .refused(Self.blind) }
    guard places.hasRoom else { return .refused(Self.full) }
    let connection = RTCPeerConnection(on: network)
    do {
      for track in sent.getTracks() { try await connection.addTrack(track, sent) }
      try await connection.setRemoteDescription(RTCSessionDescription(type: .offer, sdp: offer))
      try await Self.direct(connection, receives: receives)
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
    guard let local = await connection.localDescription,
      let id = await keep(
        connection,
        offer: offer,
        level: level,
        receives: receives,
        tell: tell
      )
    else {
      await connection.close()
      return .refused(Self.full)
    }
    return .answered(id: id, sdp: local.sdp)
  }

  /// Opens a session in which the offer is ours: the camera both ways, and nothing said yet.
  ///
  /// - Returns: The session's name.
  func call(
    level: AccessLevel,
    tell: @escaping Listener
  ) async throws(HTTPRefusal) -> String {
    do throws(HTTPRefusal) {
      let id = try await open(level, tell)
      offers.accepted &+= 1
      return id
    } catch {
      offers.refused &+= 1
      throw error
    }
  }

  private func open(
    _ level: AccessLevel,
    _ tell: @escaping Listener
  ) async throws(HTTPRefusal) -> String {
    guard let stream else { throw Self.blind }
    guard places.hasRoom else { throw Self.full }
    let connection = RTCPeerConnection(on: network)
    do {
      for track in stream.getTracks() { try await connection.addTrack(track, stream) }
    } catch {
      await connection.close()
      throw HTTPRefusal(500, error.message)
    }
    guard
      let id = await keep(
        connection,
        offer: "",
        level: level,
        receives: true,
        tell: tell
      )
    else {
      await connection.close()
      throw Self.full
    }
    return id
  }

  /// Answers another offer of the session called `id`, which may restart its ICE; one that is refused
  /// leaves the session as it was.
  func renew(_ id: String, offer: String) async -> ViewerAdmission {
    guard let session = sessions[id] else { return Self.ended }
    let connection = session.connection
    do {
      try await connection.setRemoteDescription(RTCSessionDescription(type: .offer, sdp: offer))
      try await Self.direct(connection, receives: session.receives, but: session.relays)
      try await connection.setLocalDescription(try await connection.createAnswer())
    } catch {
      try? await connection.setRemoteDescription(RTCSessionDescription(type: .rollback, sdp: ""))
      return .refused(422, error.message)
    }
    guard let local = await connection.localDescription, sessions[id] != nil else {
      return Self.ended
    }
    sessions[id]?.offer = offer
    sessions[id]?.candidates = 0
    return .answered(id: id, sdp: local.sdp)
  }

  /// Lets a viewer have the camera and nothing else, and takes what others send too.
  ///
  /// What else is offered is turned down in its place. The `relays` stay as they are.
  private static func direct(
    _ connection: RTCPeerConnection,
    receives: Bool,
    but relays: [RTCRtpTransceiver] = []
  ) async throws(RTCError) {
    for transceiver in await connection.getTransceivers() where transceiver.direction != .stopped {
      if relays.contains(where: { $0 === transceiver }) { continue }
      if transceiver.sender.track != nil {
        try transceiver.setDirection(receives ? .sendrecv : .sendonly)
      } else if receives {
        try transceiver.setDirection(.recvonly)
      } else {
        transceiver.stop()
      }
    }
  }

  /// The connection called `id`, while it lives.
  func connection(_ id: String) -> RTCPeerConnection? { sessions[id]?.connection }

  /// What the peer of the session called `id` may do; nothing once it has ended.
  func level(_ id: String) -> AccessLevel { sessions[id]?.level ?? .none }

  private static let ended = ViewerAdmission.refused(
    404,
    "The session has ended; open another one."
  )
  private static let blind = HTTPRefusal(
    503,
    "This Porthole runs without a camera (--camera none)."
  )
  private static let full = HTTPRefusal(
    503,
    "The camera has as many viewers as it can serve; try again soon."
  )

  /// Gives `connection` a name and a place; `nil` when others have taken the last one meanwhile.
  private func keep(
    _ connection: RTCPeerConnection,
    offer: String,
    level: AccessLevel,
    receives: Bool,
    tell: @escaping Listener
  ) async -> String? {
    var random = RandomSource.system
    let id = random.text(22, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    guard case .admitted(let evicted) = places.admit(id, at: loop.now) else { return nil }
    opened += 1
    let events = connection.events
    Task { [weak self] in
      for await event in events {
        tell(event)
        if case .dataChannel(let opened) = event { await self?.serve(opened.channel, of: id) }
        guard case .connectionStateChange(let state) = event else { continue }
        await self?.follow(id, state)
      }
      await self?.forget(id)
    }
    sessions[id] = Session(
      connection: connection,
      order: opened,
      level: level,
      offer: offer,
      receives: receives
    )
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
    sound.speaker?.remove(id)
    await unshare(id)
  }

  /// The connection has ended by itself.
  private func forget(_ id: String) async {
    guard sessions.removeValue(forKey: id) != nil else { return }
    places.remove(id)
    rearm()
    sound.speaker?.remove(id)
    await unshare(id)
  }
}

/// What becomes of an offer.
enum ViewerAdmission: Sendable {
  /// It was accepted: the session's name, and the answer with all candidates.
  case answered(id: String, sdp: String)
  case refused(HTTPRefusal)

  static func refused(_ status: Int, _ reason: String) -> ViewerAdmission {
    .refused(HTTPRefusal(status, reason))
  }
}
