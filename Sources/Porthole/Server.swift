// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import Capture
internal import EventLoop
internal import HTTP
internal import Signaling
internal import TLS
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
  private var sound = DeviceSound()
  private var sensors: BoardSensors?
  private var controls: BoardControls?
  private var socket: PushSocket?

  init(_ settings: Settings, on loop: EventLoop) {
    self.settings = settings
    self.loop = loop
    log = Log(level: settings.logLevel)
  }

  func start() async throws(StartError) {
    let state = try StateDirectory(settings.stateDirectory)
    let token = try accessToken(settings.token, "token", in: state)
    let controlToken = try accessToken(settings.controlToken, "control-token", in: state)
    if token == nil {
      log(.warning, "no token is asked for: everyone who reaches this port can watch")
    }
    do {
      let network = try PeerNetwork(
        on: loop,
        identity: try state.identity(),
        port: settings.udpPort,
        interfaces: settings.interfaces
      )
      let selection = settings.chooseCamera()
      let source = try settings.videoSource(selection, on: loop)
      self.source = source
      let (microphone, speaker) = try settings.sound(on: loop)
      sound = DeviceSound(microphone: microphone, speaker: speaker)
      let (sensors, controls) = await startBoard(selection, state)
      let (certificates, security) = try await self.certificates(state)
      let service = PortholeService(
        on: network,
        source: source,
        access: Access(token: token, controlToken: controlToken),
        sound: sound,
        sensors: sensors,
        controls: controls,
        certificates: certificates
      ) { [origins = settings.allowedOrigins] in Self.hostPolicy(origins) }
      self.service = service
      let http = HTTPServer(
        on: loop,
        responder: service,
        counters: service.counters,
        certificates: certificates
      )
      let port = try http.listen(at: settings.listen.address)
      self.http = http
      try stopOnSignals()
      warnOfUnknownInterfaces()
      log(.info, "camera: \(source?.label ?? "no camera"); UDP port \(network.port)")
      let announcement = Announcement(
        hosts: hosts,
        port: port,
        token: token,
        controlToken: controls.isEmpty ? nil : controlToken,
        security: security
      )
      Terminal.print(announcement.text)
    } catch let error as StartError {
      throw error
    } catch {
      throw StartError("\(error)")
    }
  }

  /// Begins to read sensors, takes outputs, and listens for values; what cannot be had is told, and the
  /// pictures come all the same.
  private func startBoard(
    _ camera: CameraSelection,
    _ state: StateDirectory
  ) async -> (BoardSensors, BoardControls) {
    var configuration = settings.board
    if case .device(let path) = camera { configuration.camera = path }
    let sensors = BoardSensors(configuration, on: loop)
    let controls = BoardControls(configuration, on: loop)
    (self.sensors, self.controls) = (sensors, controls)
    // A device that hangs must not keep the program from starting.
    Task { await sensors.start() }
    for fault in await controls.start() { log(.warning, fault) }
    let path = SocketPlace.path(settings, state)
    do throws(LocalSocketError) {
      socket = try PushSocket(at: path, group: settings.socketGroup, for: sensors, controls.bell)
    } catch {
      log(.warning, "values and rings of other programs are not taken: \(error)")
    }
    return (sensors, controls)
  }

  /// Where HTTPS has its certificates from, and what is to be said of them.
  private func certificates(
    _ state: StateDirectory
  ) async throws(StartError) -> ((any TLSCredentialsSource)?, Announcement.Security?) {
    switch settings.tls {
    case .off: return (nil, nil)
    case .files(let certificate, let key):
      let files = try CertificateFiles(certificate: certificate, key: key, on: loop, log: log)
      // A star stands for many names, none of which is known.
      return (files, .known(files.names.filter { $0.utf8.first != UInt8(ascii: "*") }))
    case .automatic:
      let own = try BoardCertificate(in: state, on: loop, log: log) { [loop] in Self.place(loop) }
      return (own, await own.certificate.map { .own($0.fingerprint) })
    }
  }

  /// What this board is called and reached by now.
  private static func place(_ loop: EventLoop) -> BoardCertificate.Place {
    let names = LocalProcess.hostName.map { $0.lowercased() }.map { [$0, $0 + ".local"] } ?? []
    let addresses = NetworkInterfaces.current().map(\.address).filter {
      // No address of a link stands in the address of a page.
      !($0.isV6 && $0.isLinkLocal)
    }
    return BoardCertificate.Place(
      names: names + ["localhost"],
      addresses: Array(Set(addresses).sorted { "\($0)" < "\($1)" }.prefix(64)),
      date: loop.wallClock.unixNanoseconds / 1_000_000_000
    )
  }

  private func accessToken(
    _ choice: TokenChoice,
    _ name: String,
    in state: StateDirectory
  ) throws(StartError) -> String? {
    switch choice {
    case .given(let token): token
    case .stored: try state.token(name)
    case .open: nil
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

  /// How this board is reached: by its addresses, unless one of them was chosen.
  private var hosts: [String] {
    guard IPAddress(settings.listen.host)?.isUnspecified == true else {
      return [settings.listen.host]
    }
    return NetworkInterfaces.usable(names: settings.interfaces)
      .filter { !$0.isLinkLocal }.map { "\($0.address)" } + ["localhost"]
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
    socket?.close()
    await sensors?.close()
    await controls?.close()
    http?.close()
    source?.close()
    sound.microphone?.close()
    sound.speaker?.close()
    loop.stop()
  }
}
