// SPDX-License-Identifier: Apache-2.0
public import Board
public import EventLoop
public import HTTP
internal import JSON
public import WebRTC
internal import Wire

/// The routes of the program: the page, WHEP, health and statistics.
public actor PortholeService: HTTPResponder, EventLoopActor {
  /// The loop that this service lives on.
  public nonisolated let loop: EventLoop
  /// Where the server of this service counts, for `/stats`.
  public nonisolated let counters = HTTPCounters()
  private let network: PeerNetwork
  private let access: Access
  private let currentHosts: @Sendable () -> HostPolicy
  private var hosts: HostPolicy
  private var nextLook = Timestamp.zero
  private let source: VideoSource?
  private let sound: DeviceSound
  private let viewers: ViewerSessions
  private let bell: BoardBell?
  private let certificates: (any TLSCredentialsSource)?

  /// Creates the service of `source`; `nil` means that there is no camera, and what of the board is `nil`
  /// is not there either.
  ///
  /// `certificates` are those of the server that asks this service, for the page which says how browsers
  /// come to believe them.
  ///
  /// `hosts` is asked now, and again, at most once a second, when a request is for an unknown host:
  /// a board may get its address long after the program has started.
  public init(
    on network: PeerNetwork,
    source: VideoSource?,
    access: Access,
    sound: DeviceSound = DeviceSound(),
    sensors: BoardSensors? = nil,
    controls: BoardControls? = nil,
    limits: ViewerLimits = ViewerLimits(),
    certificates: (any TLSCredentialsSource)? = nil,
    hosts: @escaping @Sendable () -> HostPolicy
  ) {
    loop = network.loop
    self.network = network
    self.access = access
    currentHosts = hosts
    self.hosts = hosts()
    self.source = source
    self.sound = sound
    self.certificates = certificates
    bell = controls?.bell
    viewers = ViewerSessions(
      on: network,
      source: source,
      sound: sound,
      sensors: sensors,
      controls: controls,
      limits: limits
    )
  }

  /// Answers one request; every route not named here is 404.
  public func respond(to request: HTTPRequest) async -> HTTPResponse {
    if let refusal = refusalOfHost(request) { return refusal }
    if let refusal = refusalOfOrigin(request) { return refusal.with("Vary", "Origin") }
    if let answer = CrossOrigin.preflight(request) { return answer }
    return CrossOrigin.share(await route(request), with: request)
  }

  private func route(_ request: HTTPRequest) async -> HTTPResponse {
    if request.path == "/health" { return await health(request) }
    if let answer = await trust(request) { return answer }
    if request.path == "/", request.isReading, let token = request.query("token") {
      return admit(token, request)
    }
    if let refusal = access.refusal(of: request) { return locked(request, refusal) }
    if let asset = Page.asset(at: request.path) { return serve(asset, to: request) }
    if request.path == "/stats" { return await statistics(request) }
    if request.path == "/ws" {
      return .sentence(426, "This address speaks WebSocket.").with("Upgrade", "websocket")
    }
    return await viewers.respond(to: request, level: access.level(of: request))
  }

  /// Whoever comes by a right name, from no other origin, and with the token where one is asked for.
  public func authorizes(_ request: HTTPRequest) async -> Bool {
    refusalOfHost(request) == nil && refusalOfOrigin(request) == nil
      && access.refusal(of: request) == nil
  }

  /// Opens the page's signalling line at `/ws`, by the same rules as every other route.
  public func webSocket(for request: HTTPRequest) async -> WebSocketAcceptance? {
    guard request.path == "/ws" else { return nil }
    if let refusal = refusalOfHost(request) ?? refusalOfOrigin(request) { return .refused(refusal) }
    if let refusal = access.refusal(of: request) {
      return .refused(.sentence(401, refusal.sentence))
    }
    let level = access.level(of: request)
    return .accepted(open: { [loop, viewers, source, sound, bell] channel in
      let session = SignalingSession(
        on: loop,
        channel: channel,
        viewers: viewers,
        source: source,
        sound: sound,
        bell: bell,
        level: level
      )
      session.assumeIsolated { $0.start() }
    })
  }

  private func refusalOfHost(_ request: HTTPRequest) -> HTTPResponse? {
    guard let refusal = hosts.refusal(of: request) else { return nil }
    let now = loop.now
    guard now >= nextLook else { return refusal }
    nextLook = now + .seconds(1)
    hosts = currentHosts()
    return hosts.refusal(of: request)
  }

  /// A page of another origin may not even ask (S21); whoever sends no Origin is no such page.
  private func refusalOfOrigin(_ request: HTTPRequest) -> HTTPResponse? {
    guard let text = request.headers["Origin"] else { return nil }
    if let origin = HTTPOrigin(text),
      hosts.allows(origin, for: request.authority, isSecure: request.isSecure)
    {
      return nil
    }
    return .sentence(403, "Requests from pages of other origins are refused.")
  }

  /// Ends every viewer's session.
  public func close() async {
    await viewers.close()
  }

  /// 401: a page for a person at `/`, a sentence for a program elsewhere.
  private func locked(_ request: HTTPRequest, _ refusal: Access.Refusal) -> HTTPResponse {
    let response =
      request.path == "/" && request.isReading
      ? page(Page.locked, status: 401) : .sentence(401, refusal.sentence)
    return response.with("WWW-Authenticate", "Bearer realm=\"porthole\"")
  }

  /// The token in the page's address becomes a cookie, and the address is cleaned.
  private func admit(_ token: String, _ request: HTTPRequest) -> HTTPResponse {
    guard access.level(of: token) != .none else { return locked(request, .wrong) }
    let redirect = HTTPResponse(303).with("Location", "/").with("Cache-Control", "no-store")
    // Where everybody may watch any text is admitted, and must not find its way into a header.
    guard access.isToken(token) else { return redirect }
    return redirect.with("Set-Cookie", Access.keeping(token, isSecure: request.isSecure))
  }

  private func serve(_ asset: Page.Asset, to request: HTTPRequest) -> HTTPResponse {
    guard request.isReading else {
      return .methodNotAllowed("GET, HEAD")
    }
    return page(asset, status: 200)
  }

  private func page(_ asset: Page.Asset, status: Int) -> HTTPResponse { .page(asset, status) }

  /// How browsers come to believe this server: open to everybody, for who is not believed cannot ask for
  /// a token.
  private func trust(_ request: HTTPRequest) async -> HTTPResponse? {
    guard TrustPages.paths.contains(request.path) else { return nil }
    guard request.isReading else { return .methodNotAllowed("GET, HEAD") }
    return TrustPages.answer(request, trust: await certificates?.trust())
  }

  private func health(_ request: HTTPRequest) async -> HTTPResponse {
    guard request.isReading else {
      return .methodNotAllowed("GET, HEAD")
    }
    let problems = [source?.problem].compactMap { $0 } + sound.problems
    guard !problems.isEmpty else {
      return .json(200, .object(["status": .string("ok")]))
    }
    let reason = problems.joined(separator: "; ")
    return .json(503, .object(["status": .string("failing"), "reason": .string(reason)]))
  }

  private func statistics(_ request: HTTPRequest) async -> HTTPResponse {
    guard request.isReading else {
      return .methodNotAllowed("GET, HEAD")
    }
    let peers = await viewers.report(withStatistics: request.query("full") == "1")
    let bell = if let bell { await BellReport.row(of: bell) } else { JSONValue.null }
    return .json(
      200,
      .object([
        "viewers": .integer(Int64(peers.count)),
        "camera": source.map(StatisticsReport.camera) ?? .null,
        "encoder": source.map(StatisticsReport.encoder) ?? .null,
        "microphone": sound.microphone.map(StatisticsReport.microphone) ?? .null,
        "speaker": sound.speaker.map(StatisticsReport.speaker) ?? .null,
        "bell": bell,
        "peers": .array(peers),
        "offers": await viewers.offers.report,
        "http": StatisticsReport.http(counters),
        "network": StatisticsReport.network(network.counters),
      ])
    )
  }
}

extension HTTPRequest {
  /// Whether the request only asks to see something.
  fileprivate var isReading: Bool { method == "GET" || method == "HEAD" }
}
