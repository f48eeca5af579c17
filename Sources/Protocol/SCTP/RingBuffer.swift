// SPDX-License-Identifier: Apache-2.0

/// A queue with access by index whose storage is used again: both ends in constant time.
struct RingBuffer<Element: Sendable>: Sendable {
  /// How many elements there are.
  private(set) var count = 0
  private var storage: [Element] = []
  private var head = 0
  /// Stands where no element is, so that nothing is kept alive.
  private let filler: Element

  /// Creates an empty queue; `filler` is any element that owns nothing.
  init(filler: Element) {
    self.filler = filler
  }

  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : storage[head] }

  /// The element `index` places behind the first; out of range is a bug of the caller.
  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "beyond the queue")
      return storage[(head &+ index) & (storage.count &- 1)]
    }
    _modify {
      precondition(index >= 0 && index < count, "beyond the queue")
      yield &storage[(head &+ index) & (storage.count &- 1)]
    }
  }

  /// Appends at the end.
  mutating func append(_ element: Element) {
    if count == storage.count { grow() }
    storage[(head &+ count) & (storage.count &- 1)] = element
    count &+= 1
  }

  /// Takes the first out.
  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = storage[head]
    storage[head] = filler
    head = (head &+ 1) & (storage.count &- 1)
    count &-= 1
    // A burst of long ago does not keep its memory.
    if count == 0, storage.count > 256 { storage = [] }
    if count == 0 { head = 0 }
    return element
  }

  /// Takes all out.
  mutating func removeAll() {
    self = RingBuffer(filler: filler)
  }

  private mutating func grow() {
    var larger: [Element] = []
    let capacity = Swift.max(8, storage.count * 2)
    larger.reserveCapacity(capacity)
    for index in 0..<count { larger.append(self[index]) }
    for _ in count..<capacity { larger.append(filler) }
    storage = larger
    head = 0
  }
}
