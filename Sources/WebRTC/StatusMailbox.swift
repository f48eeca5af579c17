// SPDX-License-Identifier: Apache-2.0
internal import Capture
internal import EventLoop
internal import Synchronization

/// Where a loudspeaker's thread leaves what it has to tell the loop.
final class StatusMailbox: @unchecked Sendable {
  /// What may wait: of more, only the newest count.
  private static let maximumWaiting = 8

  private let waiting = Mutex<[SoundThread.Status]>([])
  /// Set once, before the thread that posts exists.
  var signal: LoopSignal?

  func post(_ status: SoundThread.Status) {
    waiting.withLock { waiting in
      if waiting.count >= Self.maximumWaiting { waiting.removeFirst() }
      waiting.append(status)
    }
    signal?.trigger()
  }

  /// Everything posted since the last call, in order.
  func take() -> [SoundThread.Status] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }

  func clear() { _ = take() }
}
