// SPDX-License-Identifier: Apache-2.0
private import CLinux

/// Tells when entries of one directory come, go, or change their permissions (inotify).
///
/// Loop thread only; may be released on any thread.
public final class DirectoryWatch: @unchecked Sendable {
  private let loop: EventLoop
  private let descriptor: Int32
  private var watch: EventLoop.WatchID?

  /// Calls `onChange` once for each batch of changes to entries whose names begin with `prefix`.
  ///
  /// - Throws: `EventLoopError.system` when there is no such directory, or no watch left.
  public init(
    of path: String,
    entries prefix: String,
    on loop: EventLoop,
    onChange: @escaping () -> Void
  ) throws(EventLoopError) {
    loop.requireLoop()
    self.loop = loop
    let opened = unsafe clinux_changes_open(path)
    guard opened >= 0 else { throw .system(action: "watch \(path)", code: -opened) }
    descriptor = opened
    watch = try loop.watch(opened, .readable) { _ in
      if unsafe clinux_changes_take(opened, prefix) != 0 { onChange() }
    }
  }

  deinit {
    if let watch { loop.release(watch) }
    clinux_close(descriptor)
  }
}
