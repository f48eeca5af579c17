// SPDX-License-Identifier: Apache-2.0
import EventLoop
import JSON
import Synchronization

/// Keeps the messages that one who watches is told.
final class Listener: Sendable {
  private let messages = Mutex<[JSONValue]>([])

  /// What takes messages.
  var tell: @Sendable (String) -> Void {
    { text in
      let message = (try? JSONValue(parsing: text)) ?? .null
      self.messages.withLock { $0.append(message) }
    }
  }

  /// All that was told so far.
  var heard: [JSONValue] { messages.withLock { $0 } }

  func forget() { messages.withLock { $0 = [] } }

  /// Waits until a message is as wanted; a test's time limit ends it.
  func wait(on loop: EventLoop, for isWanted: (JSONValue) -> Bool) async throws -> JSONValue {
    while true {
      if let found = heard.first(where: isWanted) { return found }
      try await loop.sleep(for: .milliseconds(2))
    }
  }
}
