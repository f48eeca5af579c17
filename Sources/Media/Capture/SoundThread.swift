// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
internal import Synchronization
public import Wire

/// The thread of one direction of a sound card: takes sound in blocks of 10 ms and delivers it, or asks
/// for it and plays it.
///
/// A card that is unplugged, or that another program has, is opened again when it can be.
public final class SoundThread: Sendable {
  /// What changed, as the thread tells it.
  public enum Status: Sendable, Hashable {
    /// Sound comes or goes, from now on or again.
    case started
    /// Nothing but zeros has come for some time: the microphone is switched off, or none is connected.
    case silent
    /// The card is there and does not move.
    case stalled
    /// The card failed; `willRetry` tells whether it is tried again until it comes back.
    case failed(SoundError, willRetry: Bool)
  }

  /// What is done with the sound, on the card's thread; both must return well within 10 ms.
  enum Work: Sendable {
    /// Takes a block. Whoever keeps it makes a copy.
    case capture(@Sendable (SoundBlock) -> Void)
    /// Fills a block whose `time` tells when it will be heard; it is silent before.
    case playback(@Sendable (inout SoundBlock) -> Void)
  }

  /// Frames in a block: 10 ms.
  public static let blockFrames = SoundBlock.frameRate / 100
  /// How long a card may do nothing before it is called stalled.
  static let patience = Duration.seconds(2)
  /// How long there may be nothing but zeros before a microphone is called silent.
  static let silence = UInt64(10 * SoundBlock.frameRate)

  let selection: SoundSelection
  let direction: SoundDirection
  let channelCount: Int
  let work: Work
  let wake: WakeDescriptor
  let counted = Mutex(SoundStatistics())
  let clock = Mutex(SoundClock())
  private let report: @Sendable (Status) -> Void
  /// What was told last, so that nothing is told twice.
  private let told = Mutex<Status?>(nil)
  private let thread = Mutex<MediaThread?>(nil)

  /// Captures from `selection`.
  ///
  /// - Parameters:
  ///   - selection: the microphone; `.none` delivers nothing.
  ///   - channelCount: channels to deliver, 1 or 2, whatever the card has.
  ///   - deliver: takes each block, on the card's thread.
  ///   - report: called on the card's thread; it must return soon.
  /// - Throws: where the system has no thread left; all else is reported.
  public convenience init(
    capturing selection: SoundSelection,
    channelCount: Int = 1,
    deliver: @escaping @Sendable (SoundBlock) -> Void,
    report: @escaping @Sendable (Status) -> Void
  ) throws(SoundError) {
    try self.init(selection, .capture, channelCount, .capture(deliver), report)
  }

  /// Plays to `selection`.
  ///
  /// - Parameters:
  ///   - selection: the loudspeaker; `.none` asks for nothing.
  ///   - channelCount: channels that are filled, 1 or 2, whatever the card has.
  ///   - fill: fills each block, whose `time` tells when it will be heard, on the card's thread.
  ///   - report: called on the card's thread; it must return soon.
  /// - Throws: where the system has no thread left; all else is reported.
  public convenience init(
    playing selection: SoundSelection,
    channelCount: Int = 1,
    fill: @escaping @Sendable (inout SoundBlock) -> Void,
    report: @escaping @Sendable (Status) -> Void
  ) throws(SoundError) {
    try self.init(selection, .playback, channelCount, .playback(fill), report)
  }

  private init(
    _ selection: SoundSelection,
    _ direction: SoundDirection,
    _ channelCount: Int,
    _ work: Work,
    _ report: @escaping @Sendable (Status) -> Void
  ) throws(SoundError) {
    self.selection = selection
    self.direction = direction
    self.channelCount = max(1, min(2, channelCount))
    self.work = work
    self.report = report
    let exhausted = SoundError(direction, selection.description, .systemExhausted)
    do throws(CaptureError) {
      wake = try WakeDescriptor()
    } catch {
      throw exhausted
    }
    guard let started = MediaThread(name: direction.deviceWord, { [self] in run() }) else {
      throw exhausted
    }
    var running: MediaThread? = consume started
    thread.withLock { $0 = running.take() }
  }

  /// Ends the thread and waits for it.
  public func stop() {
    wake.signal()
    let running = thread.withLock { $0.take() }
    if let running { running.join() }
  }

  /// What was delivered or played, and lost.
  public var statistics: SoundStatistics { counted.withLock { $0 } }

  private func run() {
    var pause = Duration.milliseconds(250)
    while true {
      let began = MediaClock.now
      do throws(SoundError) {
        try play()
        return
      } catch {
        let failure = statistics.openings == 0 ? error : error.sinceOpening
        tell(.failed(failure, willRetry: failure.mayPass))
        guard failure.mayPass else { return }
      }
      // What has worked for a while is likely to come back soon; what never does is asked less and less often.
      let hasWorked = MediaClock.now - began > .seconds(5)
      pause = hasWorked ? .milliseconds(500) : min(pause * 2, .seconds(2))
      guard wake.wait(until: MediaClock.now + pause) == .timeout else { return }
    }
  }

  /// Tells `status` unless it was told last.
  func tell(_ status: Status) {
    let isNews = told.withLock { told in
      defer { told = status }
      return told != status
    }
    if isNews { report(status) }
  }
}

/// What one direction of a card has done.
public struct SoundStatistics: Hashable, Sendable {
  /// Frames delivered or played.
  public var frames: UInt64 = 0
  /// Times that sound was lost because the card or we were late.
  public var interruptions: UInt64 = 0
  /// Blocks whose time the driver did not tell.
  public var undated: UInt64 = 0
  /// Times that the card was opened.
  public var openings: UInt64 = 0
  /// Level and frequency of the last half second.
  public var reading: SoundMeter.Reading?
  /// When sound last began after a tenth of a second of quiet, on `MediaClock`.
  public var onset: Timestamp?
  /// Frames of the card's own period; what was asked for, unless it has another one.
  public var period = 0
  /// Frames that wait for us, or in front of the loudspeaker, at most.
  public var buffer = 0

  /// Starts at nothing.
  public init() {}
}
