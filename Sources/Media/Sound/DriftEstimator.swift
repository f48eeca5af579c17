// SPDX-License-Identifier: Apache-2.0
public import Wire

/// How fast a clock that counts ticks runs against the monotonic clock: that of a sound card, or that
/// of a sender of RTP.
///
/// Ticks are noticed late, never early; so of every window of time, usually two seconds, the promptest
/// notice counts. A line through those of the last minutes, the older the lighter, has the drift as its
/// slope.
public struct DriftEstimator: Sendable {
  /// For how many seconds a point counts.
  private static let memory = 120.0
  /// Seconds by which a point may lie off the line; with more, the clock has jumped or stood still.
  private static let jump = 0.05
  /// Fewer points make no line.
  private static let fewest = 4.0
  /// No quartz is further off.
  private static let most = 1_000.0

  /// How much faster than told the clock runs, in parts in a million; 0 until it is known.
  public private(set) var partsPerMillion = 0.0
  /// By how much that is wrong as a rule, by how the points lie about their line (standard error).
  public private(set) var uncertainty = 1_000.0

  private let ticksPerSecond: Double
  private let window: Duration
  /// What a point is worth after another window.
  private let kept: Double
  /// Where counting began.
  private var origin: (ticks: Int64, at: Timestamp)?
  private var began = Timestamp.zero
  /// The promptest notice of this window: seconds since the origin, and how late it was.
  private var promptest: (at: Double, late: Double)?
  /// The newest point, from which the sums of the line count.
  private var newest: (at: Double, late: Double)?
  private var weight = 0.0
  private var sum = (at: 0.0, late: 0.0, square: 0.0, product: 0.0, lateSquare: 0.0)

  /// Creates an estimator for a clock of nominally `ticksPerSecond`.
  ///
  /// The drift is known after four windows, roughly at first: a shorter window finds it sooner, where notices
  /// come often and are seldom late.
  public init(ticksPerSecond: Int, window: Duration = .seconds(2)) {
    self.ticksPerSecond = Double(max(1, ticksPerSecond))
    self.window = max(.milliseconds(100), min(window, .seconds(10)))
    kept = 1 - self.window.inSeconds / Self.memory
  }

  /// Takes that the clock stood at `ticks` at `now`, or a little earlier.
  public mutating func observe(_ ticks: Int64, at now: Timestamp) {
    guard let origin else {
      restart(ticks, at: now)
      return
    }
    let at = (now - origin.at).inSeconds
    let late = at - Double(ticks &- origin.ticks) / ticksPerSecond
    let expected = promptest?.late ?? newest?.late ?? 0
    guard (late - expected).magnitude < 1, now >= began else {
      restart(ticks, at: now)
      return
    }
    if promptest.map({ late < $0.late }) ?? true { promptest = (at, late) }
    guard now - began >= window, let point = promptest else { return }
    began = now
    promptest = nil
    add(point)
  }

  /// Begins anew with the clock at `ticks`; the drift that is known stays until another one is.
  private mutating func restart(_ ticks: Int64, at now: Timestamp) {
    origin = (ticks, now)
    began = now
    promptest = nil
    newest = nil
    weight = 0
    sum = (0, 0, 0, 0, 0)
  }

  private mutating func add(_ point: (at: Double, late: Double)) {
    if let newest {
      // The sums count from the newest point, so that a day later they are as exact.
      let (at, late) = (point.at - newest.at, point.late - newest.late)
      let off = late + partsPerMillion / 1_000_000 * at
      // Where the way has become longer or shorter, the line goes on from there.
      shift(at: at, late: off.magnitude > Self.jump ? late - off : late)
    }
    newest = point
    sum.at *= kept
    sum.late *= kept
    sum.square *= kept
    sum.product *= kept
    sum.lateSquare *= kept
    // The point itself is the origin: it adds nothing but its weight.
    weight = weight * kept + 1
    let spread = weight * sum.square - sum.at * sum.at
    guard weight >= Self.fewest, spread > 0 else { return }
    let slope = (weight * sum.product - sum.at * sum.late) / spread
    partsPerMillion = max(-Self.most, min(-slope * 1_000_000, Self.most))
    let scatter = weight * sum.lateSquare - sum.late * sum.late - slope * slope * spread
    uncertainty = (max(0, scatter) / (spread * (weight - 2))).squareRoot() * 1_000_000
  }

  /// Moves the origin of the sums by `at` and `late`.
  private mutating func shift(at: Double, late: Double) {
    sum.lateSquare += -2 * late * sum.late + weight * late * late
    sum.product += -at * sum.late - late * sum.at + weight * at * late
    sum.square += -2 * at * sum.at + weight * at * at
    sum.at -= weight * at
    sum.late -= weight * late
  }
}
