// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import JSON
internal import WebRTC
internal import Wire

/// One page's signalling over a WebSocket: its offers and candidates in, our answer out; besides, the
/// clocks that tell the picture's true delay, and how the camera is.
///
/// Every message is a JSON object whose members are messages each: `offer`, `candidate` and `ping` in;
/// `answer`, `pong`, `clock`, `camera` and `error` out. Members that are unknown are passed over, so
/// that either side may learn new ones first.
actor SignalingSession: EventLoopActor {
  /// How often clock and camera are looked at.
  private static let interval = Duration.seconds(1)

  nonisolated let loop: EventLoop
  private let channel: WebSocketChannel
  private let viewers: ViewerSessions
  private let source: VideoSource?
  private var id: String?
  private var isAnswering = false
  /// Candidates that came while an offer was being answered.
  private var early: [RTCIceCandidate] = []
  /// Candidates that came since the last offer.
  private var candidates = 0
  private var timer: TimerID?
  private var toldProblem: String??

  init(
    on loop: EventLoop,
    channel: WebSocketChannel,
    viewers: ViewerSessions,
    source: VideoSource?
  ) {
    self.loop = loop
    self.channel = channel
    self.viewers = viewers
    self.source = source
  }

  /// Begins to listen; the channel's closures keep the session until it closes.
  func start() {
    channel.onText = { text in self.assumeIsolated { $0.take(text) } }
    channel.onClose = { _, _ in self.assumeIsolated { $0.end() } }
    tick()
  }

  private func take(_ text: String) {
    let message: JSONValue
    do {
      message = try JSONValue(parsing: text)
    } catch {
      return channel.close(.unsupportedData, reason: "A message is not JSON.")
    }
    if let sent = message["ping"]?.number {
      let time = Double(loop.wallClock.unixNanoseconds) / 1e6
      send("pong", .number(sent), ["time": .number(time)])
    }
    if let sdp = message["offer"]?["sdp"]?.string { answer(sdp) }
    if let candidate = message["candidate"] { add(candidate) }
  }

  private func answer(_ offer: String) {
    guard !isAnswering else {
      return fail("The offer before this one is still being answered; send this one again.")
    }
    isAnswering = true
    candidates = 0
    Task {
      let admission =
        if let id { await viewers.renew(id, offer: offer) } else {
          await viewers.admit(offer: offer)
        }
      isAnswering = false
      switch admission {
      case .refused(let refusal): fail(refusal.reason)
      case .answered(let id, let sdp):
        guard channel.isOpen else { return await viewers.end(id) }
        self.id = id
        send("answer", .object(["type": .string("answer"), "sdp": .string(sdp)]))
      }
      let waiting = early
      early = []
      for candidate in waiting { await apply(candidate) }
    }
  }

  private func add(_ value: JSONValue) {
    candidates += 1
    guard candidates <= ViewerSessions.maximumCandidates, let text = value["candidate"]?.string
    else {
      return
    }
    let index = value["sdpMLineIndex"]?.integer.flatMap { UInt16(exactly: $0) }
    let candidate = RTCIceCandidate(
      candidate: text,
      sdpMid: value["sdpMid"]?.string,
      sdpMLineIndex: index,
      usernameFragment: value["usernameFragment"]?.string
    )
    // Those of a restart mean nothing to ICE before its offer is answered.
    guard id != nil, !isAnswering else {
      early.append(candidate)
      return
    }
    Task { await apply(candidate) }
  }

  /// A candidate that cannot be read is the browser's to worry about: others may work.
  private func apply(_ candidate: RTCIceCandidate) async {
    guard let id, let connection = await viewers.connection(id) else { return }
    try? await connection.addIceCandidate(candidate)
  }

  private func tick() {
    timer = loop.schedule(at: loop.now + Self.interval) { [weak self] in
      self?.assumeIsolated { $0.tick() }
    }
    let problem = source?.problem
    if toldProblem != .some(problem) {
      toldProblem = .some(problem)
      send("camera", .object(["problem": problem.map { .string($0) } ?? .null]))
    }
    guard let id else { return }
    Task {
      guard let connection = await viewers.connection(id),
        let clock = await connection.getSenders().first?.clock
      else { return }
      send(
        "clock",
        .object([
          "rtpTimestamp": .integer(Int64(clock.rtpTimestamp)),
          "time": .number(clock.captureTime),
        ])
      )
    }
  }

  private func fail(_ reason: String) {
    send("error", .string(reason))
  }

  private func send(_ name: String, _ value: JSONValue, _ more: JSONObject = [:]) {
    var message: JSONObject = [:]
    message[name] = value
    for member in more.members { message[member.name] = member.value }
    channel.send(JSONValue.object(message).description)
  }

  private func end() {
    if let timer { loop.cancel(timer) }
    timer = nil
    guard let id else { return }
    Task { await viewers.end(id) }
  }
}
