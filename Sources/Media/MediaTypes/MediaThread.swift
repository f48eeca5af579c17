// SPDX-License-Identifier: Apache-2.0
private import Glibc

/// A thread of the operating system for work that blocks: a camera's, an encoder's.
///
/// It takes no signals: they are for the program's main thread. The body starts at once; whoever
/// owns the thread tells the body to end, then joins it.
public struct MediaThread: ~Copyable, Sendable {
  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private let thread: pthread_t

  /// Starts a thread called `name` (at most 15 bytes are kept); `nil` when the system has none left.
  public init?(name: String, _ body: @escaping @Sendable () -> Void) {
    var all = sigset_t()
    var previous = sigset_t()
    unsafe sigfillset(&all)
    _ = unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    let box = unsafe Unmanaged.passRetained(Body(name, body))
    var started = pthread_t()
    guard unsafe pthread_create(&started, nil, { unsafe Self.enter($0) }, box.toOpaque()) == 0
    else {
      unsafe box.release()
      return nil
    }
    thread = started
  }

  /// Waits until the body has returned.
  public consuming func join() {
    pthread_join(thread, nil)
  }

  private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
    show(name: body.name)
    body.run()
    return nil
  }

  /// Names the calling thread for `top -H` and debuggers.
  ///
  /// Through /proc, because Swift sees neither pthread_setname_np nor prctl.
  private static func show(name: String) {
    guard let file = unsafe fopen("/proc/thread-self/comm", "w") else { return }
    unsafe fputs(String(decoding: name.utf8.prefix(15), as: UTF8.self), file)
    unsafe fclose(file)
  }
}
