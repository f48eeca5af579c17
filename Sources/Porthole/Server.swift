// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import Signaling
internal import WebRTC
internal import Wire

/// `porthole serve`: camera, encoder, network and page, joined.
actor Server: EventLoopActor {
  private let settings: Settings
  nonisolated let loop: EventLoop
  private let log: Log
  private var http: HTTPServer?
  private var service: PortholeService?
  private var source: VideoSource?

  init(_ settings: Settings, on loop: EventLoop) {
    self.settings = settings
    self.loop = loop
    log = Log(level: settings.logLevel)
  }

  func start() async throws(StartError) {
    let state = try StateDirectory(settings.stateDirectory)
    let token = try accessToken(in: state)
    do {
      let network = try PeerNetwork(
        on: loop,
        identity: try state.identity(),
        port: settings.udpPort,
        interfaces: settings.interfaces
      )
      let source = try settings.videoSource(on: loop)
      self.source = source
      let service = PortholeService(
        on: network,
        source: source,
        access: Access(token: token)
      ) { [origins = settings.allowedOrigins] in Self.hostPolicy(origins) }
      self.service = service
      let http = HTTPServer(on: loop, responder: service, counters: service.counters)
      let port = try http.listen(at: settings.listen.address)
      self.http = http
      try stopOnSignals()
      warnOfUnknownInterfaces()
      announce(port: port, token: token, udpPort: network.port)
    } catch let error as StartError {
      throw error
    } catch {
      throw StartError("\(error)")
    }
  }

  private func accessToken(in state: StateDirectory) throws(StartError) -> String? {
    switch settings.token {
    case .given(let token): return token
    case .stored: return try state.token()
    case .open:
      log(.warning, "no token is asked for: everyone who reaches this port can watch")
      return nil
    }
  }

  /// The names this board answers to: its addresses, localhost, and what it calls itself (S20); and
  /// the pages besides its own that may ask (S21).
  private static func hostPolicy(_ origins: [HTTPOrigin]) -> HostPolicy {
    let names = LocalProcess.hostName.map { [$0, $0 + ".local"] } ?? []
    return HostPolicy(
      addresses: NetworkInterfaces.current().map(\.address),
      names: names,
      origins: origins
    )
  }

  /// An interface may come later, but more likely its name is misspelt.
  private func warnOfUnknownInterfaces() {
    let known = Set(NetworkInterfaces.current().map(\.name))
    for name in settings.interfaces where !known.contains(name) {
      log(
        .warning,
        "there is no network interface \(name) now, only \(known.sorted().joined(separator: ", "))"
      )
    }
  }

  private func announce(port: UInt16, token: String?, udpPort: UInt16) {
    let query = token.map { "?token=\($0)" } ?? ""
    let camera = source?.label ?? "no camera"
    log(.info, "camera: \(camera); UDP port \(udpPort)")
    var hosts = [settings.listen.host]
    if IPAddress(settings.listen.host)?.isUnspecified == true {
      hosts = NetworkInterfaces.usable(names: settings.interfaces)
        .filter { !$0.isLinkLocal }.map { "\($0.address)" }
      hosts.append("localhost")
    }
    Terminal.print("Open in a browser:\n")
    for host in hosts {
      Terminal.print("  http://\(ListenAddress(host: host, port: port))/\(query)\n")
    }
  }

  private func stopOnSignals() throws(EventLoopError) {
    for signal in [ProcessSignal.interrupt, .terminate] {
      try loop.onSignal(signal) { [weak self] in
        guard let self else { return }
        Task { await self.stop() }
      }
    }
  }

  private func stop() async {
    await service?.close()
    http?.close()
    source?.close()
    loop.stop()
  }
}
