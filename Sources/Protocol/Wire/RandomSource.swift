// SPDX-License-Identifier: Apache-2.0

/// Where a core takes its chance from: the system's generator, or a seed that repeats a run.
///
/// Handed in like time, so that a simulation with the same seed sends the same bytes.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private enum Origin: Sendable {
    case system
    case seeded(UInt64)
  }

  private var origin: Origin

  /// The operating system's cryptographically secure generator.
  public static let system = RandomSource(origin: .system)

  /// A repeatable source for simulations and tests (SplitMix64); never for keys of a real session.
  public static func seeded(_ seed: UInt64) -> RandomSource {
    RandomSource(origin: .seeded(seed))
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    switch origin {
    case .system:
      var generator = SystemRandomNumberGenerator()
      return generator.next()
    case .seeded(let state):
      let advanced = state &+ 0x9E37_79B9_7F4A_7C15
      origin = .seeded(advanced)
      var mixed = advanced
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// A source of its own for a part: the system's stays the system's, a seeded one gets a new seed.
  public mutating func fork() -> RandomSource {
    switch origin {
    case .system: .system
    case .seeded: .seeded(next())
    }
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      var word = next()
      for _ in 0..<min(8, count - result.count) {
        result.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return result
  }

  /// `count` random characters of `alphabet`, which must not be empty.
  public mutating func text(_ count: Int, of alphabet: String) -> String {
    let letters = Array(alphabet.utf8)
    precondition(!letters.isEmpty, "an alphabet needs a letter")
    var result: [UInt8] = []
    for _ in 0..<count {
      result.append(letters[Int(UInt64.random(in: 0..<UInt64(letters.count), using: &self))])
    }
    return String(decoding: result, as: UTF8.self)
  }
}
