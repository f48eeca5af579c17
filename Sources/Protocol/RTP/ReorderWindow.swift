// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Puts the packets of one stream back into the order of their sequence numbers, and knows which
/// are missing.
///
/// A packet that is next in order is never kept. Those behind a missing one wait in a ring, which
/// doubles up to the limit, until it comes or is given up.
struct ReorderWindow: Sendable {
  /// A packet that waits for one before it.
  struct Packet: Sendable {
    /// Its header.
    var header: RTPHeader
    /// What it carries.
    var payload: [UInt8]
    /// Whether it was handed on before its turn.
    var isHandedOn = false
  }

  /// A packet that has not come although a later one has.
  struct Missing: Sendable {
    /// Its number without wraps.
    let index: Int64
    /// When the first later one came.
    let since: Timestamp
    /// When it was last asked for.
    var asked: Timestamp?
    /// How often it was asked for.
    var attempts = 0

    /// Its number on the wire.
    var number: SequenceNumber {
      SequenceNumber(rawValue: UInt16(truncatingIfNeeded: index))
    }
  }

  /// Where a packet stands.
  enum Place: Equatable {
    /// Its turn has come.
    case next
    /// It must wait: `store` it under this index.
    case ahead(Int64)
    /// So far ahead that everything before it is given up; its turn has come.
    case beyond
    /// It has come before.
    case duplicate
    /// It was given up.
    case late
  }

  /// Given-up packets that are told from duplicates when they come after all.
  private static let maximumAbandoned = 64
  private static let firstCapacity = 32

  /// Those that are missing, in order; the first came to be missing first.
  private(set) var missing: [Missing] = []
  /// How many have been given up.
  private(set) var givenUp: UInt64 = 0

  private let limit: Int
  private var packets: [Packet?] = []
  private var next: Int64?
  private var highest: Int64 = 0
  private var abandoned: [Int64] = []

  /// Creates a window of at most `limit` packets, a power of two of at least 32.
  init(limit: Int) {
    self.limit = limit
  }

  /// Begins anew with whatever packet comes next.
  mutating func reset() {
    missing.removeAll(keepingCapacity: true)
    abandoned.removeAll(keepingCapacity: true)
    packets = []
    next = nil
  }

  /// The index, without wraps, of the packet whose turn is next; `nil` before the first.
  var nextIndex: Int64? { next }

  /// Decides about the packet `number`, arrived at `now`, and counts it as come.
  mutating func place(_ number: SequenceNumber, at now: Timestamp) -> Place {
    guard let next else {
      highest = Int64(number.rawValue)
      self.next = highest + 1
      return .next
    }
    let index = index(of: number)
    guard index > highest else { return fill(index, next) }
    let lost = Int(index - highest) - 1
    guard missing.count + lost <= limit / 2, index - next < Int64(limit) else {
      givenUp &+= UInt64(missing.count + lost)
      reset()
      highest = index
      self.next = index + 1
      return .beyond
    }
    for earlier in (highest + 1)..<index {
      missing.append(Missing(index: earlier, since: now))
    }
    highest = index
    return take(index, next)
  }

  /// Decides about the packet `number`, sent once more: it can only fill a gap.
  mutating func place(repeated number: SequenceNumber) -> Place {
    guard let next else { return .late }
    let index = index(of: number)
    return index > highest ? .late : fill(index, next)
  }

  /// Keeps a packet whose place was `ahead`.
  mutating func store(_ packet: Packet, at index: Int64) {
    guard let next else { return }
    let distance = Int(index - next)
    while distance >= packets.count { grow() }
    packets[slot(index)] = packet
  }

  /// The stored packet whose turn has come; `nil` if there is none.
  mutating func takeNext() -> Packet? {
    guard let index = next, index <= highest, !packets.isEmpty,
      let packet = packets[slot(index)]
    else { return nil }
    packets[slot(index)] = nil
    next = index + 1
    return packet
  }

  /// Gives up the packet that others wait for if it has been missing since `limit` or longer;
  /// `false` if none was given up.
  ///
  /// Call `takeNext` until it answers `nil` before and after.
  mutating func giveUp(missingSince limit: Timestamp) -> Bool {
    guard let first = missing.first, first.since <= limit, first.index == next else { return false }
    missing.removeFirst()
    givenUp &+= 1
    if abandoned.count >= Self.maximumAbandoned { abandoned.removeFirst() }
    abandoned.append(first.index)
    next = first.index + 1
    return true
  }

  /// Notes that the missing packet at `position` of the list was asked for at `now`.
  mutating func setAsked(_ position: Int, at now: Timestamp) {
    missing[position].asked = now
    missing[position].attempts += 1
  }

  private func index(of number: SequenceNumber) -> Int64 {
    let last = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: highest))
    return highest + Int64(Int16(truncatingIfNeeded: Int(number.distance(after: last))))
  }

  private mutating func fill(_ index: Int64, _ next: Int64) -> Place {
    if let position = missing.firstIndex(where: { $0.index == index }) {
      missing.remove(at: position)
      return take(index, next)
    }
    guard let position = abandoned.firstIndex(of: index) else { return .duplicate }
    abandoned.remove(at: position)
    return .late
  }

  private mutating func take(_ index: Int64, _ next: Int64) -> Place {
    guard index == next else { return .ahead(index) }
    self.next = index + 1
    return .next
  }

  private mutating func grow() {
    var larger = [Packet?](repeating: nil, count: max(Self.firstCapacity, packets.count * 2))
    for packet in packets.indices {
      guard let kept = packets[packet] else { continue }
      larger[Int(index(of: kept.header.sequenceNumber)) & (larger.count - 1)] = kept
    }
    packets = larger
  }

  private func slot(_ index: Int64) -> Int {
    Int(truncatingIfNeeded: index) & (packets.count - 1)
  }
}
