// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a loudspeaker has played lately, so that what it played while a microphone captured can be had
/// again.
///
/// After the beginning nothing is allocated.
///
/// Two cards have two clocks, and the timestamps of both tremble; a canceller that followed them would
/// begin anew all the time. So the place is kept from step to step, goes on at the pace by which the
/// clocks differ, and is left only when the timestamps say for a while that it is wrong.
public struct PlayedSound: Sendable {
  /// What a recollection came to.
  public enum Recollection: Hashable, Sendable {
    /// Nothing has been played for a second or more.
    case silence
    /// The sound that follows what was recalled the last time.
    case continued
    /// Sound of another place: whoever has learnt the way of an echo begins anew.
    case moved
  }

  /// How long sound is remembered, and how long after it there is silence.
  private static let memory: Duration = .seconds(1)
  /// A loudspeaker that is off its timestamps by more has been closed in between, or begun anew.
  private static let interruption: Duration = .milliseconds(250)
  /// The place is left when it is off by more, for so many steps; a step that is off by more than `jump`
  /// counts tenfold, since one alone says only that a thread was late.
  private static let tolerance: Duration = .milliseconds(6)
  private static let jump: Duration = .milliseconds(40)
  private static let patience = 50
  /// When it is off by more than the first on average it is moved, so slowly that a canceller follows,
  /// until it is off by less than the second.
  private static let correction: (from: Duration, to: Duration) = (
    .milliseconds(3), .milliseconds(1)
  )
  private static let correctionPace = 3.0
  /// The weight of the newest step in that average.
  private static let weight = 1.0 / 100
  /// Half a second has fifty timestamps of each card.
  private static let window: Duration = .milliseconds(500)
  /// The pace is another one when it is off by more parts in a million, and by so many standard errors:
  /// a canceller follows two or three, and suffers from each change.
  private static let leastDrift = 2.0
  private static let certainty = 3.0

  /// How often the place was left.
  public private(set) var moves: UInt64 = 0
  /// How much faster the loudspeaker's clock runs than the microphone's, in parts in a million; 0 until
  /// it is known.
  public private(set) var drift = 0.0

  private let sampleRate: Int64
  private let lead: Duration
  private var samples: [Int16]
  private var playedClock: DriftEstimator
  private var capturedClock: DriftEstimator
  /// Samples played since the beginning, the first of them since the loudspeaker was last opened, and
  /// when the last had been played.
  private var played: Int64 = 0
  private var first: Int64 = 0
  private var end: Timestamp?
  /// The sample to be given next, how much of the way to the one after it, and where it is in the
  /// microphone's stream.
  private var next: Int64?
  private var fraction = 0.0
  private var position: UInt64?
  /// By how many samples the place is too late on average, and for how many steps it seems wrong.
  private var error = 0.0
  private var isCorrecting = false
  private var doubts = 0

  /// Creates a memory of a second at `sampleRate`.
  ///
  /// `lead` is by how much later what is given was played than the instant that is asked for: so an echo
  /// comes after its cause even where timestamps are wrong by as much.
  public init(sampleRate: Int, lead: Duration = .milliseconds(10)) {
    let rate = max(8_000, min(sampleRate, 192_000))
    self.sampleRate = Int64(rate)
    self.lead = max(.zero, min(lead, .milliseconds(100)))
    samples = [Int16](repeating: 0, count: rate)
    playedClock = DriftEstimator(ticksPerSecond: rate, window: Self.window)
    capturedClock = DriftEstimator(ticksPerSecond: rate, window: Self.window)
  }

  /// Takes what the loudspeaker plays from `instant` on.
  public mutating func play(_ sound: Span<Int16>, from instant: Timestamp) {
    if let end {
      let gap = instant - end
      if gap > Self.interruption || gap < .zero - Self.interruption {
        first = played
        next = nil
      }
    }
    playedClock.observe(played, at: instant)
    for index in sound.indices {
      samples[Int(played % Int64(samples.count))] = sound[index]
      played += 1
    }
    end = instant + duration(Int64(sound.count))
  }

  /// Writes what was played while the samples were captured of which the first is of `instant`, and lies
  /// at `position` in the stream of the microphone, those lost included.
  ///
  /// Silence stands for what was not played or is forgotten.
  public mutating func recall(
    _ position: UInt64,
    from instant: Timestamp,
    into output: inout MutableSpan<Int16>
  ) -> Recollection {
    capturedClock.observe(Int64(truncatingIfNeeded: position), at: instant)
    if position != self.position { next = nil }
    self.position = position &+ UInt64(output.count)
    guard let end, instant - end < Self.memory else {
      next = nil
      for index in output.indices { output[index] = 0 }
      return .silence
    }
    let right = played - ticks(max(.seconds(-2), min(end - (instant + lead), .seconds(2))))
    let recollection = follow(right)
    give(from: next ?? right, into: &output)
    return recollection
  }

  /// Looks whether the place is still right.
  private mutating func follow(_ right: Int64) -> Recollection {
    if let next {
      let off = next - right
      if off.magnitude > ticks(Self.jump) {
        doubts += 10
      } else {
        doubts = off.magnitude > ticks(Self.tolerance) ? doubts + 1 : 0
        error += (Double(off) - error) * Self.weight
      }
      guard doubts >= Self.patience else { return .continued }
    }
    next = right
    fraction = 0
    error = 0
    isCorrecting = false
    doubts = 0
    moves &+= 1
    return .moved
  }

  /// Samples of the loudspeaker for each one of the microphone, less one.
  private mutating func surplus() -> Double {
    let found = playedClock.partsPerMillion - capturedClock.partsPerMillion
    let doubt = playedClock.uncertainty + capturedClock.uncertainty
    if (found - drift).magnitude > max(Self.leastDrift, Self.certainty * doubt) { drift = found }
    let bound = isCorrecting ? Self.correction.to : Self.correction.from
    isCorrecting = error.magnitude > Double(ticks(bound))
    let correction = isCorrecting ? (error > 0 ? -Self.correctionPace : Self.correctionPace) : 0
    return (drift + correction) / 1_000_000
  }

  /// Writes the samples from `start` on, and remembers where they end.
  private mutating func give(from start: Int64, into output: inout MutableSpan<Int16>) {
    let surplus = surplus()
    if surplus == 0, fraction == 0 {
      for index in output.indices { output[index] = sample(start + Int64(index)) }
      next = start + Int64(output.count)
      return
    }
    var place = start
    for index in output.indices {
      output[index] = between(place)
      fraction += 1 + surplus
      let whole = fraction.rounded(.down)
      place += Int64(whole)
      fraction -= whole
    }
    next = place
  }

  private func sample(_ place: Int64) -> Int16 {
    let isKnown = place >= first && place < played && place >= played - Int64(samples.count)
    return isKnown ? samples[Int(place % Int64(samples.count))] : 0
  }

  /// The sound at `fraction` of the way from the sample at `place` to the next one: a cubic (Catmull-Rom)
  /// curve through four, which is right to -55 dB at 4 kHz and -32 dB at 8 kHz.
  private func between(_ place: Int64) -> Int16 {
    let (a, b) = (Double(sample(place - 1)), Double(sample(place)))
    let (c, d) = (Double(sample(place + 1)), Double(sample(place + 2)))
    let cubic = 3 * (b - c) + d - a
    let square = 2 * a - 5 * b + 4 * c - d
    let value = b + fraction / 2 * (c - a + fraction * (square + fraction * cubic))
    return Int16(max(-32_768, min(value.rounded(), 32_767)))
  }

  private func ticks(_ duration: Duration) -> Int64 {
    duration.inNanoseconds * sampleRate / 1_000_000_000
  }

  private func duration(_ ticks: Int64) -> Duration {
    .nanoseconds(ticks * 1_000_000_000 / sampleRate)
  }
}
