// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
private import Synchronization
internal import Wire

/// The thread of one camera: takes its pictures and puts them into a letterbox.
///
/// A camera that is unplugged is opened again when it comes back; the letterbox stays.
public final class CaptureThread: Sendable {
  /// What changed, as the thread tells it.
  public enum Status: Sendable, Hashable {
    /// Pictures come in this format, from now on or again.
    case started(VideoFormat)
    /// Nothing has come for some time, though the camera is there.
    case stalled
    /// The source failed; `willRetry` tells whether it is tried again until it comes back.
    case failed(CaptureError, willRetry: Bool)
  }

  /// How long a source may be silent before it is called stalled.
  public static let patience = Duration.seconds(2)

  /// Where the pictures go; closed when the source has ended for good.
  public let frames: LatestFrame<CapturedFrame>
  private let selection: CameraSelection
  private let request: CameraRequest
  private let report: @Sendable (Status) -> Void
  private let wake: WakeDescriptor
  private let opening = Mutex<Result<Void, CaptureError>?>(nil)
  private let opened = Wakeup()
  private let counted = Mutex(CaptureStatistics())
  private let thread = Mutex<MediaThread?>(nil)

  /// Opens `selection` on a thread of its own.
  ///
  /// - Parameters:
  ///   - selection: where pictures come from; `.none` delivers nothing.
  ///   - request: what is wished for.
  ///   - waitsUntilOpen: whether to return only when the source is open; otherwise a failure to open
  ///     it is reported like a later one.
  ///   - report: called on the camera's thread; it must return soon.
  /// - Throws: why the source could not be opened; later failures are reported.
  public init(
    _ selection: CameraSelection,
    _ request: CameraRequest,
    waitsUntilOpen: Bool = true,
    report: @escaping @Sendable (Status) -> Void
  ) throws(CaptureError) {
    self.selection = selection
    self.request = request
    self.report = report
    frames = LatestFrame()
    wake = try WakeDescriptor()
    if !waitsUntilOpen { settle(.success(())) }
    guard let started = MediaThread(name: "camera", { [self] in run() }) else {
      throw .systemExhausted
    }
    opened.wait()
    if case .failure(let error) = opening.withLock({ $0 }) {
      started.join()
      throw error
    }
    var running: MediaThread? = consume started
    thread.withLock { $0 = running.take() }
  }

  /// Ends the thread and waits for it; frames that are still lent stay valid.
  public func stop() {
    wake.signal()
    let running = thread.withLock { $0.take() }
    if let running { running.join() }
  }

  /// What was delivered and lost since the source was opened last.
  public var statistics: CaptureStatistics { counted.withLock { $0 } }

  private func run() {
    defer {
      frames.close()
      settle(.success(()))
    }
    var told: CaptureError?
    while true {
      do throws(CaptureError) {
        try play(&told)
        return
      } catch {
        let isFirst = opening.withLock { $0 == nil }
        settle(.failure(error))
        guard !isFirst else { return }
        let failure = Self.since(opening: error)
        let willRetry = mayComeBack(failure)
        if failure != told { report(.failed(failure, willRetry: willRetry)) }
        told = failure
        guard willRetry,
          wake.wait(until: MediaClock.now + .milliseconds(500)) == .timeout
        else { return }
      }
    }
  }

  /// What `error` means of a source that could be opened once: a camera that is missing was unplugged.
  private static func since(opening error: CaptureError) -> CaptureError {
    guard case .deviceMissing(let path, _) = error else { return error }
    return .deviceGone(path: path)
  }

  /// Opens the source and takes pictures until told to stop; the first one makes `told` old news.
  private func play(_ told: inout CaptureError?) throws(CaptureError) {
    switch selection {
    case .test:
      var source = TestPattern(request)
      try play(&source, &told)
    case .device(let path):
      var source = try V4L2Camera(path: path, request)
      try play(&source, &told)
    case .file(let path):
      var source = try Y4MSource.open(path: path)
      try play(&source, &told)
    case .standardInput:
      var source = Y4MSource.standardInput()
      try play(&source, &told)
    case .none:
      settle(.success(()))
      _ = wake.wait(until: nil)
    }
  }

  private func play(
    _ source: inout some CaptureSource & ~Copyable,
    _ told: inout CaptureError?
  ) throws(CaptureError) {
    settle(.success(()))
    var announced: VideoFormat?
    var isStalled = false
    var wait = MediaClock.now + Self.patience
    while true {
      let frame = try source.nextFrame(until: wait, wake: wake)
      if let format = source.format, format != announced {
        announced = format
        told = nil
        report(.started(format))
      }
      if let frame {
        frames.publish(frame)
        let statistics = source.statistics
        counted.withLock { $0 = statistics }
        wait = MediaClock.now + Self.patience
        if isStalled, let announced { report(.started(announced)) }
        isStalled = false
        continue
      }
      guard !wake.isSignalled else { return }
      guard MediaClock.now >= wait else { continue }
      wait = MediaClock.now + Self.patience
      guard !isStalled else { continue }
      isStalled = true
      report(.stalled)
    }
  }

  /// Tells the one who waits in `init` how the first opening went.
  private func settle(_ result: Result<Void, CaptureError>) {
    let isFirst = opening.withLock { opening in
      guard opening == nil else { return false }
      opening = result
      return true
    }
    if isFirst { opened.signal() }
  }

  /// Whether trying again can help without anybody changing the command.
  private func mayComeBack(_ error: CaptureError) -> Bool {
    guard case .device = selection else { return false }
    switch error {
    case .deviceGone, .deviceMissing, .deviceBusy, .deviceFailed, .noSignal, .deviceForbidden,
      .notACamera, .formatUnknown:
      return true
    default: return false
    }
  }
}
