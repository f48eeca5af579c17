// SPDX-License-Identifier: Apache-2.0
public import MediaTypes
internal import Synchronization
internal import Wire

/// The thread of one camera: takes its pictures and puts them into a letterbox, or delivers those
/// that come encoded.
///
/// A camera that is unplugged is opened again when it comes back; the letterbox stays.
public final class CaptureThread: Sendable {
  /// What changed, as the thread tells it.
  public enum Status: Sendable, Hashable {
    /// Pictures come in this format, from now on or again.
    case started(VideoFormat)
    /// Pictures come encoded: they are delivered, and nothing is put into the letterbox.
    case startedEncoded(EncodedVideoFormat)
    /// Nothing has come for some time, though the camera is there.
    case stalled
    /// The source failed; `willRetry` tells whether it is tried again until it comes back.
    case failed(CaptureError, willRetry: Bool)
  }

  /// How long a source may be silent before it is called stalled.
  public static let patience = Duration.seconds(2)

  /// Where the pictures go; closed when the source has ended for good.
  public let frames: LatestFrame<CapturedFrame>
  let selection: CameraSelection
  let request: CameraRequest
  let deliver: @Sendable (EncodedFrame) -> Void
  let report: @Sendable (Status) -> Void
  let wake: WakeDescriptor
  /// What was reported last, so that nothing is told twice and a recovery is told at all.
  let told = Mutex<(start: Status?, failure: CaptureError?)>((nil, nil))
  private let opening = Mutex<Result<Void, CaptureError>?>(nil)
  private let opened = Wakeup()
  let counted = Mutex(CaptureStatistics())
  let writers = Mutex(false)
  private let thread = Mutex<MediaThread?>(nil)

  /// Opens `selection` on a thread of its own.
  ///
  /// - Parameters:
  ///   - selection: where pictures come from; `.none` delivers nothing.
  ///   - request: what is wished for.
  ///   - waitsUntilOpen: whether to return only when the source is open; otherwise a failure to open
  ///     it is reported like a later one.
  ///   - deliver: takes pictures that come encoded, on the camera's thread; it must return soon.
  ///   - report: called on the camera's thread; it must return soon.
  /// - Throws: why the source could not be opened; later failures are reported.
  public init(
    _ selection: CameraSelection,
    _ request: CameraRequest,
    waitsUntilOpen: Bool = true,
    deliver: @escaping @Sendable (EncodedFrame) -> Void = { _ in },
    report: @escaping @Sendable (Status) -> Void
  ) throws(CaptureError) {
    self.selection = selection
    self.request = request
    self.deliver = deliver
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

  /// Whether somebody writes the pictures to us, who would be held up if nobody took them.
  public var hasWriter: Bool { writers.withLock { $0 } }

  private func run() {
    defer {
      frames.close()
      settle(.success(()))
    }
    while true {
      do throws(CaptureError) {
        try play()
        return
      } catch {
        let isFirst = opening.withLock { $0 == nil }
        settle(.failure(error))
        guard !isFirst else { return }
        let failure = Self.since(opening: error)
        let willRetry = mayComeBack(failure)
        let isNews = told.withLock { told in
          defer { told.failure = failure }
          return told.failure != failure
        }
        if isNews { report(.failed(failure, willRetry: willRetry)) }
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

  /// Tells the one who waits in `init` how the first opening went.
  func settle(_ result: Result<Void, CaptureError>) {
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
