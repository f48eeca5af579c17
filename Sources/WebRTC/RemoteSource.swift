// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import MediaTypes
internal import SDP

/// The video that a peer sends: read by the application, passed on to other peers as it came.
///
/// Lives on the loop's thread.
final class RemoteVideoSource: EncodedSource, @unchecked Sendable {
  let label = "remote video"
  /// What we accept, and so what comes.
  let profile: H264Profile? = H264Profile(.constrainedBaseline, .level4)
  /// Asks the peer for an IDR picture.
  var onKeyframeNeeded: (() -> Void)?

  private let loop: EventLoop
  private var senders: [RTCRtpSender] = []
  private var reader: AsyncStream<EncodedFrame>.Continuation?
  /// Whether the reader has to begin with a keyframe: it is new, or has missed something.
  private var isReaderWaiting = false
  private var isFinished = false

  init(on loop: EventLoop) {
    self.loop = loop
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

  func requestKeyframe() {
    onKeyframeNeeded?()
  }

  func limitBitrate(_ bitsPerSecond: Int?) {}

  func frames() -> AsyncStream<EncodedFrame> {
    reader?.finish()
    // What waits stays whole: a reader who is too slow misses what is new, up to a keyframe.
    let (stream, continuation) = AsyncStream.makeStream(
      of: EncodedFrame.self,
      bufferingPolicy: .bufferingOldest(60)
    )
    reader = continuation
    isReaderWaiting = true
    if isFinished { continuation.finish() }
    loop.post { [weak self] in self?.requestKeyframe() }
    return stream
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

  /// Nothing comes any more.
  func finish() {
    isFinished = true
    reader?.finish()
    reader = nil
    senders = []
    onKeyframeNeeded = nil
  }
}

/// The sound that a peer sends, like its video.
final class RemoteAudioSource: EncodedSource, @unchecked Sendable {
  let label = "remote audio"
  let profile: H264Profile? = nil

  private let loop: EventLoop
  private var senders: [RTCRtpSender] = []
  private var reader: AsyncStream<EncodedAudio>.Continuation?
  private var isFinished = false

  init(on loop: EventLoop) {
    self.loop = loop
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

  func begin(_ sender: RTCRtpSender) {}

  func requestKeyframe() {}

  func limitBitrate(_ bitsPerSecond: Int?) {}

  func packets() -> AsyncStream<EncodedAudio> {
    reader?.finish()
    let (stream, continuation) = AsyncStream.makeStream(
      of: EncodedAudio.self,
      bufferingPolicy: .bufferingNewest(50)
    )
    reader = continuation
    if isFinished { continuation.finish() }
    return stream
  }

  func deliver(_ audio: EncodedAudio) {
    reader?.yield(audio)
    let now = loop.now
    let wallClock = loop.wallClock
    for sender in senders { sender.send(audio, wallClock: wallClock, at: now) }
  }

  /// Nothing comes any more.
  func finish() {
    isFinished = true
    reader?.finish()
    reader = nil
    senders = []
  }
}
