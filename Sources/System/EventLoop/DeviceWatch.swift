// SPDX-License-Identifier: Apache-2.0

/// Tells when an open device has something to tell besides its data, such as an event of V4L2.
///
/// Loop thread only; may be released on any thread, before the device is closed.
public final class DeviceWatch: @unchecked Sendable {
  private let loop: EventLoop
  private var watch: EventLoop.WatchID?

  /// Calls `onEvent` whenever the device open as `descriptor` has something to tell, until it is taken;
  /// `isGone` says that nothing will come any more, and is told once.
  ///
  /// - Throws: `EventLoopError.system` when the descriptor cannot be watched.
  public init(
    of descriptor: Int32,
    on loop: EventLoop,
    onEvent: @escaping (_ isGone: Bool) -> Void
  ) throws(EventLoopError) {
    loop.requireLoop()
    self.loop = loop
    watch = try loop.watch(descriptor, .urgent) { [weak self] ready in
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
