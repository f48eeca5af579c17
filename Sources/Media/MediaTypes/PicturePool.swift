// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// A few pictures of one layout from the heap, used again and again.
///
/// Memory is allocated when first needed: a pipeline that keeps up never touches the last one.
public final class PicturePool: PictureOwner {
  private struct State: Sendable {
    var memories: [PictureMemory] = []
    var free: [Int] = []
  }

  /// Where the planes of every picture lie.
  public let layout: PictureLayout
  private let capacity: Int
  private let state = Mutex(State())

  /// Creates a pool of at most `capacity` pictures.
  public init(_ layout: PictureLayout, capacity: Int = 4) {
    self.layout = layout
    self.capacity = capacity
  }

  /// A picture to write into, with whatever it held before; `nil` while all are lent.
  public func take() -> PictureBuffer? {
    let taken: (slot: Int, memory: PictureMemory)? = state.withLock { state in
      if let slot = state.free.popLast() { return (slot, state.memories[slot]) }
      guard state.memories.count < capacity else { return nil }
      let memory = PictureMemory(byteCount: layout.byteCount)
      state.memories.append(memory)
      state.free.reserveCapacity(capacity)
      return (state.memories.count - 1, memory)
    }
    guard let taken else { return nil }
    return PictureBuffer(taken.memory, layout, slot: taken.slot, owner: self)
  }

  /// Takes back the picture lent as `slot`.
  public func takeBack(_ slot: Int) {
    state.withLock { $0.free.append(slot) }
  }
}
