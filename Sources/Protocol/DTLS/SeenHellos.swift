// SPDX-License-Identifier: Apache-2.0

/// The ClientHellos that a server has seen lately: until the handshake ends, any may be the true one.
struct SeenHellos: Sendable {
  /// How many are remembered; the one seen longest ago goes first.
  static let limit = 4

  private var hellos: [(bytes: [UInt8], count: Int, breaks: Int)] = []

  /// Remembers `hello` as the latest; answers how often it was seen.
  mutating func see(_ hello: [UInt8]) -> Int {
    var seen = (bytes: hello, count: 0, breaks: 0)
    if let index = hellos.firstIndex(where: { $0.bytes == hello }) {
      seen = hellos.remove(at: index)
    }
    seen.count += 1
    if hellos.count >= Self.limit { hellos.removeFirst() }
    hellos.append(seen)
    return seen.count
  }

  /// Forgets `hello`: nothing can come of it.
  mutating func forget(_ hello: [UInt8]) {
    hellos.removeAll { $0.bytes == hello }
  }

  /// The one to try when a handshake over `hello` broke: that which broke least, the latest of those.
  mutating func next(after hello: [UInt8]) -> [UInt8] {
    for index in hellos.indices where hellos[index].bytes == hello { hellos[index].breaks += 1 }
    return hellos.reversed().min { $0.breaks < $1.breaks }?.bytes ?? hello
  }
}
