// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import HTTP
internal import Signaling
internal import WebRTC
internal import Wire

/// `porthole call`: dials another Porthole, sends it this camera and receives its own, until either
/// hangs up.
///
/// Written as any application of the library would be: a `SignalingChannel` and an `RTCPeerConnection`.
actor Caller: EventLoopActor {
  /// How long it may take from the offer to the connection.
  private static let connectTime = Duration.seconds(30)
  /// What is louder, in dBFS, is meant for the other side.
  private static let speech = -50.0
  /// How often the rate of what is received is looked at.
  private static let interval = Duration.seconds(2)
  /// How long the goodbye may take.
  private static let closeTime = Duration.milliseconds(500)

  nonisolated let loop: EventLoop
  private let settings: Settings
  private let address: WebSocketURL
  /// Why the call failed; `nil` while it has not.
  private(set) var failure: String?
  private var source: VideoSource?
  private var microphone: AudioSource?
  private var speaker: Loudspeaker?
  private var channel: SignalingChannel?
  private var connection: RTCPeerConnection?
  private var timer: TimerID?
  private var isConnected = false
  private var isOver = false
  /// Pictures received, and when that was counted.
  private var seen: (frames: UInt64, at: Timestamp) = (0, .zero)
  private var toldRate: Int?

  init(_ settings: Settings, to address: WebSocketURL, on loop: EventLoop) {
    self.settings = settings
    self.address = address
    self.loop = loop
  }

  /// Calls; the loop stops when the call is over.
  func start() async {
    do throws(StartError) {
      try await call()
    } catch {
      await end(failure: error.description)
    }
  }

  private func call() async throws(StartError) {
    let state = try StateDirectory(settings.stateDirectory)
    let network: PeerNetwork
    do {
      network = try PeerNetwork(
        on: loop,
        identity: try state.identity(),
        port: settings.udpPort,
        interfaces: settings.interfaces
      )
      for signal in [ProcessSignal.interrupt, .terminate] {
        try loop.onSignal(signal) { [weak self] in
          guard let self else { return }
          Task { await self.end(saying: "the call was ended here") }
        }
      }
    } catch {
      throw StartError("\(error)")
    }
    let source = try settings.videoSource(settings.chooseCamera(), on: loop)
    self.source = source
    (microphone, speaker) = try settings.sound(isEndless: true, on: loop)
    let authorities = try authorities()
    Terminal.print("Calling \(address.authority), with \(source?.label ?? "no camera").\n")
    let channel: SignalingChannel
    do throws(SignalingError) {
      channel = try await SignalingChannel.connect(
        to: address.description,
        on: loop,
        authorities: authorities
      )
    } catch {
      throw StartError(error.description)
    }
    self.channel = channel
    let connection = RTCPeerConnection(on: network)
    self.connection = connection
    guard !isOver else { return await end() }
    do throws(RTCError) {
      if let source {
        let stream = MediaStream([MediaStreamTrack(source: source)])
        for track in stream.getTracks() { try await connection.addTrack(track, stream) }
      } else {
        try await connection.addTransceiver(.video, RTCRtpTransceiverInit(direction: .recvonly))
      }
      let voice = try await addSound(to: connection)
      let offer = try await connection.createOffer()
      try await connection.setLocalDescription(offer)
      if let mid = voice?.mid {
        // What we say is for the other side's loudspeaker, not for those who watch there.
        await channel.send(.other(name: "sharing", json: "{\"\(mid)\": \"talk\"}"))
      }
      await channel.send(offer)
    } catch {
      throw StartError(error.message)
    }
    wait(Self.connectTime) { await $0.giveUp() }
    Task { for await message in channel.messages { await take(message) } }
    Task {
      for await event in connection.events { await take(event) }
      await end(saying: "the other side hung up")
    }
  }

  /// One m-line for the sound of both directions; `nil` where nothing is said from here.
  private func addSound(
    to connection: RTCPeerConnection
  ) async throws(RTCError) -> RTCRtpTransceiver? {
    guard let microphone else {
      if speaker != nil {
        try await connection.addTransceiver(.audio, RTCRtpTransceiverInit(direction: .recvonly))
      }
      return nil
    }
    let track = MediaStreamTrack(source: microphone)
    let direction: RTCRtpTransceiverDirection = speaker == nil ? .sendonly : .sendrecv
    return try await connection.addTransceiver(track, RTCRtpTransceiverInit(direction: direction))
  }

  /// Who may have signed the other side's certificate; `nil` for those whom the system believes.
  private func authorities() throws(StartError) -> [UInt8]? {
    guard let path = settings.authorities else { return nil }
    do throws(LocalFile.Failure) {
      if let bytes = try LocalFile.read(path, limit: 1 << 20) { return bytes }
    } catch {
      throw StartError(error.description)
    }
    throw StartError("There is no file \(path).")
  }

  private func take(_ message: SignalingMessage) async {
    switch message {
    case .description(let description): await apply(description)
    case .candidate(let candidate): try? await connection?.addIceCandidate(candidate)
    case .error(let text):
      let sentence = "the other side says: \(Terminal.plain(text))"
      if isConnected { Terminal.print("\(sentence)\n") } else { await end(failure: sentence) }
    case .closed(let code, let reason):
      if isOver { return loop.stop() }
      // 1000 and 1001 are an orderly end (RFC 6455 section 7.4.1).
      if code == 1000 || code == 1001 { return await end(saying: "the other side hung up") }
      await end(failure: "the signalling line was lost: \(Terminal.plain(reason))")
    case .call, .other: break
    }
  }

  /// Applies an answer, or answers an offer; when both have offered, the other side's stands.
  private func apply(_ description: RTCSessionDescription) async {
    guard let connection, let channel, !isOver else { return }
    do throws(RTCError) {
      try await connection.setRemoteDescription(description)
      guard description.type == .offer else { return }
      try await connection.setLocalDescription()
      if let answer = await connection.localDescription { await channel.send(answer) }
    } catch {
      await end(
        failure: "the other side's \(description.type.rawValue) is of no use: \(error.message)"
      )
    }
  }

  private func take(_ event: RTCPeerConnectionEvent) async {
    guard let connection, let channel, !isOver else { return }
    switch event {
    case .iceCandidate(let candidate): await channel.send(candidate)
    case .connectionStateChange(.connected) where !isConnected:
      isConnected = true
      Terminal.print("Connected.\n")
      seen = (0, loop.now)
      wait(Self.interval) { await $0.look() }
    case .track(let event) where event.track.kind == .audio:
      speaker?.add(event.track, as: "")
      speaker?.request("")
    case .connectionStateChange(.failed):
      let reason =
        isConnected
        ? "the connection was lost: nothing comes from the other side any more"
        : "no way for the pictures was found: a firewall may keep UDP from passing"
      await end(failure: await connection.failureReason ?? reason)
    default: break
    }
  }

  /// Says how many pictures come, when that has changed.
  private func look() async {
    guard let counters = await connection?.counters, !isOver else { return }
    // Asking again changes nothing; who was silent for long has lost his turn.
    if let level = microphone?.facts.level, level > Self.speech {
      await channel?.send(.other(name: "talk", json: "true"))
    }
    let now = loop.now
    let frames = Double(counters.framesReceived &- seen.frames)
    let rate = Int((frames / (now - seen.at).inSeconds).rounded())
    seen = (counters.framesReceived, now)
    // A picture more or less in an interval is no change.
    if abs(rate - (toldRate ?? 0)) > max(2, (toldRate ?? 0) / 5) || (rate == 0) != (toldRate == 0) {
      toldRate = rate
      Terminal.print(rate == 0 ? "Receiving no pictures.\n" : "Receiving \(rate) fps.\n")
    }
    wait(Self.interval) { await $0.look() }
  }

  private func giveUp() async {
    guard !isConnected else { return }
    await end(failure: "no connection came about within \(Self.connectTime.components.seconds) s")
  }

  /// Sets the one timer.
  private func wait(_ time: Duration, then body: @escaping @Sendable (Caller) async -> Void) {
    if let timer { loop.cancel(timer) }
    timer = loop.schedule(at: loop.now + time) { [weak self] in
      guard let self else { return }
      Task { await body(self) }
    }
  }

  private func end(saying reason: String) async {
    guard !isOver else { return }
    isOver = true
    Terminal.print("Ended: \(reason).\n")
    await end()
  }

  private func end(failure reason: String) async {
    guard !isOver else { return }
    isOver = true
    failure = reason
    await end()
  }

  /// Says goodbye and stops the loop when that is heard, or after a moment.
  private func end() async {
    if let timer { loop.cancel(timer) }
    await connection?.close()
    source?.close()
    microphone?.close()
    speaker?.close()
    guard let channel else { return loop.stop() }
    loop.schedule(at: loop.now + Self.closeTime) { [loop] in loop.stop() }
    await channel.close()
  }
}
