// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import SDP
internal import Wire

/// What a peer sends: read by the application, passed on to other peers as it came.
///
/// Lives on the loop's thread.
class RemoteSource<Media: Sendable>: EncodedSource, @unchecked Sendable {
  let label: String
  let profile: H264Profile?

  let loop: EventLoop
  fileprivate private(set) var senders: [RTCRtpSender] = []
  fileprivate private(set) var reader: AsyncStream<Media>.Continuation?
  private var isFinished = false

  fileprivate init(on loop: EventLoop, label: String, profile: H264Profile? = nil) {
    self.loop = loop
    self.label = label
    self.profile = profile
  }

  deinit {
    reader?.finish()
  }

  func add(_ sender: RTCRtpSender) {
    if !senders.contains(where: { $0 === sender }) { senders.append(sender) }
  }

  func remove(_ sender: RTCRtpSender) {
    senders.removeAll { $0 === sender }
  }

  func begin(_ sender: RTCRtpSender) {
    requestKeyframe()
  }

  func requestKeyframe() {}

  func followLimits() {}

  /// Opens the stream of a new reader, in the place of the one before.
  fileprivate func open(
    _ policy: AsyncStream<Media>.Continuation.BufferingPolicy
  ) -> AsyncStream<Media> {
    reader?.finish()
    let (stream, continuation) = AsyncStream.makeStream(of: Media.self, bufferingPolicy: policy)
    reader = continuation
    if isFinished { continuation.finish() }
    return stream
  }

  /// Nothing comes any more.
  func finish() {
    isFinished = true
    reader?.finish()
    reader = nil
    senders = []
  }
}

/// The video that a peer sends.
final class RemoteVideoSource: RemoteSource<EncodedFrame>, @unchecked Sendable {
  /// Asks the peer for an IDR picture.
  var onKeyframeNeeded: (() -> Void)?

  /// Whether the reader has to begin with a keyframe: it is new, or has missed something.
  private var isReaderWaiting = false

  init(on loop: EventLoop) {
    // The profile is what we accept, and so what comes.
    super.init(
      on: loop,
      label: "remote video",
      profile: H264Profile(.constrainedBaseline, .level4)
    )
  }

  override func requestKeyframe() {
    onKeyframeNeeded?()
  }

  func frames() -> AsyncStream<EncodedFrame> {
    isReaderWaiting = true
    loop.post { [weak self] in self?.requestKeyframe() }
    // What waits stays whole: a reader who is too slow misses what is new, up to a keyframe.
    return open(.bufferingOldest(60))
  }

  func deliver(_ frame: EncodedFrame) {
    if let reader, frame.isKeyframe || !isReaderWaiting {
      isReaderWaiting = false
      if case .dropped = reader.yield(frame) {
        isReaderWaiting = true
        requestKeyframe()
      }
    }
    let now = loop.now
    let wallClock = loop.wallClock
    for sender in senders { sender.send(frame, wallClock: wallClock, at: now) }
  }

  override func finish() {
    super.finish()
    onKeyframeNeeded = nil
  }
}

/// The sound that a peer sends.
final class RemoteAudioSource: RemoteSource<EncodedAudio>, @unchecked Sendable {
  /// Told whether packets are wanted as they come, or in order: those who play put them in order themselves.
  var onHasteNeeded: ((Bool) -> Void)?

  private var player: ((EncodedAudio, Timestamp) -> Void)?

  init(on loop: EventLoop) {
    super.init(on: loop, label: "remote audio")
  }

  func packets() -> AsyncStream<EncodedAudio> { open(.bufferingNewest(50)) }

  /// Gives each packet to `player` as soon as it comes, in whatever order, and to nobody else; `nil` ends that.
  func play(_ player: ((EncodedAudio, Timestamp) -> Void)?) {
    guard (player == nil) != (self.player == nil) || player != nil else { return }
    self.player = player
    onHasteNeeded?(player != nil)
  }

  func deliver(_ audio: EncodedAudio) {
    let now = loop.now
    if let player { return player(audio, now) }
    reader?.yield(audio)
    let wallClock = loop.wallClock
    for sender in senders { sender.send(audio, wallClock: wallClock, at: now) }
  }

  override func finish() {
    super.finish()
    onHasteNeeded = nil
    player = nil
  }
}
