// SPDX-License-Identifier: Apache-2.0

/// What waits for `nextEvent`.
struct EventQueue: Sendable {
  /// Events besides messages that wait; with more, the peer is not let cause others.
  static let maximumOthers = 1024

  /// Bytes of the messages that wait, with what it costs to keep them.
  private(set) var bytes = 0
  private var others = 0
  private var queue = RingBuffer(filler: SCTPEvent.connected)

  /// Whether the caller has not fetched events for long.
  var isCrowded: Bool { others >= Self.maximumOthers }

  /// Appends an event.
  mutating func append(_ event: SCTPEvent) {
    if case .received(let message) = event {
      bytes += message.payload.count + Reassembly.overhead
    } else {
      others += 1
    }
    queue.append(event)
  }

  /// Takes the next.
  mutating func next() -> SCTPEvent? {
    guard let event = queue.popFirst() else { return nil }
    if case .received(let message) = event {
      bytes -= message.payload.count + Reassembly.overhead
    } else {
      others -= 1
    }
    return event
  }
}
