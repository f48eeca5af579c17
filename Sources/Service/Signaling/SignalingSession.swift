// SPDX-License-Identifier: Apache-2.0
internal import Board
internal import EventLoop
internal import HTTP
internal import JSON
internal import WebRTC
internal import Wire

/// One peer's signalling over a WebSocket; besides, for the page, the clocks that tell the picture's
/// true delay, and how the camera is.
///
/// Every message is a JSON object whose members are messages each. Those of `SignalingMessage` go both
/// ways; `ping`, `join`, `sharing` and `talk` come in, and `pong`, `clock`, `camera`, `sound`, `shared` and
/// `talking` go out; `bell`, both ways, is in `+Ringing`:
///
/// - `offer` is answered with an `answer` that has all our candidates; a second one renews the session.
/// - `call` asks us for the offer: it comes as `offer`, its candidates as `candidate` messages, the last
///   one `null`, and an `answer` is waited for. From then on we offer again whenever something has changed
///   that the peer must know. Whoever never says `call` is never sent an offer.
/// - When both offer at the same time, ours stands: the peer's is passed over, and it is the peer that
///   takes its own back (the polite one of perfect negotiation, W3C webrtc-pc section 10.7).
/// - `join`, an empty object, asks to be shown what others share: whatever they send us goes to the peer as
///   it comes, on m-lines of its own, in offers of ours that come whenever that changes.
/// - `shared` tells those who have joined what each of these m-lines is, all of them each time:
///   `[{"mid": "1", "from": 7, "kind": "video", "as": "screen"}]`, where `from` numbers the peers.
/// - `sharing` tells us what m-lines of the peer show, before the offer that adds them:
///   `{"2": "screen"}`; those it does not name are a `camera`. What is `talk` goes to the board's
///   loudspeaker, and to nobody else.
/// - `talk`, true or false, asks to be heard there, or ends that. `talking` tells who is heard and who waits,
///   and how the peer stands: `{"talkers": [7], "waiting": [9], "you": "waiting"}`.
/// - `sound` tells whether the board has a microphone and a loudspeaker, and what is wrong with them.
/// - `candidate` is one of the peer's; `error` says in words what of the peer's could not be used.
///
/// Members that are unknown are passed over, so that either side may learn new ones first.
actor SignalingSession: EventLoopActor {
  /// How often clock and camera are looked at.
  private static let interval = Duration.seconds(1)
  /// Steps that wait for the one under way; more come only from a peer that does not wait for answers.
  private static let maximumSteps = 256

  /// What is done one after another, since each may have to be waited for.
  private enum Step {
    case description(RTCSessionDescription)
    case candidate(RTCIceCandidate?)
    case call
    case join
    /// A candidate of ours.
    case gathered(RTCIceCandidate?)
    /// Something has changed that an exchange must tell the peer.
    case need
  }

  nonisolated let loop: EventLoop
  private let channel: WebSocketChannel
  let viewers: ViewerSessions
  private let source: VideoSource?
  private let sound: DeviceSound
  let bell: BoardBell?
  var bellFollower: BoardBell.FollowerID?
  /// What the peer may do, by the token that opened the line.
  let level: AccessLevel
  private(set) var id: String?
  private var steps: [Step] = []
  private var isStepping = false
  private var isOver = false
  /// Whether the peer takes offers.
  private var mayOffer = false
  /// Whether something has changed that the peer could not be told, since it takes no offers.
  private var hasNeed = false
  /// What the peer says that its m-lines show.
  private var contents: [String: SharedTracks.Content] = [:]
  /// Whether the peer wants to be shown what others share.
  private var hasJoined = false
  /// What the peer was told that others share; `nil` before that.
  private var toldShared: JSONValue?
  /// Whether our candidates travel one by one, because the last offer was ours.
  private var trickles = false
  /// Candidates that came before there was a session.
  private var early: [RTCIceCandidate?] = []
  /// Candidates that came since the last description.
  private var candidates = 0
  private var timer: TimerID?
  private var toldProblem: String??
  private var toldSound = DeviceSound().told
  private var toldTalking: JSONValue?

  init(
    on loop: EventLoop,
    channel: WebSocketChannel,
    viewers: ViewerSessions,
    source: VideoSource?,
    sound: DeviceSound,
    bell: BoardBell?,
    level: AccessLevel
  ) {
    self.sound = sound
    self.bell = bell
    self.loop = loop
    self.channel = channel
    self.viewers = viewers
    self.source = source
    self.level = level
  }

  /// Begins to listen; the channel's closures keep the session until it closes.
  func start() {
    channel.onText = { text in self.assumeIsolated { $0.take(text) } }
    channel.onClose = { _, _ in self.assumeIsolated { $0.end() } }
    tick()
    followBell()
  }

  private func take(_ text: String) {
    let message: JSONValue
    do {
      message = try JSONValue(parsing: text)
    } catch {
      return channel.close(.unsupportedData, reason: "A message is not JSON.")
    }
    for member in message.object?.members ?? [] {
      if member.name == "ping", let sent = member.value.number {
        let time = Double(loop.wallClock.unixNanoseconds) / 1e6
        send("pong", .number(sent), ["time": .number(time)])
        continue
      }
      if member.name == "join", member.value.object != nil {
        add(.join)
        continue
      }
      if member.name == "talk", let wants = member.value.bool {
        talk(wants)
        continue
      }
      if member.name == "bell" {
        takeBell(member.value)
        continue
      }
      if member.name == "sharing", let named = member.value.object {
        contents = [:]
        for line in named.members.prefix(ViewerSessions.maximumSharing) {
          contents[line.name] = line.value.string.flatMap { SharedTracks.Content(rawValue: $0) }
        }
        continue
      }
      switch SignalingMessage(member.name, member.value) {
      case .description(let description):
        candidates = 0
        add(.description(description))
      case .candidate(let candidate):
        candidates += 1
        if candidates <= ViewerSessions.maximumCandidates { add(.candidate(candidate)) }
      case .call: add(.call)
      case .error, .other, .closed: break
      }
    }
  }

  /// Hears of the connection, in order.
  private func take(_ event: RTCPeerConnectionEvent) {
    switch event {
    case .iceCandidate(let candidate): if trickles { add(.gathered(candidate)) }
    case .negotiationNeeded: if mayOffer { add(.need) } else { hasNeed = true }
    default: break
    }
  }

  // MARK: Steps

  private func add(_ step: Step) {
    guard steps.count < Self.maximumSteps else {
      return channel.close(.policyViolation, reason: "More messages came than could be answered.")
    }
    steps.append(step)
    guard !isStepping else { return }
    isStepping = true
    Task {
      while !steps.isEmpty { await take(steps.removeFirst()) }
      isStepping = false
    }
  }

  private func take(_ step: Step) async {
    guard !isOver else { return }
    switch step {
    case .description(let description) where description.type == .offer:
      await answer(description.sdp)
    case .description(let answer): await accept(answer)
    case .candidate(let candidate): await apply(candidate)
    case .call: await call()
    case .join:
      hasJoined = true
      await join()
    case .gathered(let candidate): say(.candidate(candidate))
    case .need: await offer()
    }
  }

  private var connection: RTCPeerConnection? {
    get async {
      guard let id else { return nil }
      return await viewers.connection(id)
    }
  }

  /// Tells what the viewers' sessions hear of ours.
  private var listener: ViewerSessions.Listener {
    { [weak self, loop] event in
      loop.post { [weak self] in self?.assumeIsolated { $0.take(event) } }
    }
  }

  private func answer(_ offer: String) async {
    if let connection = await connection, await connection.signalingState != .stable { return }
    trickles = false
    let admission =
      if let id { await viewers.renew(id, offer: offer) } else {
        await viewers.admit(offer: offer, level: level, receives: true, tell: listener)
      }
    switch admission {
    case .refused(let refusal): fail(refusal.reason)
    case .answered(let id, let sdp):
      await begin(id)
      say(.description(RTCSessionDescription(type: .answer, sdp: sdp)))
      hasNeed = false
      await followShares()
    }
    await applyEarly()
    await join()
  }

  /// Joins once there is a session, and again when an offer of ours could not be answered.
  private func join() async {
    guard hasJoined, let id, toldShared == nil || !mayOffer else { return }
    mayOffer = true
    await viewers.join(id)
    toldShared = .null
    await tellShared()
    if hasNeed { await offer() }
  }

  /// Shows the others what the last exchange has brought.
  private func followShares() async {
    guard let id, let refusal = await viewers.follow(id, contents) else { return }
    fail(refusal)
  }

  private func tellShared() async {
    guard let id, let told = toldShared else { return }
    let shared = await viewers.seen(by: id)
    guard told != shared else { return }
    toldShared = shared
    send("shared", shared)
  }

  private func call() async {
    mayOffer = true
    if await connection == nil {
      do throws(HTTPRefusal) {
        await begin(try await viewers.call(level: level, tell: listener))
      } catch {
        return fail(error.reason)
      }
    }
    await join()
    await offer()
  }

  private func offer() async {
    guard let connection = await connection, await connection.signalingState == .stable else {
      return
    }
    trickles = true
    do throws(RTCError) {
      let offer = try await connection.createOffer()
      try await connection.setLocalDescription(offer)
      await tellShared()
      say(.description(offer))
    } catch {
      fail(error.message)
    }
  }

  /// Applies the peer's answer; one that cannot be used takes our offer back, and the next one is the
  /// peer's, or asked for again: else both could go on like this for ever.
  private func accept(_ answer: RTCSessionDescription) async {
    guard let connection = await connection else { return fail("There is no offer to answer.") }
    do throws(RTCError) {
      try await connection.setRemoteDescription(answer)
      await applyEarly()
      await followShares()
    } catch {
      fail(error.message)
      mayOffer = false
      guard await connection.signalingState != .stable else { return }
      try? await connection.setLocalDescription(RTCSessionDescription(type: .rollback, sdp: ""))
    }
  }

  /// The session `id` is this peer's, unless it has gone meanwhile.
  private func begin(_ id: String) async {
    guard !isOver else { return await viewers.end(id) }
    guard self.id != id else { return }
    self.id = id
    guard sound.speaker != nil else { return }
    await viewers.followTalk(id) { [weak self] in self?.assumeIsolated { $0.tellTalking() } }
    tellTalking()
  }

  /// Asks that the peer be heard, or no longer.
  private func talk(_ wants: Bool) {
    guard let id else { return }
    viewers.assumeIsolated { $0.talk(id, wants) }
  }

  private func tellTalking() {
    guard let id else { return }
    let talking = viewers.assumeIsolated { $0.talking(for: id) }
    guard toldTalking != talking else { return }
    toldTalking = talking
    send("talking", talking)
  }

  /// A candidate that cannot be read is the browser's to worry about: others may work.
  ///
  /// Before there is a description of the peer, candidates mean nothing to ICE.
  private func apply(_ candidate: RTCIceCandidate?) async {
    guard let connection = await connection, await connection.remoteDescription != nil else {
      if early.count < ViewerSessions.maximumCandidates { early.append(candidate) }
      return
    }
    try? await connection.addIceCandidate(candidate)
  }

  private func applyEarly() async {
    let waiting = early
    early = []
    for candidate in waiting { await apply(candidate) }
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
    let told = sound.told
    if toldSound != told {
      toldSound = told
      send("sound", told)
    }
    guard let id else { return }
    Task {
      guard let connection = await viewers.connection(id),
        let clock = await connection.getSenders().first(where: { $0.track?.kind == .video })?.clock
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
    say(.error(reason))
  }

  private func say(_ message: SignalingMessage) {
    if let text = message.text { channel.send(text) }
  }

  func send(_ name: String, _ value: JSONValue, _ more: JSONObject = [:]) {
    var message: JSONObject = [:]
    message[name] = value
    for member in more.members { message[member.name] = member.value }
    channel.send(JSONValue.object(message).description)
  }

  private func end() {
    isOver = true
    steps = []
    early = []
    if let timer { loop.cancel(timer) }
    timer = nil
    leaveBell()
    guard let id else { return }
    Task { await viewers.end(id) }
  }
}
