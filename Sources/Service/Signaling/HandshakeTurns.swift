// SPDX-License-Identifier: Apache-2.0

/// Who may let the worker do public-key steps of TLS: a few connections at a time, one after another.
///
/// The worker is also that of viewers' handshakes, each of which so waits for a few steps at most,
/// however many strangers begin to speak TLS. For the loop's thread only.
final class HandshakeTurns {
  /// How many steps may be with the worker.
  static let limit = 4

  private var taken = 0
  /// Those who wait; no more than there are connections.
  private var waiting: [(owner: ObjectIdentifier, begin: () -> Void)] = []

  /// Calls `begin`, now or when it is the turn of `owner`; every turn must be given back.
  func take(for owner: AnyObject, _ begin: @escaping () -> Void) {
    guard taken < Self.limit else { return waiting.append((ObjectIdentifier(owner), begin)) }
    taken += 1
    begin()
  }

  /// Gives a turn back: the next one's comes.
  func giveBack() {
    guard !waiting.isEmpty else {
      taken -= 1
      return
    }
    waiting.removeFirst().begin()
  }

  /// Lets `owner` wait no longer.
  func forget(_ owner: AnyObject) {
    waiting.removeAll { $0.owner == ObjectIdentifier(owner) }
  }
}
