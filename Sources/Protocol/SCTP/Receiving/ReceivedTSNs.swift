// SPDX-License-Identifier: Apache-2.0

/// Which TSNs have come: all up to one, and ranges behind holes.
struct ReceivedTSNs: Sendable {
  /// How far ahead of the cumulative TSN data is taken.
  static let maximumAhead = 16_384
  /// Holes remembered; with more, only what closes one is taken.
  ///
  /// All fit into one SACK.
  static let maximumRanges = 256
  /// Duplicates reported in one SACK.
  static let maximumDuplicates = 16

  /// What is known about a TSN.
  enum Verdict: Hashable, Sendable {
    case new
    case duplicate
    /// It is too far ahead, or would need one hole too many.
    case refused
  }

  private struct Range: Sendable {
    var first: TSN
    var last: TSN
  }

  /// The highest TSN up to which all have come.
  private(set) var cumulative: TSN
  /// Reported with the next SACK.
  private(set) var duplicates: [TSN] = []
  private var ranges: [Range] = []

  /// Begins with nothing; `initial` is the first that will come.
  init(initial: TSN) {
    cumulative = initial.previous
  }

  var hasGaps: Bool { !ranges.isEmpty }

  /// What a chunk with this TSN would be.
  func verdict(on tsn: TSN) -> Verdict {
    guard tsn.follows(cumulative) else { return .duplicate }
    let ahead = tsn.distance(after: cumulative)
    guard ahead <= Self.maximumAhead else { return .refused }
    if ahead == 1 { return .new }
    let index = firstRange(endingAtOrAfter: ahead)
    if index < ranges.count, distance(ranges[index].first) <= ahead { return .duplicate }
    guard ranges.count >= Self.maximumRanges else { return .new }
    let touchesLower = index > 0 && distance(ranges[index - 1].last) == ahead - 1
    let touchesUpper = index < ranges.count && distance(ranges[index].first) == ahead + 1
    return touchesLower || touchesUpper ? .new : .refused
  }

  /// Notes that a chunk came which `verdict` called new.
  mutating func insert(_ tsn: TSN) {
    if tsn == cumulative.next {
      cumulative = tsn
      absorb()
      return
    }
    let ahead = distance(tsn)
    let index = firstRange(endingAtOrAfter: ahead)
    let touchesLower = index > 0 && distance(ranges[index - 1].last) == ahead - 1
    let touchesUpper = index < ranges.count && distance(ranges[index].first) == ahead + 1
    switch (touchesLower, touchesUpper) {
    case (true, true):
      ranges[index - 1].last = ranges[index].last
      ranges.remove(at: index)
    case (true, false): ranges[index - 1].last = tsn
    case (false, true): ranges[index].first = tsn
    case (false, false): ranges.insert(Range(first: tsn, last: tsn), at: index)
    }
  }

  /// Notes that a chunk came again.
  mutating func noteDuplicate(_ tsn: TSN) {
    if duplicates.count < Self.maximumDuplicates { duplicates.append(tsn) }
  }

  /// Moves on to `tsn` as if all up to it had come (RFC 3758 section 3.6); `false` if they had.
  mutating func advance(to tsn: TSN) -> Bool {
    guard tsn.follows(cumulative) else { return false }
    let steps = distance(tsn)
    let kept = ranges.firstIndex { distance($0.last) > steps } ?? ranges.count
    ranges.removeFirst(kept)
    if let first = ranges.first, distance(first.first) <= steps {
      ranges[0].first = tsn.next
    }
    cumulative = tsn
    absorb()
    return true
  }

  /// Takes what the next SACK reports, in at most `room` bytes of blocks and duplicates.
  mutating func takeAcknowledgement(window: UInt32, room: Int) -> SelectiveAcknowledgement {
    var chunk = SelectiveAcknowledgement(cumulativeTSN: cumulative, window: window)
    var left = room / 4
    chunk.blocks.reserveCapacity(min(left, ranges.count))
    for range in ranges.prefix(left) {
      chunk.blocks.append(
        SelectiveAcknowledgement.Block(
          start: UInt16(truncatingIfNeeded: distance(range.first)),
          end: UInt16(truncatingIfNeeded: distance(range.last))
        )
      )
      left -= 1
    }
    chunk.duplicates = Array(duplicates.prefix(left))
    duplicates.removeAll(keepingCapacity: true)
    return chunk
  }

  /// Makes the first range part of what has come in a row, where it touches.
  private mutating func absorb() {
    guard let first = ranges.first, first.first == cumulative.next else { return }
    cumulative = first.last
    ranges.removeFirst()
  }

  private func distance(_ tsn: TSN) -> Int { tsn.distance(after: cumulative) }

  private func firstRange(endingAtOrAfter ahead: Int) -> Int {
    // The usual one is the last.
    if let last = ranges.last, distance(last.last) < ahead { return ranges.count }
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if distance(ranges[middle].last) < ahead { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
