// SPDX-License-Identifier: Apache-2.0
public import Wire

/// What a loudspeaker has played lately, so that what it played at an instant can be had again.
///
/// The timestamps of cards tremble; a canceller that followed them would begin anew all the time. So
/// the place is kept from step to step, and left only when the timestamps say for a while that it is
/// wrong.
public struct PlayedSound: Sendable {
  /// The place is left when it is off by more, for so many steps.
  private static let tolerance: Duration = .milliseconds(4)
  private static let patience = 50
  /// When it is off by more it is left at once: a card has stood still.
  private static let jump: Duration = .milliseconds(40)

  /// How often the place was left: the canceller has to begin anew each time.
  public private(set) var moves: UInt64 = 0

  private let sampleRate: Int64
  private let lead: Duration
  private var samples: [Int16]
  /// Samples played since the beginning, and when the last of them had been played.
  private var played: Int64 = 0
  private var end: Timestamp?
  /// The sample that is to be given next, and for how many steps it seems wrong.
  private var next: Int64?
  private var doubts = 0

  /// Creates a memory of half a second at `sampleRate`.
  ///
  /// `lead` is by how much earlier what is given was played than the instant that is asked for, so
  /// that timestamps which are a little wrong never put the echo before its cause.
  public init(sampleRate: Int, lead: Duration = .milliseconds(5)) {
    self.sampleRate = Int64(max(8_000, min(sampleRate, 192_000)))
    self.lead = max(.zero, min(lead, .milliseconds(100)))
    samples = [Int16](repeating: 0, count: Int(self.sampleRate) / 2)
  }

  /// Takes what the loudspeaker plays from `instant` on.
  public mutating func play(_ sound: Span<Int16>, from instant: Timestamp) {
    for index in sound.indices {
      samples[Int(played % Int64(samples.count))] = sound[index]
      played += 1
    }
    end = instant + duration(Int64(sound.count))
  }

  /// Writes what was played while the samples were captured of which the first is of `instant`.
  ///
  /// Silence stands for what was not played or is forgotten. `true` if the place was left.
  public mutating func recall(
    from instant: Timestamp,
    into output: inout MutableSpan<Int16>
  ) -> Bool {
    let hasMoved = follow(instant, count: output.count)
    let start = next ?? played
    for index in output.indices {
      let place = start + Int64(index)
      let isKnown = place >= 0 && place < played && place >= played - Int64(samples.count)
      output[index] = isKnown ? samples[Int(place % Int64(samples.count))] : 0
    }
    next = next.map { $0 + Int64(output.count) }
    return hasMoved
  }

  /// Looks whether the place is still right for `instant`.
  private mutating func follow(_ instant: Timestamp, count: Int) -> Bool {
    guard let end else { return false }
    let behind = max(.seconds(-2), min(end - (instant - lead), .seconds(2)))
    let right = played - ticks(behind)
    guard let next else {
      next = right
      return false
    }
    let error = (next - right).magnitude
    doubts = error > UInt64(ticks(Self.tolerance)) ? doubts + 1 : 0
    guard doubts >= Self.patience || error > UInt64(ticks(Self.jump)) else { return false }
    self.next = right
    doubts = 0
    moves &+= 1
    return true
  }

  private func ticks(_ duration: Duration) -> Int64 {
    duration.inNanoseconds * sampleRate / 1_000_000_000
  }

  private func duration(_ ticks: Int64) -> Duration {
    .nanoseconds(ticks * 1_000_000_000 / sampleRate)
  }
}
