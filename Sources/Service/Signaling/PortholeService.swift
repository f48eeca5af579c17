// SPDX-License-Identifier: Apache-2.0
public import EventLoop
public import HTTP
internal import JSON
public import WebRTC

/// The routes of the program: the page, WHEP, health and statistics.
public actor PortholeService: HTTPResponder, EventLoopActor {
  /// The loop that this service lives on.
  public nonisolated let loop: EventLoop
  private let access: Access
  private let hosts: HostPolicy
  private let source: VideoSource?
  private let viewers: ViewerSessions

  /// Creates the service of `source`; `nil` means that there is no camera.
  public init(
    on network: PeerNetwork,
    source: VideoSource?,
    access: Access,
    hosts: HostPolicy
  ) {
    loop = network.loop
    self.access = access
    self.hosts = hosts
    self.source = source
    viewers = ViewerSessions(on: network, source: source)
  }

  /// Answers one request; every route not named here is 404.
  public func respond(to request: HTTPRequest) async -> HTTPResponse {
    if let refusal = hosts.refusal(of: request) { return refusal }
    if let refusal = refusalOfOrigin(request) { return refusal }
    if request.path == "/health" { return await health(request) }
    if request.path == "/", let token = request.query("token") {
      return admit(token)
    }
    if let asset = Page.asset(at: request.path) { return serve(asset, to: request) }
    if let refusal = access.refusal(of: request) {
      return .sentence(401, refusal.sentence)
        .with("WWW-Authenticate", "Bearer realm=\"porthole\"")
    }
    if request.path == "/stats" { return await statistics(request) }
    return await viewers.respond(to: request)
  }

  /// A page of another origin may not even ask (S21); whoever sends no Origin is no such page.
  private func refusalOfOrigin(_ request: HTTPRequest) -> HTTPResponse? {
    guard let text = request.headers["Origin"] else { return nil }
    if let origin = HTTPOrigin(text),
      hosts.allows(origin, for: request.authority, isSecure: false)
    {
      return nil
    }
    return .sentence(403, "Requests from pages of other origins are refused.")
  }

  /// Ends every viewer's session.
  public func close() async {
    await viewers.close()
  }

  /// The token in the page's address becomes a cookie, and the address is cleaned.
  private func admit(_ token: String) -> HTTPResponse {
    guard access.admits(token) else { return .sentence(401, Access.Refusal.wrong.sentence) }
    return HTTPResponse(303)
      .with("Location", "/")
      .with(
        "Set-Cookie",
        "\(Access.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"
      )
      .with("Cache-Control", "no-store")
  }

  private func serve(_ asset: Page.Asset, to request: HTTPRequest) -> HTTPResponse {
    guard ["GET", "HEAD"].contains(request.method) else {
      return .methodNotAllowed("GET, HEAD")
    }
    return HTTPResponse(200, body: asset.body)
      .with("Content-Type", asset.type)
      .with("Cache-Control", "no-cache")
      .with("Content-Security-Policy", Page.contentSecurityPolicy)
      .with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
  }

  private func health(_ request: HTTPRequest) async -> HTTPResponse {
    guard ["GET", "HEAD"].contains(request.method) else {
      return .methodNotAllowed("GET, HEAD")
    }
    guard let problem = source?.problem else {
      return .json(200, .object(["status": .string("ok")]))
    }
    return .json(503, .object(["status": .string("failing"), "reason": .string(problem)]))
  }

  private func statistics(_ request: HTTPRequest) async -> HTTPResponse {
    guard ["GET", "HEAD"].contains(request.method) else {
      return .methodNotAllowed("GET, HEAD")
    }
    let peers = await viewers.report()
    return .json(
      200,
      .object([
        "viewers": .integer(Int64(peers.count)),
        "camera": source.map(StatisticsReport.camera) ?? .null,
        "encoder": source.map(StatisticsReport.encoder) ?? .null,
        "peers": .array(peers),
      ])
    )
  }
}
