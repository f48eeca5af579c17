// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// A bell by which another thread (a camera's, an encoder's) calls the loop.
///
/// Rings that come before the loop has answered the first one are answered together. Ringing
/// allocates nothing and costs a system call only when the loop may be asleep.
public final class LoopSignal: @unchecked Sendable {
  // Sendable without the compiler's proof: only the loop's thread calls `body`.
  private let loop: EventLoop
  private let body: () -> Void
  private let isRung = Atomic(false)

  /// Creates a bell that `body` answers on the loop's thread.
  ///
  /// Loop thread only.
  public init(on loop: EventLoop, _ body: @escaping () -> Void) {
    loop.requireLoop()
    self.loop = loop
    self.body = body
  }

  /// Rings; from any thread.
  public func trigger() {
    guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
    loop.put(.signal(self))
  }

  func run() {
    isRung.store(false, ordering: .sequentiallyConsistent)
    body()
  }
}
