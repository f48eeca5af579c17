// SPDX-License-Identifier: Apache-2.0
private import Wire

/// One vector, mutation run or simulation as a plain function.
///
/// Swift Testing wraps the checks on x86_64; `porthole-checks` runs the same ones under qemu on
/// arm64, whose SDK has no Testing module.
public struct Check: Sendable, CustomStringConvertible {
  /// A sentence: what holds.
  public let name: String
  /// For a check of the museum: the public report of the crash of another program, as a CVE, a GHSA,
  /// or an issue of a repository.
  public let report: String?
  private let body: @Sendable () throws -> Void

  /// Creates a check called `name`, which fails by throwing.
  public init(
    _ name: String,
    after report: String? = nil,
    _ body: @escaping @Sendable () throws -> Void
  ) {
    self.name = name
    self.report = report
    self.body = body
  }

  /// Runs the check; throws what does not hold.
  public func run() throws {
    try body()
  }

  /// The check's name, and the report that it comes from.
  public var description: String { report.map { "\(name) (\($0))" } ?? name }
}

/// What did not hold, in words.
public struct CheckFailure: Error, CustomStringConvertible {
  /// What was expected and what was found, with the place in the source.
  public let description: String
}

/// Throws `message` unless `condition` holds.
public func expect(
  _ condition: Bool,
  _ message: @autoclosure () -> String,
  file: String = #fileID,
  line: Int = #line
) throws {
  guard !condition else { return }
  throw CheckFailure(description: "\(file):\(line): \(message())")
}

/// Throws unless both values are equal; the failure shows both.
public func expectEqual<Value: Equatable>(
  _ found: Value,
  _ expected: Value,
  _ what: String = "",
  file: String = #fileID,
  line: Int = #line
) throws {
  try expect(found == expected, "\(what) is \(found), expected \(expected)", file: file, line: line)
}

/// A parser or machine that must survive any bytes: used by `make fuzz`, `make replay` and the
/// seeded mutation run.
public struct FuzzTarget: Sendable, CustomStringConvertible {
  /// The word after `TARGET=`.
  public let name: String
  /// Well-formed inputs to mutate.
  public let seeds: [[UInt8]]
  /// Feeds one input; any trap is a finding.
  public let feed: @Sendable (_ input: [UInt8]) -> Void

  /// Creates the target called `name`.
  public init(
    _ name: String,
    seeds: [[UInt8]],
    feed: @escaping @Sendable (_ input: [UInt8]) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.feed = feed
  }

  /// The target's name.
  public var description: String { name }

  /// Feeds `count` mutations of the seeds, repeatable by `seed`: flipped bits, changed bytes and
  /// lengths, cuts, repeats and splices.
  public func mutate(count: Int, seed: UInt64) {
    var random = RandomSource.seeded(seed)
    for _ in 0..<count {
      feed(Self.mutation(of: seeds.randomElement(using: &random) ?? [], seeds, using: &random))
    }
  }

  private static func mutation(
    of seed: [UInt8],
    _ seeds: [[UInt8]],
    using random: inout RandomSource
  ) -> [UInt8] {
    let interesting: [UInt8] = [0, 1, 2, 4, 0x7F, 0x80, 0xC0, 0xFE, 0xFF]
    var bytes = seed
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      guard !bytes.isEmpty else { return random.bytes(Int.random(in: 0...64, using: &random)) }
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[index] = .random(in: 0...255, using: &random)
      case 2: bytes[index] = interesting.randomElement(using: &random) ?? 0
      case 3: bytes.removeLast(bytes.count - index)
      case 4: bytes.remove(at: index)
      case 5: bytes.insert(contentsOf: bytes[index...].prefix(64), at: index)
      default:
        let other = seeds.randomElement(using: &random) ?? []
        bytes.replaceSubrange(index..., with: other.suffix(max(0, other.count - index)))
      }
    }
    return bytes
  }
}
