// SPDX-License-Identifier: Apache-2.0
public import Wire

/// How fast to play a stream, so that sender and card stay in step although their clocks do not, and
/// the sound finds its way to the delay that the jitter buffer wants.
///
/// The drift of both clocks is followed as it is measured; what is left is taken back so gently that
/// nobody hears it. `Resampler.setSpeed` makes it so.
public struct PlayoutSpeed: Sendable {
  /// A deviation shrinks to a third in this time.
  private static let patience = 10.0
  /// The most that the pitch is moved by, which is a sixth of a semitone.
  private static let most = 0.01
  /// Speeds change so often: a resampler makes its tables anew.
  private static let interval: Duration = .seconds(1)

  /// How many samples to take for each one that is played.
  public private(set) var speed = 1.0

  private var sender: DriftEstimator
  private var card: DriftEstimator
  private var changed: Timestamp?

  /// Creates a speed for timestamps of `clockRate` and a card of nominally `cardRate`.
  public init(clockRate: Int, cardRate: Int) {
    sender = DriftEstimator(ticksPerSecond: clockRate)
    card = DriftEstimator(ticksPerSecond: cardRate)
  }

  /// How much faster than told the sender's clock runs, in parts in a million.
  public var senderDrift: Double { sender.partsPerMillion }

  /// How much faster than told the card runs, in parts in a million.
  public var cardDrift: Double { card.partsPerMillion }

  /// Takes that a packet of this timestamp arrived at `now`.
  public mutating func receive(timestamp: Int64, at now: Timestamp) {
    sender.observe(timestamp, at: now)
  }

  /// Takes that the card had played `frames` frames at `now`, and how far the sound was from its
  /// delay; `true` when `speed` is to be set anew.
  public mutating func play(frames: Int64, deviation: Duration, at now: Timestamp) -> Bool {
    card.observe(frames, at: now)
    if let changed, now - changed < Self.interval { return false }
    changed = now
    let drift = (1 + senderDrift / 1_000_000) / (1 + cardDrift / 1_000_000)
    let correction = max(-Self.most, min(deviation.inSeconds / Self.patience, Self.most))
    speed = drift * (1 + correction)
    return true
  }
}
