// SPDX-License-Identifier: Apache-2.0

/// The ClientHellos that a server has seen lately: until the handshake ends, any may be the true one.
struct SeenHellos: Sendable {
  /// How many are remembered; the one seen longest ago goes first.
  static let limit = 4

  private var hellos: [(bytes: [UInt8], count: Int)] = []

  /// Remembers `hello` as the latest; answers how often it was seen.
  mutating func see(_ hello: [UInt8]) -> Int {
    var count = 1
    if let index = hellos.firstIndex(where: { $0.bytes == hello }) {
      count += hellos.remove(at: index).count
    }
    if hellos.count >= Self.limit { hellos.removeFirst() }
    hellos.append((hello, count))
    return count
  }

  /// Forgets `hello`: nothing can come of it.
  mutating func forget(_ hello: [UInt8]) {
    hellos.removeAll { $0.bytes == hello }
  }

  /// The one to try when a handshake over `hello` broke: another, when there is another.
  mutating func next(after hello: [UInt8]) -> [UInt8] {
    guard let index = hellos.firstIndex(where: { $0.bytes != hello }) else { return hello }
    let next = hellos.remove(at: index)
    hellos.append(next)
    return next.bytes
  }
}
