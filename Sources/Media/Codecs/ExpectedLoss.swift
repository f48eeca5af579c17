// SPDX-License-Identifier: Apache-2.0

/// How many packets an encode reckons will be lost, by what its listeners report.
///
/// It rises fast and falls slowly: what protects is dearest when it comes too late. The most unfortunate
/// listener counts, up to a limit, so that none can have all bits of the others spent on copies.
public struct ExpectedLoss: Hashable, Sendable {
  /// How often `observe` is to be called.
  public static let interval = Duration.seconds(1)
  /// Packets in a hundred: more copies would leave too little for the sound itself.
  private static let limit = 0.3
  private static let step = (up: 0.5, down: 0.1)

  private var share = 0.0

  /// Creates the expectation of a network that loses nothing.
  public init() {}

  /// Packets in a hundred.
  public var percent: Int { Int((share * 100).rounded()) }

  /// Takes what each listener last reported, 0 to 1.
  public mutating func observe(_ reports: [Double]) {
    let worst = max(0, min(reports.max() ?? 0, Self.limit))
    share += (worst - share) * (worst > share ? Self.step.up : Self.step.down)
  }
}
