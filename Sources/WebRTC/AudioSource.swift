// SPDX-License-Identifier: Apache-2.0
public import Capture
public import Codecs
public import EventLoop
internal import MediaTypes
internal import SDP
internal import Wire

/// One microphone and its encoders, one for each codec in use, whose packets all connections share.
///
/// Sound is taken and encoded on the microphone's thread, as Opus and for peers without it as G.711; the
/// packets reach the connections on the loop. For any thread: what is asked for is done on the loop's. A source that is released without
/// `close()` closes.
public final class AudioSource: EncodedSource, @unchecked Sendable {
  /// What is known of the source at one moment.
  public struct Facts: Hashable, Sendable {
    /// Channels that are sent.
    public var channelCount: Int
    /// Packets in a hundred that the encoder reckons will be lost.
    public var expectedLoss = 0
    /// Bits per second that the encoder aims at.
    public var targetBitrate: Int
    /// Frames of sound taken, of which there are 48,000 a second.
    public var samplesCaptured: UInt64 = 0
    /// Times that sound was lost because the card or this program was late.
    public var interruptions: UInt64 = 0
    /// Packets encoded.
    public var packetsEncoded: UInt64 = 0
    /// Bytes of all packets.
    public var bytesEncoded: UInt64 = 0
    /// Seconds of processor time that encoding took.
    public var totalEncodeTime = 0.0
    /// The level of the last half second in dBFS; `nil` for exact silence, or while nobody listens.
    public var level: Double?
    /// Zero crossings of the last half second as a frequency; `nil` while nobody listens.
    public var frequency: Double?
  }

  /// A name for a person: the card's, or the kind of source.
  public let label: String
  /// Why there is no sound now, in a sentence; `nil` while there is some.
  public var problem: String? { loop.sync { failure } }

  /// How long nobody must have listened before the microphone is closed: a page is reloaded faster.
  private static let idleTime = Duration.seconds(3)
  /// No encode of Opus takes fewer bits per second.
  private static let leastBitrate = 6000

  let loop: EventLoop
  private var failure: String?
  private let selection: SoundSelection
  private let mailbox: SoundMailbox
  let cleaner = MicrophoneCleaner()
  private var microphone: SoundThread?
  private var senders: [RTCRtpSender] = []
  private var idleTimer: TimerID?
  private var expectedLoss = ExpectedLoss()
  /// When the reports are looked at again.
  private var nextLook = Timestamp.distantPast
  /// What the microphone counted before it was last opened.
  private var earlier: (frames: UInt64, interruptions: UInt64) = (0, 0)

  /// Told what the microphone tells.
  var onStatus: ((SoundThread.Status) -> Void)?

  /// Opens `selection` to see whether it works; sound is taken while somebody listens.
  ///
  /// What is wrong with the microphone is told by `problem`, and tried on.
  ///
  /// - Throws: what is wrong with `configuration`.
  public convenience init(
    _ selection: SoundSelection,
    configuration: OpusConfiguration = OpusConfiguration(),
    on loop: EventLoop
  ) throws(CodecError) {
    try self.init(
      selection,
      label: selection.label(.capture),
      configuration: configuration,
      on: loop
    )
  }

  init(
    _ selection: SoundSelection,
    label: String,
    configuration: OpusConfiguration,
    on loop: EventLoop
  ) throws(CodecError) {
    self.loop = loop
    self.selection = selection
    self.label = label
    mailbox = try SoundMailbox(configuration)
    loop.sync {
      mailbox.signal = LoopSignal(on: loop) { [weak self] in self?.distribute() }
      start()
      restIfUnheard()
    }
  }

  deinit {
    microphone?.stop()
  }

  /// What is known now.
  public var facts: Facts { loop.sync { counted } }

  private var counted: Facts {
    let done = mailbox.counters
    let taken = microphone?.statistics
    var facts = Facts(
      channelCount: done.configuration.isMixedDown ? 1 : done.configuration.channelCount,
      expectedLoss: done.configuration.expectedLoss,
      targetBitrate: done.configuration.bitrate.bitsPerSecond
    )
    facts.samplesCaptured = earlier.frames &+ (taken?.frames ?? 0)
    facts.interruptions = earlier.interruptions &+ (taken?.interruptions ?? 0)
    facts.packetsEncoded = done.packets
    facts.bytesEncoded = done.bytes
    facts.totalEncodeTime = done.busy.inSeconds
    facts.level = taken?.reading?.level
    facts.frequency = taken?.reading?.frequency
    return facts
  }

  /// Stops the microphone, and waits for its thread.
  public func close() {
    loop.sync {
      senders = []
      stop()
    }
  }

  var profile: H264Profile? { nil }

  /// Whether the microphone is closed, because nobody listens.
  var isAsleep: Bool { microphone == nil }

  /// Whether the microphone was opened and gives nothing.
  private(set) var isFailing = false

  /// Opens the microphone again with other channels, for whoever listens; `onStatus` tells how that went.
  ///
  /// - Throws: what the encoder says to so many channels; the microphone then goes on as before.
  func reopen(channelCount: Int) throws(CodecError) {
    try mailbox.reopen(channelCount: channelCount)
    followLimits()
    stop()
    start()
    restIfUnheard()
  }

  /// Sends to `sender` from now on; wakes the microphone, so that it starts beside ICE and DTLS.
  func add(_ sender: RTCRtpSender) {
    guard !senders.contains(where: { $0 === sender }) else { return }
    senders.append(sender)
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    start()
    followLimits()
  }

  func remove(_ sender: RTCRtpSender) {
    senders.removeAll { $0 === sender }
    followLimits()
    restIfUnheard()
  }

  /// Sound begins anywhere.
  func begin(_ sender: RTCRtpSender) {}

  func requestKeyframe() {}

  /// The encode follows the most demanding of its listeners, and never takes more than was configured.
  func followLimits() {
    let active = senders.filter(\.isActive)
    mailbox.setCodecs(Set(active.compactMap(\.audioCodec)))
    let listeners = active.filter { $0.audioCodec == .opus }
    var configured = mailbox.configured
    configured.channelCount = mailbox.counters.configuration.channelCount
    var next = configured.following(listeners.map(\.opusPreferences))
    let most = listeners.map { $0.maximumBitrate ?? .max }.max() ?? .max
    let bitrate = max(Self.leastBitrate, min(next.bitrate.bitsPerSecond, most))
    next.bitrate = Bitrate(bitsPerSecond: bitrate)
    next.expectedLoss = max(next.expectedLoss, expectedLoss.percent)
    mailbox.change(next)
  }

  /// Follows what the listeners report, once a second.
  private func followReports(at now: Timestamp) {
    guard now >= nextLook else { return }
    nextLook = now + ExpectedLoss.interval
    let before = expectedLoss.percent
    let listeners = senders.lazy.filter { $0.isActive && $0.audioCodec == .opus }
    expectedLoss.observe(listeners.compactMap(\.audioLoss))
    if expectedLoss.percent != before { followLimits() }
  }

  private func start() {
    guard microphone == nil else { return }
    let (mailbox, cleaner) = (mailbox, cleaner)
    do throws(SoundError) {
      microphone = try SoundThread(
        capturing: selection,
        channelCount: mailbox.counters.configuration.channelCount,
        deliver: { mailbox.take(cleaner.clean($0)) },
        report: { mailbox.post($0) }
      )
    } catch {
      failure = error.description
      // Whoever observes this source does so only after its making.
      loop.post { [weak self] in self?.follow(.failed(error, willRetry: false)) }
    }
  }

  private func stop() {
    if let idleTimer { loop.cancel(idleTimer) }
    idleTimer = nil
    microphone?.stop()
    _ = mailbox.posts()
    if let statistics = microphone?.statistics {
      earlier.frames &+= statistics.frames
      earlier.interruptions &+= statistics.interruptions
    }
    microphone = nil
  }

  private func restIfUnheard() {
    guard senders.isEmpty, idleTimer == nil else { return }
    idleTimer = loop.schedule(at: loop.now + Self.idleTime) { [weak self] in
      guard let self else { return }
      idleTimer = nil
      guard senders.isEmpty else { return }
      // What has failed is tried on, so that whoever asks is told as soon as it works again.
      if failure == nil { stop() } else { restIfUnheard() }
    }
  }

  private func follow(_ status: SoundThread.Status) {
    failure = status.problem("microphone")
    isFailing = status != .started && status != .silent
    onStatus?(status)
  }

  private func distribute() {
    let now = loop.now
    let wallClock = loop.wallClock
    for post in mailbox.posts() {
      switch post {
      case .status(let status): follow(status)
      case .failed(let error): failure = error.description
      case .packet(let packet):
        for sender in senders where sender.audioCodec == packet.codec {
          sender.send(packet, wallClock: wallClock, at: now)
        }
      }
    }
    for sender in senders { sender.flush() }
    followReports(at: now)
  }
}

extension SoundSelection {
  /// A name for a person: the card's, or the kind of source.
  func label(_ direction: SoundDirection) -> String {
    guard case .device(let name) = self else {
      guard self != .none else { return description }
      return direction == .capture ? "Test tone" : "Test meter"
    }
    let device = SoundDevice.all().first { $0.name == name && $0.direction == direction }
    return device.map { "\($0.label) (\(name))" } ?? name
  }
}

extension SoundThread.Status {
  /// Why nothing is heard, in a sentence; `nil` where something is.
  func problem(_ device: String) -> String? {
    switch self {
    case .started: nil
    case .silent: "the \(device) is there but gives nothing but silence: is it switched off?"
    case .stalled: "the \(device) is there but does not move: unplug it and plug it in again"
    case .failed(let error, _): error.description
    }
  }
}
