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
/// connections on the loop. Everything else here lives on the loop's thread. A source that is
/// released without `close()` closes.
public final class VideoSource: @unchecked Sendable {
  /// What is known of the source at one moment.
  public struct Facts: Hashable, Sendable {
    /// Samples in a line; what was asked for until the first picture.
    public var width: Int
    /// Lines in the picture; what was asked for until the first picture.
    public var height: Int
    /// How the camera's samples lie in memory; empty until the first picture.
    public var pixelFormat = ""
    /// Pictures taken.
    public var framesCaptured: UInt64 = 0
    /// Pictures that a newer one replaced before they could be encoded.
    public var framesDropped: UInt64 = 0
    /// Pictures encoded.
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
  /// A joiner is given the pictures since the last IDR when they are this few, or when a new one
  /// would take longer.
  private static let shortGroup = Duration.milliseconds(300)

  private let loop: EventLoop
  private let selection: CameraSelection
  private let request: CameraRequest
  private let configuration: VideoEncoderConfiguration
  private let mailbox = SourceMailbox()
  private var capture: CaptureThread?
  private var encoder: EncoderThread?
  private var format: VideoFormat?
  private var opened: EncoderThread.Description?
  private var senders: [RTCRtpSender] = []
  private var group = PictureGroup()
  private var idleTimer: TimerID?
  /// What camera and encoder counted before they were last started.
  private var earlier = Facts(width: 0, height: 0, targetBitrate: 0)

  /// Opens `selection` to see whether it works; encodes while somebody watches. Loop thread only.
  ///
  /// - Throws: what is wrong with the camera, and what to do.
  public init(
    _ selection: CameraSelection,
    request: CameraRequest,
    encoder: VideoEncoderConfiguration,
    on loop: EventLoop
  ) throws(CaptureError) {
    self.loop = loop
    self.selection = selection
    self.request = request
    configuration = encoder
    label = Self.label(of: selection)
    mailbox.signal = LoopSignal(on: loop) { [weak self] in self?.distribute() }
    try start(waitsUntilOpen: true)
    restIfUnwatched()
  }

  deinit {
    capture?.stop()
    encoder?.join()
  }

  /// What is known now.
  public var facts: Facts {
    let size = format?.size ?? request.size
    var facts = earlier
    facts.width = size.width
    facts.height = size.height
    facts.targetBitrate = configuration.bitrate.bitsPerSecond
    facts.pixelFormat = format?.pixelFormat.rawValue ?? ""
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

  /// The profile and level that the encoder writes, for the description.
  var profile: H264Profile {
    let indication = opened?.profileLevelID.last ?? configuration.level?.indication
    let level = indication.flatMap { SDP.H264Level(indication: $0) }
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
    restIfUnwatched()
  }

  /// Asks for an IDR picture because `sender`'s viewer lost one; requests of several share one.
  func requestKeyframe() {
    encoder?.requestKeyframe(.lost)
  }

  /// Gives a viewer who has just connected a first picture, by the shorter way: the pictures since the
  /// last IDR, or a new one.
  func begin(_ sender: RTCRtpSender) {
    guard let encoder, let length = group.length,
      length <= max(Self.shortGroup, encoder.keyframeDelay)
    else {
      self.encoder?.requestKeyframe(.joined)
      return
    }
    let now = loop.now
    let wallClock = loop.wallClock
    for frame in group.frames { sender.send(frame, wallClock: wallClock, at: now) }
  }

  /// A FIFO's writer would be killed if nobody read: what is written to us is read, but not encoded.
  private var mustFlow: Bool {
    switch selection {
    case .file, .standardInput: true
    case .test, .device, .none: false
    }
  }

  private func start(waitsUntilOpen: Bool) throws(CaptureError) {
    let mailbox = mailbox
    let capture = try CaptureThread(selection, request, waitsUntilOpen: waitsUntilOpen) {
      mailbox.post($0)
    }
    let frames = capture.frames
    do {
      encoder = try EncoderThread(
        configuration,
        prepare: { mailbox.prepare(&$0) },
        next: { frames.next() },
        deliver: { mailbox.post($0) }
      )
    } catch {
      capture.stop()
      throw .systemExhausted
    }
    self.capture = capture
  }

  private func stop() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    capture?.stop()
    encoder?.join()
    // What they left belongs to a stream that has ended.
    _ = mailbox.take()
    earlier = facts
    capture = nil
    encoder = nil
    group.clear()
  }

  private func wake() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    encoder?.setPaused(false)
    guard capture == nil else { return }
    do {
      try start(waitsUntilOpen: false)
    } catch {
      problem = error.description
    }
  }

  private func restIfUnwatched() {
    guard senders.isEmpty, idleTimer == nil else { return }
    idleTimer = loop.schedule(at: loop.now + Self.idleTime) { [weak self] in
      guard let self else { return }
      idleTimer = nil
      guard senders.isEmpty else { return }
      if mustFlow {
        encoder?.setPaused(true)
        group.clear()
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
        group.append(frame)
        for sender in senders { sender.send(frame, wallClock: wallClock, at: now) }
      }
    }
    for sender in senders { sender.flush() }
  }

  private func follow(_ status: CaptureThread.Status) {
    switch status {
    case .started(let format):
      self.format = format
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
