// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// Names a timer of an event loop until it has fired or was cancelled.
public struct TimerID: Hashable, Sendable {
  fileprivate let slot: UInt32
  fileprivate let generation: UInt32
}

/// What is to run when: a binary heap over a table of slots.
///
/// Adding, moving and removing take time in the logarithm of the number of timers, and memory only
/// when there are more of them than ever before. Timers of the same instant fire in their order of
/// adding.
struct TimerHeap {
  private struct Slot {
    var generation: UInt32 = 0
    var place = -1
    var body: (() -> Void)?
  }

  private struct Item {
    var deadline: Timestamp
    var order: UInt64
    var slot: UInt32

    static func < (one: Item, other: Item) -> Bool {
      (one.deadline, one.order) < (other.deadline, other.order)
    }
  }

  private var items: [Item] = []
  private var slots: [Slot] = []
  private var free: [UInt32] = []
  private var order: UInt64 = 0

  /// How many timers there are.
  var count: Int { items.count }

  /// When the earliest one is due.
  var deadline: Timestamp? { items.first?.deadline }

  /// Adds a timer.
  mutating func add(at deadline: Timestamp, _ body: @escaping () -> Void) -> TimerID {
    let slot: UInt32
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = UInt32(slots.count)
      slots.append(Slot())
    }
    slots[Int(slot)].body = body
    slots[Int(slot)].place = items.count
    items.append(Item(deadline: deadline, order: nextOrder(), slot: slot))
    rise(from: items.count - 1)
    return TimerID(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Moves a timer to another instant; `false` when it has fired or was cancelled.
  mutating func move(_ id: TimerID, to deadline: Timestamp) -> Bool {
    guard let place = place(of: id) else { return false }
    items[place].deadline = deadline
    items[place].order = nextOrder()
    settle(place)
    return true
  }

  /// Takes a timer away unfired; `nil` when it has fired or was cancelled.
  mutating func remove(_ id: TimerID) -> (() -> Void)? {
    guard let place = place(of: id) else { return nil }
    return remove(at: place)
  }

  /// Takes the earliest timer away if it is due.
  mutating func popDue(at now: Timestamp) -> (() -> Void)? {
    guard let first = items.first, first.deadline <= now else { return nil }
    return remove(at: 0)
  }

  private mutating func nextOrder() -> UInt64 {
    order += 1
    return order
  }

  private func place(of id: TimerID) -> Int? {
    guard Int(id.slot) < slots.count else { return nil }
    let slot = slots[Int(id.slot)]
    guard slot.generation == id.generation, slot.place >= 0 else { return nil }
    return slot.place
  }

  private mutating func remove(at place: Int) -> (() -> Void)? {
    let slot = Int(items[place].slot)
    let body = slots[slot].body
    slots[slot].body = nil
    slots[slot].place = -1
    slots[slot].generation &+= 1
    free.append(UInt32(slot))
    let last = items.removeLast()
    if place < items.count {
      items[place] = last
      slots[Int(last.slot)].place = place
      settle(place)
    }
    return body
  }

  private mutating func settle(_ place: Int) {
    if place > 0, items[place] < items[(place - 1) / 2] {
      rise(from: place)
    } else {
      sink(from: place)
    }
  }

  private mutating func rise(from start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard items[place] < items[parent] else { return }
      exchange(place, parent)
      place = parent
    }
  }

  private mutating func sink(from start: Int) {
    var place = start
    while true {
      var least = place
      for child in (2 * place + 1)...(2 * place + 2)
      where child < items.count && items[child] < items[least] {
        least = child
      }
      guard least != place else { return }
      exchange(place, least)
      place = least
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int) {
    items.swapAt(one, other)
    slots[Int(items[one].slot)].place = one
    slots[Int(items[other].slot)].place = other
  }
}
