// SPDX-License-Identifier: Apache-2.0
public import Capture
public import EventLoop
internal import MediaTypes
internal import Sound
internal import Wire

/// One loudspeaker, and those who want to speak through it: by default one after the other.
///
/// Packets reach it as they come; they are put in order, decoded and mixed on the loudspeaker's thread. The
/// card is open while somebody is heard. For any thread: what is asked for is done on the loop's. One that
/// is released without `close()` closes.
public final class Loudspeaker: @unchecked Sendable {
  /// How turns are given.
  public struct Configuration: Hashable, Sendable {
    /// How many are heard at a time; more than one are mixed.
    public var maximumTalkers = 1
    /// Who is not heard for so long has ended.
    public var longestSilence = Duration.seconds(10)
    /// How long one may speak while others wait.
    public var longestTurn = Duration.seconds(60)

    /// Creates a configuration with one talker at a time.
    public init() {}
  }

  /// One who is heard.
  public struct Talker: Hashable, Sendable {
    /// The name given to `add`.
    public var id: String
    /// Seconds that sound waits between its coming and its playing, on average.
    public var jitterBufferDelay: Double
    /// Seconds that it is to wait at present.
    public var jitterBufferTargetDelay: Double
    /// Samples played, of which there are 48,000 a second.
    public var totalSamplesReceived: UInt64
    /// Samples of them that were made up, because none had come in time.
    public var concealedSamples: UInt64
    /// Packets that came too late, were left out, or cannot be decoded.
    public var packetsDiscarded: UInt64
    /// How much faster than told the sender's clock runs, in parts in a million.
    public var clockDrift: Double
  }

  /// What is known of the loudspeaker at one moment.
  public struct Facts: Hashable, Sendable {
    /// Frames played, of which there are 48,000 a second.
    public var samplesPlayed: UInt64 = 0
    /// Times that sound was lost because the card or this program was late.
    public var interruptions: UInt64 = 0
    /// Seconds of processor time that decoding and mixing took.
    public var totalDecodeTime = 0.0
    /// The level of the last half second in dBFS; `nil` for exact silence, or while nobody is heard.
    public var level: Double?
    /// Zero crossings of the last half second as a frequency; `nil` while nobody is heard.
    public var frequency: Double?
    /// When sound last began after a tenth of a second of quiet, in milliseconds since 1970; `nil` while
    /// nobody is heard.
    public var onset: Double?
    /// Those who are heard.
    public var talkers: [Talker] = []
  }

  /// A name for a person: the card's, or the kind of loudspeaker.
  public let label: String
  /// Why nothing is heard, in a sentence; `nil` while the loudspeaker works.
  public var problem: String? { loop.sync { failure } }
  /// Those who are heard, in the order of their beginning.
  public var talkers: [String] { loop.sync { arbiter.talkers } }
  /// Those who wait, the next one first.
  public var waiting: [String] { loop.sync { arbiter.waiting } }
  /// Told on the loop when others are heard or wait than before.
  public var onChange: (() -> Void)? {
    get { loop.sync { observer } }
    set { loop.sync { observer = newValue } }
  }

  /// How long nobody must have been heard before the card is closed.
  private static let idleTime = Duration.seconds(3)
  /// The mean square from which on somebody is said to speak: -50 dBFS.
  private static let threshold = 5_000.0

  private let loop: EventLoop
  /// Whose microphones hear it.
  private let devices: CaptureDevices
  private var failure: String?
  private var observer: (() -> Void)?
  private let selection: SoundSelection
  private let mixer = TalkMixer()
  private let mailbox = StatusMailbox()
  private var arbiter: TalkArbiter<String>
  private var sources: [String: RemoteAudioSource] = [:]
  private var speaker: SoundThread?
  private var idleTimer: TimerID?
  private var turnTimer: TimerID?
  /// What the card counted before it was last opened.
  private var earlier: (frames: UInt64, interruptions: UInt64) = (0, 0)

  /// Opens `selection` to see whether it works; sound is played while somebody is heard.
  public init(
    _ selection: SoundSelection,
    configuration: Configuration = Configuration(),
    on loop: EventLoop
  ) {
    self.loop = loop
    self.selection = selection
    devices = CaptureDevices.of(loop)
    label = selection.label(.playback)
    var turns = TalkArbiter<String>.Configuration()
    turns.maximumTalkers = max(1, min(configuration.maximumTalkers, 8))
    turns.longestSilence = configuration.longestSilence
    turns.longestTurn = configuration.longestTurn
    arbiter = TalkArbiter(turns)
    loop.sync {
      mailbox.signal = LoopSignal(on: loop) { [weak self] in self?.follow() }
      start()
      restIfQuiet()
      devices.loudspeaker = self
    }
  }

  deinit {
    speaker?.stop()
  }

  /// What is known now.
  public var facts: Facts { loop.sync { counted } }

  private var counted: Facts {
    let played = speaker?.statistics
    var facts = Facts()
    facts.samplesPlayed = earlier.frames &+ (played?.frames ?? 0)
    facts.interruptions = earlier.interruptions &+ (played?.interruptions ?? 0)
    facts.totalDecodeTime = mixer.busy.inSeconds
    facts.level = played?.reading?.level
    facts.frequency = played?.reading?.frequency
    facts.onset = played?.onset.map { onset in
      let age = (loop.now - onset).inNanoseconds
      return Double(loop.wallClock.unixNanoseconds &- age) / 1e6
    }
    facts.talkers = arbiter.talkers.compactMap { id in
      mixer.reading(of: id).map { Talker(id, $0) }
    }
    return facts
  }

  /// Lets `id` speak by `track`, which a peer sends, once it asks to be heard; in the place of the track
  /// before.
  public func add(_ track: MediaStreamTrack, as id: String) {
    loop.sync {
      guard let source = track.source as? RemoteAudioSource, sources[id] !== source else { return }
      sources[id]?.play(nil)
      sources[id] = source
      source.play { [weak self] packet, arrived in self?.take(packet, of: id, at: arrived) }
    }
  }

  /// Forgets `id`, who has gone.
  public func remove(_ id: String) {
    loop.sync {
      sources.removeValue(forKey: id)?.play(nil)
      arbiter.release(id, at: loop.now)
      settle()
    }
  }

  /// `id` asks to be heard; asking again changes nothing.
  public func request(_ id: String) {
    loop.sync {
      arbiter.request(id, at: loop.now)
      settle()
    }
  }

  /// `id` has ended, or no longer waits.
  public func release(_ id: String) {
    loop.sync {
      arbiter.release(id, at: loop.now)
      settle()
    }
  }

  /// Leaves with `tap` what is played from now on.
  func add(_ tap: SpeakerTap) { mixer.add(tap) }

  /// Leaves nothing there any more.
  func remove(_ tap: SpeakerTap) { mixer.remove(tap) }

  /// Stops the card, and waits for its thread.
  public func close() {
    loop.sync {
      for source in sources.values { source.play(nil) }
      sources = [:]
      if let turnTimer { loop.cancel(turnTimer) }
      turnTimer = nil
      stop()
    }
  }

  private func take(_ packet: EncodedAudio, of id: String, at arrived: Timestamp) {
    guard arbiter.standing(of: id) == .talking else { return }
    mixer.add(packet, of: id, at: arrived)
    if let reading = mixer.reading(of: id), reading.power > Self.threshold {
      arbiter.hear(id, at: arrived)
    }
  }

  /// After any change of turns: tells it, and opens or rests the card.
  private func settle() {
    arbiter.advance(to: loop.now)
    var hasChanged = false
    while arbiter.nextEvent() != nil { hasChanged = true }
    if hasChanged {
      mixer.hear(arbiter.talkers)
      observer?()
    }
    if arbiter.talkers.isEmpty {
      restIfQuiet()
    } else {
      if let idleTimer { loop.cancel(idleTimer) }
      idleTimer = nil
      start()
    }
    if let turnTimer { loop.cancel(turnTimer) }
    turnTimer = nil
    guard let deadline = arbiter.deadline else { return }
    turnTimer = loop.schedule(at: deadline) { [weak self] in
      self?.turnTimer = nil
      self?.settle()
    }
  }

  private func start() {
    guard speaker == nil else { return }
    let (mixer, mailbox) = (mixer, mailbox)
    do throws(SoundError) {
      speaker = try SoundThread(
        playing: selection,
        fill: { mixer.fill(&$0) },
        report: { mailbox.post($0) }
      )
    } catch {
      failure = error.description
    }
  }

  private func stop() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    speaker?.stop()
    mailbox.clear()
    if let statistics = speaker?.statistics {
      earlier.frames &+= statistics.frames
      earlier.interruptions &+= statistics.interruptions
    }
    speaker = nil
  }

  private func restIfQuiet() {
    guard arbiter.talkers.isEmpty, idleTimer == nil, speaker != nil else { return }
    idleTimer = loop.schedule(at: loop.now + Self.idleTime) { [weak self] in
      guard let self else { return }
      idleTimer = nil
      guard arbiter.talkers.isEmpty else { return }
      // What has failed is tried on, so that whoever asks is told as soon as it works again.
      if failure == nil { stop() } else { restIfQuiet() }
    }
  }

  private func follow() {
    for status in mailbox.take() { failure = status.problem("speaker") }
  }
}

extension Loudspeaker.Talker {
  fileprivate init(_ id: String, _ reading: TalkerPlayout.Reading) {
    let statistics = reading.statistics
    let emitted = Double(max(1, statistics.jitterBufferEmittedCount))
    self.init(
      id: id,
      jitterBufferDelay: statistics.jitterBufferDelay.inSeconds / emitted,
      jitterBufferTargetDelay: reading.targetDelay.inSeconds,
      totalSamplesReceived: statistics.totalSamplesReceived,
      concealedSamples: statistics.concealedSamples,
      packetsDiscarded: statistics.packetsDiscarded &+ reading.malformed,
      clockDrift: reading.drift
    )
  }
}
