// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
public import MediaTypes
internal import Wire

/// One source of media (W3C mediacapture-main section 4.3): a camera or microphone here, or what a peer sends.
///
/// A device that is unplugged does not end its tracks, because Porthole survives that: they are muted
/// while it is away and unmuted when it is back. While nothing sends a track its device is closed, as of
/// a program without viewers; it is opened again beside the connecting.
///
/// For any thread: what is asked for is done on the loop's, before the call returns. Its handlers
/// (`onmute`, `onunmute`, `onended`) are one sequence, `events`. The file is split: `+Constraints`.
public final class MediaStreamTrack: @unchecked Sendable {
  /// What a track carries.
  public enum Kind: String, Sendable {
    /// Sound.
    case audio
    /// Pictures.
    case video
  }

  /// Whether a track may still deliver (W3C MediaStreamTrackState).
  public enum State: String, Sendable {
    /// It may.
    case live
    /// It never will again.
    case ended
  }

  /// What a track tells.
  public enum Event: String, Hashable, Sendable {
    /// Nothing comes for the time being.
    case mute
    /// Media comes again.
    case unmute
    /// The track is over, not by `stop()`.
    case ended
  }

  /// A name for this track that no other has.
  public let id: String
  /// What it carries.
  public let kind: Kind
  /// A name for a person, such as the camera's.
  public var label: String { source.label }
  /// Whether media is passed on; while it is not, nothing is sent.
  public var enabled: Bool {
    get { loop.sync { isEnabled } }
    set { loop.sync { isEnabled = newValue } }
  }
  /// Whether nothing comes for the time being.
  public var muted: Bool { loop.sync { isMuted } }
  /// Whether the track may still deliver.
  public var readyState: State { loop.sync { state } }
  /// Every event of this track, in order, for one reader.
  public let events: AsyncStream<Event>

  let source: any EncodedSource
  /// The device behind the source, where `MediaDevices` has opened it; `nil` once the track has ended.
  private(set) var device: (any OpenDevice)?
  /// What was last asked for and granted.
  var constraints = MediaTrackConstraints()
  private var isEnabled = true
  private var isMuted: Bool
  private var state = State.live
  private let continuation: AsyncStream<Event>.Continuation
  private var senders: [Weak<RTCRtpSender>] = []
  /// What a peer says of this track holds for them too.
  private var clones: [Weak<MediaStreamTrack>] = []

  /// Creates a track that carries what `source` delivers.
  public convenience init(source: VideoSource) {
    self.init(kind: .video, source: source, muted: false)
  }

  /// Creates a track that carries what `source` hears.
  public convenience init(source: AudioSource) {
    self.init(kind: .audio, source: source, muted: false)
  }

  init(kind: Kind, source: any EncodedSource, id: String? = nil, muted: Bool) {
    var random = RandomSource.system
    self.id = id ?? random.text(16, of: "abcdefghijklmnopqrstuvwxyz0123456789")
    self.kind = kind
    self.source = source
    isMuted = muted
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
  }

  /// Creates a live track of `device`.
  convenience init(_ device: any OpenDevice, _ constraints: MediaTrackConstraints) {
    self.init(kind: device.kind, source: device.encodedSource, muted: device.isMuted)
    self.device = device
    self.constraints = constraints
    device.add(self)
  }

  deinit {
    continuation.finish()
  }

  /// Another track of the same source, which is stopped by itself (mediacapture-main section 4.3.3, clone).
  public func clone() -> MediaStreamTrack {
    loop.sync {
      let copy =
        device.map { MediaStreamTrack($0, constraints) }
        ?? MediaStreamTrack(kind: kind, source: source, muted: isMuted)
      copy.isEnabled = isEnabled
      copy.constraints = constraints
      if state == .ended {
        copy.stop()
      } else {
        clones.removeAll { $0.object == nil }
        clones.append(Weak(object: copy))
      }
      return copy
    }
  }

  /// Ends the track: whoever sends it sends nothing more (mediacapture-main section 4.3.3, stop).
  public func stop() {
    loop.sync {
      guard state == .live else { return }
      state = .ended
      for sender in senders.compactMap(\.object) { source.remove(sender) }
      senders = []
      continuation.finish()
      device?.remove(self)
      device = nil
    }
  }

  /// The frames of a track that a peer sends, still encoded, for one reader; they end with the track.
  ///
  /// Of a video a reader gets H.264 access units; a gap in `number` says that pictures are missing, and
  /// only a keyframe can follow it. Of a track that is made here there are none.
  public func encodedFrames() -> AsyncStream<EncodedFrame> {
    loop.sync { (source as? RemoteVideoSource)?.frames() } ?? AsyncStream { $0.finish() }
  }

  /// The packets of an audio track that a peer sends, still encoded, for one reader.
  public func encodedAudio() -> AsyncStream<EncodedAudio> {
    loop.sync { (source as? RemoteAudioSource)?.packets() } ?? AsyncStream { $0.finish() }
  }

  /// Where the track lives; what follows is for its thread.
  var loop: EventLoop { source.loop }

  /// Whether `sender` may be given media of this track now.
  var isFlowing: Bool { isEnabled && state == .live }

  func connect(_ sender: RTCRtpSender) {
    guard state == .live else { return }
    if !senders.contains(where: { $0.object === sender }) { senders.append(Weak(object: sender)) }
    source.add(sender)
  }

  func disconnect(_ sender: RTCRtpSender) {
    senders.removeAll { $0.object === sender || $0.object == nil }
    source.remove(sender)
  }

  func setMuted(_ isMuted: Bool) {
    for clone in clones.compactMap(\.object) { clone.setMuted(isMuted) }
    guard self.isMuted != isMuted, state == .live else { return }
    self.isMuted = isMuted
    continuation.yield(isMuted ? .mute : .unmute)
  }

  /// Ends the track because its peer has.
  func end() {
    for clone in clones.compactMap(\.object) { clone.end() }
    guard state == .live else { return }
    continuation.yield(.ended)
    stop()
  }
}

/// A reference that keeps nothing alive.
struct Weak<Object: AnyObject> {
  weak var object: Object?
}
