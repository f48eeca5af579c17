// SPDX-License-Identifier: Apache-2.0
public import Capture
public import Codecs
public import EventLoop
internal import MediaTypes
internal import SDP
internal import Wire

/// One camera and its one encoder, whose frames every connection shares.
///
/// Pictures are taken on the camera's thread and encoded on the encoder's; the frames reach the
/// connections on the loop. Pictures that come encoded pass as they are, and there is no encoder.
/// Everything else here lives on the loop's thread. A source that is released without `close()` closes.
public final class VideoSource: EncodedSource, @unchecked Sendable {
  /// What is known of the source at one moment.
  public struct Facts: Hashable, Sendable {
    /// Samples in a line; what was asked for until the first picture.
    public var width: Int
    /// Lines in the picture; what was asked for until the first picture.
    public var height: Int
    /// How the camera's samples lie in memory, or `H264`; empty until the first picture.
    public var pixelFormat = ""
    /// Pictures taken.
    public var framesCaptured: UInt64 = 0
    /// Pictures that a newer one replaced before they could be encoded.
    public var framesDropped: UInt64 = 0
    /// Pictures encoded, or that came encoded.
    public var framesEncoded: UInt64 = 0
    /// Of those, IDR pictures.
    public var keyFramesEncoded: UInt64 = 0
    /// Bytes of all encoded pictures.
    public var bytesEncoded: UInt64 = 0
    /// Seconds of processor time that encoding took.
    public var totalEncodeTime = 0.0
    /// Bits per second that the encoder aims at.
    public var targetBitrate: Int
  }

  /// A name for a person: the camera's, or the kind of source.
  public let label: String
  /// Why there is no picture now, in a sentence; `nil` while there is one.
  public private(set) var problem: String?

  /// How long nobody must have watched before camera and encoder stop: a page is reloaded faster.
  private static let idleTime = Duration.seconds(3)
  /// How long after a viewer has come its handshake and the start of the camera are over.
  private static let settlingTime = Duration.seconds(4)
  /// A joiner is given the pictures since the last IDR when they are this few, or when a new one
  /// would take longer.
  private static let shortGroup = Duration.milliseconds(300)

  /// Pictures of the group that may wait in a joiner's connection; fewer than it can hold.
  private static let maximumAhead: UInt64 = 32

  /// Who is given the group, as fast as the connection takes it.
  private struct Joiner {
    let sender: RTCRtpSender
    /// The number of the next picture.
    var next: UInt64
    /// Frames that will have left the connection when all that were given have.
    var given: UInt64
  }

  private let loop: EventLoop
  private let selection: CameraSelection
  private var request: CameraRequest
  private var configuration: VideoEncoderConfiguration
  private let mailbox = SourceMailbox()
  private var capture: CaptureThread?
  private var encoder: EncoderThread?
  private var format: VideoFormat?
  /// What comes encoded; `nil` where pictures come raw, or nothing has come yet.
  private var encodedFormat: EncodedVideoFormat?
  /// What has come encoded.
  private var passed = Facts(width: 0, height: 0, targetBitrate: 0)
  private var opened: EncoderThread.Description?
  private var senders: [RTCRtpSender] = []
  private var group = PictureGroup()
  /// Viewers that are being given the group.
  private var joiners: [Joiner] = []
  private var idleTimer: TimerID?
  private var settlingTimer: TimerID?
  /// Whether pictures are read and not encoded, because nobody watches.
  private var isResting = false
  /// What camera and encoder counted before they were last started.
  private var earlier = Facts(width: 0, height: 0, targetBitrate: 0)
  /// Whether the camera has been started and has not yet told how that went.
  private var isOpening = false
  /// Told what the camera tells.
  var onStatus: ((CaptureThread.Status) -> Void)?

  /// Opens `selection` to see whether it works; encodes while somebody watches.
  ///
  /// Loop thread only.
  ///
  /// - Throws: what is wrong with the camera, and what to do.
  public convenience init(
    _ selection: CameraSelection,
    request: CameraRequest,
    encoder: VideoEncoderConfiguration,
    on loop: EventLoop
  ) throws(CaptureError) {
    try self.init(
      selection,
      label: Self.label(of: selection),
      request: request,
      encoder: encoder,
      waitsUntilOpen: true,
      on: loop
    )
  }

  /// The same; unless it `waitsUntilOpen`, `onStatus` tells how opening went.
  init(
    _ selection: CameraSelection,
    label: String,
    request: CameraRequest,
    encoder: VideoEncoderConfiguration,
    waitsUntilOpen: Bool,
    on loop: EventLoop
  ) throws(CaptureError) {
    self.loop = loop
    self.selection = selection
    self.request = request
    configuration = encoder
    self.label = label
    mailbox.signal = LoopSignal(on: loop) { [weak self] in self?.distribute() }
    try start(waitsUntilOpen: waitsUntilOpen)
    restIfUnwatched()
  }

  deinit {
    capture?.stop()
    encoder?.join()
  }

  /// What is known now.
  public var facts: Facts {
    let size = encodedFormat?.size ?? format?.size ?? request.size
    var facts = earlier
    facts.framesEncoded += passed.framesEncoded
    facts.keyFramesEncoded += passed.keyFramesEncoded
    facts.bytesEncoded += passed.bytesEncoded
    facts.width = size.width
    facts.height = size.height
    facts.targetBitrate = configuration.bitrate.bitsPerSecond
    facts.pixelFormat = encodedFormat == nil ? format?.pixelFormat.rawValue ?? "" : "H264"
    facts.framesCaptured += capture?.statistics.delivered ?? 0
    facts.framesDropped += capture?.frames.replaced ?? 0
    guard let done = encoder?.statistics else { return facts }
    facts.framesEncoded += done.frames
    facts.keyFramesEncoded += done.keyframes
    facts.bytesEncoded += done.bytes
    facts.totalEncodeTime += done.busy.inSeconds
    return facts
  }

  /// Stops camera and encoder, and waits for their threads.
  public func close() {
    senders = []
    stop()
  }

  /// Whether the camera is closed, because nobody watches.
  var isAsleep: Bool { capture == nil }

  /// Opens the camera again with another request, for whoever watches; `onStatus` tells how that went.
  func reopen(_ request: CameraRequest) throws(CaptureError) {
    stop()
    self.request = request
    configuration.size = request.size
    configuration.frameRate = request.frameRate
    (format, encodedFormat, opened) = (nil, nil, nil)
    isResting = false
    try start(waitsUntilOpen: false)
    restIfUnwatched()
  }

  /// The profile and level that the encoder writes, or that came, for the description.
  var profile: H264Profile? {
    if let bytes = encodedFormat?.profileLevelID, bytes.count == 3,
      let profile = H264Profile(
        profileIndication: bytes[0],
        constraints: bytes[1],
        levelIndication: bytes[2]
      )
    {
      return profile
    }
    let indication = opened?.profileLevelID.last ?? configuration.level?.indication
    let level = indication.flatMap { H264Level(indication: $0) }
    return H264Profile(.constrainedBaseline, level ?? .level3_1)
  }

  /// Sends to `sender` from now on; wakes camera and encoder, so that they start beside ICE and DTLS.
  func add(_ sender: RTCRtpSender) {
    guard !senders.contains(where: { $0 === sender }) else { return }
    senders.append(sender)
    wake()
  }

  func remove(_ sender: RTCRtpSender) {
    senders.removeAll { $0 === sender }
    joiners.removeAll { $0.sender === sender }
    restIfUnwatched()
  }

  /// Asks for an IDR picture because `sender`'s viewer lost one; requests of several share one.
  ///
  /// What comes encoded has its IDR pictures when it has them.
  func requestKeyframe() {
    encoder?.requestKeyframe(.lost)
  }

  /// The encode follows the most demanding of its viewers, and what it was set to.
  func limitBitrate(_ bitsPerSecond: Int?) {
    let configured = configuration.bitrate.bitsPerSecond
    let limits = senders.map { min(configured, $0.maximumBitrate ?? configured) }
    encoder?.setBitrate(Bitrate(bitsPerSecond: limits.max() ?? configured))
  }

  /// Gives a viewer who has just connected a first picture, by the shorter way: the pictures since the
  /// last IDR, or a new one.
  func begin(_ sender: RTCRtpSender) {
    if encodedFormat == nil {
      guard let encoder, let length = group.length,
        length <= Self.shortGroup || encoder.keyframeDelay > .zero
      else {
        self.encoder?.requestKeyframe(.joined)
        return
      }
    }
    guard let first = group.frames.first,
      !joiners.contains(where: { $0.sender === sender })
    else { return }
    joiners.append(Joiner(sender: sender, next: first.number, given: sender.settledFrames))
    feedJoiners()
  }

  /// Gives each joiner the next part of the group; who has it all goes on like the others.
  ///
  /// Sending may end a connection, or bring the next joiner and so come back here: what a joiner was given
  /// is noted before, and its place looked up again afterwards.
  private func feedJoiners() {
    let now = loop.now
    let wallClock = loop.wallClock
    for sender in joiners.map(\.sender) {
      guard let joiner = joiners.first(where: { $0.sender === sender }) else { continue }
      let settled = sender.settledFrames
      let ahead = joiner.given > settled ? joiner.given - settled : 0
      let limit = Int(clamping: Self.maximumAhead - min(ahead, Self.maximumAhead))
      let portion = group.portion(from: joiner.next, limit: limit)
      if let last = portion.last, let index = joiners.firstIndex(where: { $0.sender === sender }) {
        joiners[index].next = last.number &+ 1
        joiners[index].given = joiner.given &+ UInt64(portion.count)
      }
      for frame in portion { sender.send(frame, wallClock: wallClock, at: now) }
      joiners.removeAll { joiner in
        joiner.sender === sender && group.frames.last.map { joiner.next > $0.number } != false
      }
    }
  }

  private func start(waitsUntilOpen: Bool) throws(CaptureError) {
    let mailbox = mailbox
    isOpening = true
    capture = try CaptureThread(
      selection,
      request,
      waitsUntilOpen: waitsUntilOpen,
      deliver: { mailbox.post(.frame($0)) },
      report: { mailbox.post($0) }
    )
  }

  /// Raw pictures come: whoever encodes them starts now, and waits for the first one.
  private func startEncoder() {
    guard encoder == nil, let frames = capture?.frames else { return }
    let mailbox = mailbox
    do {
      encoder = try EncoderThread(
        configuration,
        prepare: { mailbox.prepare(&$0) },
        next: { frames.next() },
        deliver: { mailbox.post($0) }
      )
      encoder?.setPaused(isResting)
      limitBitrate(nil)
    } catch {
      problem = error.description
    }
  }

  private func stop() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    capture?.stop()
    encoder?.join()
    // What they left belongs to a stream that has ended.
    _ = mailbox.take()
    earlier = facts
    passed = Facts(width: 0, height: 0, targetBitrate: 0)
    capture = nil
    encoder = nil
    joiners = []
    group.clear()
    LocalProcess.releaseFreeMemory()
    LocalProcess.releaseUnusedCode()
  }

  private func wake() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    isResting = false
    encoder?.setPaused(false)
    releaseCodeWhenSettled()
    guard capture == nil else { return }
    do {
      try start(waitsUntilOpen: false)
    } catch {
      problem = error.description
    }
  }

  /// Handshakes and the start of a camera need much code that pictures don't.
  private func releaseCodeWhenSettled() {
    guard settlingTimer == nil else { return }
    settlingTimer = loop.schedule(at: loop.now + Self.settlingTime) { [weak self] in
      self?.settlingTimer = nil
      LocalProcess.releaseUnusedCode()
    }
  }

  private func restIfUnwatched() {
    guard senders.isEmpty, idleTimer == nil else { return }
    idleTimer = loop.schedule(at: loop.now + Self.idleTime) { [weak self] in
      guard let self else { return }
      idleTimer = nil
      guard senders.isEmpty else { return }
      // What has failed is tried on, so that whoever asks is told as soon as it works again.
      guard problem == nil, !isOpening else { return restIfUnwatched() }
      // A FIFO's writer would be killed if nobody read: what is written to us is read, but not encoded.
      if capture?.hasWriter == true {
        isResting = true
        encoder?.setPaused(true)
        if encodedFormat == nil { group.clear() }
      } else {
        stop()
      }
    }
  }

  private func distribute() {
    let posts = mailbox.take()
    let now = loop.now
    let wallClock = loop.wallClock
    for post in posts {
      switch post {
      case .camera(let status): follow(status)
      case .encoder(.opened(let description)): opened = description
      case .encoder(.failed(let error)): problem = error.description
      case .encoder(.frame(let frame)):
        count(frame)
        group.append(frame)
        for sender in senders where !joiners.contains(where: { $0.sender === sender }) {
          sender.send(frame, wallClock: wallClock, at: now)
        }
        feedJoiners()
      }
    }
    for sender in senders { sender.flush() }
  }

  private func count(_ frame: EncodedFrame) {
    guard encodedFormat != nil else { return }
    passed.framesEncoded += 1
    passed.keyFramesEncoded += frame.isKeyframe ? 1 : 0
    passed.bytesEncoded += UInt64(frame.bytes.count)
  }

  private func follow(_ status: CaptureThread.Status) {
    isOpening = false
    defer { onStatus?(status) }
    switch status {
    case .started(let format):
      self.format = format
      encodedFormat = nil
      group.limits = .short
      problem = nil
      startEncoder()
    case .startedEncoded(let format):
      encodedFormat = format
      group.limits = .long
      problem = nil
    case .stalled: problem = "the camera is there but delivers no pictures"
    case .failed(let error, _): problem = error.description
    }
  }

  private static func label(of selection: CameraSelection) -> String {
    guard case .device(let path) = selection,
      let device = CameraDevice.all().first(where: { $0.path == path })
    else { return selection.description }
    return "\(device.name) (\(path))"
  }
}
