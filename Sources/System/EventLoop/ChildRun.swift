// SPDX-License-Identifier: Apache-2.0
internal import Wire
/// A running ``ChildProcess`` on a loop: gathers what it writes and ends it in time.
///
/// Loop thread only; that, not a lock, is why the class may call itself Sendable.
public final class ChildRun: @unchecked Sendable {
  /// How a program ended.
  public struct Outcome: Hashable, Sendable {
    /// Its exit status; 128 and more for a signal.
    public var status: Int
    /// The beginning of what it wrote, to its standard output and error.
    public var output: [UInt8]
    /// Whether it was ended because its time was over.
    public var isTooLate: Bool
    /// Whether it wrote more than was kept.
    public var isCut: Bool
  }

  private let loop: EventLoop
  private var child: ChildProcess?
  private let limit: Int
  private var outcome = Outcome(status: 0, output: [], isTooLate: false, isCut: false)
  private var endWatch: EventLoop.WatchID?
  private var outputWatch: EventLoop.WatchID?
  private var timer: TimerID?
  private var completion: ((Outcome) -> Void)?

  /// Follows `child` for at most `time`; keeps `limit` bytes of what it writes.
  ///
  /// The loop keeps the run until `completion` was called, once.
  public init(
    _ child: consuming ChildProcess,
    on loop: EventLoop,
    time: Duration,
    limit: Int,
    completion: @escaping (Outcome) -> Void
  ) {
    loop.requireLoop()
    self.loop = loop
    self.limit = limit
    self.completion = completion
    let (descriptor, output) = (child.descriptor, child.output)
    self.child = consume child
    endWatch = try? loop.watch(descriptor, .readable) { _ in self.finish() }
    outputWatch = try? loop.watch(output, .readable) { _ in self.read() }
    timer = loop.schedule(at: loop.now + time) {
      self.timer = nil
      self.outcome.isTooLate = true
      self.cancel()
    }
    if endWatch == nil || outputWatch == nil { finish() }
  }

  /// Kills the program; the completion is called when it is gone.
  public func cancel() {
    loop.requireLoop()
    child?.kill()
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 {
      let count = child?.read(into: &buffer) ?? -1
      guard count > 0 else {
        if count == 0, let watch = outputWatch {
          loop.unwatch(watch)
          outputWatch = nil
        }
        return
      }
      let room = limit - outcome.output.count
      outcome.output += buffer.prefix(min(count, room))
      if count > room { outcome.isCut = true }
    }
  }

  private func finish() {
    guard let completion else { return }
    self.completion = nil
    if let timer { loop.cancel(timer) }
    timer = nil
    read()
    if let endWatch { loop.unwatch(endWatch) }
    if let outputWatch { loop.unwatch(outputWatch) }
    endWatch = nil
    outputWatch = nil
    outcome.status = Int(child.take()?.end() ?? 0)
    completion(outcome)
  }
}
