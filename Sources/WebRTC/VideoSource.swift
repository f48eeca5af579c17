// SPDX-License-Identifier: Apache-2.0
public import Capture
public import Codecs
public import EventLoop
internal import MediaTypes
internal import RTP
internal import SDP
internal import Synchronization
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

  private let loop: EventLoop
  private let request: CameraRequest
  private let configuration: VideoEncoderConfiguration
  private let mailbox: SourceMailbox
  private var capture: CaptureThread?
  private var encoder: EncoderThread?
  private var format: VideoFormat?
  private var opened: EncoderThread.Description?
  private var senders: [RTCRtpSender] = []

  /// Opens `selection` and starts to encode what it delivers.
  ///
  /// - Throws: what is wrong with the camera, and what to do.
  public init(
    _ selection: CameraSelection,
    request: CameraRequest,
    encoder: VideoEncoderConfiguration,
    on loop: EventLoop
  ) throws(CaptureError) {
    self.loop = loop
    self.request = request
    configuration = encoder
    label = Self.label(of: selection)
    let mailbox = SourceMailbox()
    self.mailbox = mailbox
    mailbox.signal = LoopSignal(on: loop) { [weak self] in self?.distribute() }
    let capture = try CaptureThread(selection, request) { status in mailbox.post(status) }
    self.capture = capture
    let frames = capture.frames
    do {
      self.encoder = try EncoderThread(
        encoder,
        next: { frames.next() },
        deliver: { mailbox.post($0) }
      )
    } catch {
      capture.stop()
      throw .systemExhausted
    }
  }

  deinit {
    capture?.stop()
    encoder?.join()
  }

  /// What is known now.
  public var facts: Facts {
    let size = format?.size ?? request.size
    var facts = Facts(
      width: size.width,
      height: size.height,
      targetBitrate: configuration.bitrate.bitsPerSecond
    )
    facts.pixelFormat = format?.pixelFormat.rawValue ?? ""
    facts.framesCaptured = capture?.statistics.delivered ?? 0
    facts.framesDropped = capture?.frames.replaced ?? 0
    guard let done = encoder?.statistics else { return facts }
    facts.framesEncoded = done.frames
    facts.keyFramesEncoded = done.keyframes
    facts.bytesEncoded = done.bytes
    facts.totalEncodeTime = done.busy.inSeconds
    return facts
  }

  /// Stops camera and encoder, and waits for their threads.
  public func close() {
    capture?.stop()
    encoder?.join()
    capture = nil
    encoder = nil
    senders = []
  }

  /// The profile and level that the encoder writes, for the description.
  var profile: H264Profile {
    let indication = opened?.profileLevelID.last ?? configuration.level?.indication
    let level = indication.flatMap { SDP.H264Level(indication: $0) }
    return H264Profile(.constrainedBaseline, level ?? .level3_1)
  }

  func add(_ sender: RTCRtpSender) {
    guard !senders.contains(where: { $0 === sender }) else { return }
    senders.append(sender)
  }

  func remove(_ sender: RTCRtpSender) {
    senders.removeAll { $0 === sender }
  }

  /// Asks for an IDR picture; requests of several viewers share one.
  func requestKeyframe(_ request: KeyframePolicy.Request) {
    encoder?.requestKeyframe(request)
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

/// Where the camera's and the encoder's threads leave what the loop is to fetch.
private final class SourceMailbox: @unchecked Sendable {
  enum Post {
    case camera(CaptureThread.Status)
    case encoder(EncoderThread.Output)
  }

  /// Posts that may wait when the loop is late; past them the oldest frames go, and a viewer that
  /// misses a frame waits for the next IDR.
  private static let maximumPosts = 64

  private let posts = Mutex<[Post]>([])
  /// Set once, before the threads that post exist.
  var signal: LoopSignal?

  func post(_ status: CaptureThread.Status) {
    add(.camera(status))
  }

  func post(_ output: EncoderThread.Output) {
    add(.encoder(output))
  }

  func take() -> [Post] {
    posts.withLock { posts in
      defer { posts = [] }
      return posts
    }
  }

  private func add(_ post: Post) {
    posts.withLock { posts in
      if posts.count >= Self.maximumPosts {
        let oldest = posts.firstIndex { if case .encoder(.frame) = $0 { true } else { false } }
        posts.remove(at: oldest ?? 0)
      }
      posts.append(post)
    }
    signal?.trigger()
  }
}
