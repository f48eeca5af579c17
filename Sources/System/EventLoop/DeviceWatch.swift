// SPDX-License-Identifier: Apache-2.0

/// Tells when an open device has something to tell.
///
/// Loop thread only; may be released on any thread, before the device is closed.
public final class DeviceWatch: @unchecked Sendable {
  /// What a device tells.
  public enum News: Sendable {
    /// Something besides its data, such as an event of V4L2.
    case urgent
    /// Data, which must be read when it is told of.
    case data
  }

  private let loop: EventLoop
  private var watch: EventLoop.WatchID?

  /// Calls `onEvent` whenever the device open as `descriptor` has `news`, until they are taken;
  /// `isGone` says that nothing will come any more, and is told once.
  ///
  /// - Throws: `EventLoopError.system` when the descriptor cannot be watched.
  public init(
    of descriptor: Int32,
    _ news: News = .urgent,
    on loop: EventLoop,
    onEvent: @escaping (_ isGone: Bool) -> Void
  ) throws(EventLoopError) {
    loop.requireLoop()
    self.loop = loop
    watch = try loop.watch(descriptor, news == .data ? .readable : .urgent) { [weak self] ready in
      let isGone = ready.contains(.hungUp)
      if isGone { self?.stop() }
      onEvent(isGone)
    }
  }

  deinit {
    if let watch { loop.release(watch) }
  }

  /// Stops watching; to be called before the device is closed.
  public func stop() {
    if let watch { loop.unwatch(watch) }
    watch = nil
  }
}
