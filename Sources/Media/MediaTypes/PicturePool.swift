// SPDX-License-Identifier: Apache-2.0
private import Synchronization

/// A few pictures of one layout from the heap, used again and again.
///
/// Memory is allocated when needed, and of what comes back one picture is kept: a pipeline that
/// keeps up has one, and one that has stumbled does not hold more for ever.
public final class PicturePool: PictureOwner {
  private struct State: Sendable {
    /// By slot; `nil` where none is allocated.
    var memories: [PictureMemory?] = []
    /// The slot whose memory waits to be used again.
    var spare: Int?
  }

  /// Where the planes of every picture lie.
  public let layout: PictureLayout
  private let state: Mutex<State>

  /// Creates a pool of at most `capacity` pictures.
  public init(_ layout: PictureLayout, capacity: Int = 4) {
    self.layout = layout
    state = Mutex(State(memories: Array(repeating: nil, count: capacity)))
  }

  /// A picture to write into, with whatever it held before, or zeros; `nil` while all are lent.
  public func take() -> PictureBuffer? {
    let taken: (slot: Int, memory: PictureMemory)? = state.withLock { state in
      if let slot = state.spare.take(), let memory = state.memories[slot] { return (slot, memory) }
      guard let slot = state.memories.firstIndex(where: { $0 == nil }) else { return nil }
      let memory = PictureMemory(byteCount: layout.byteCount)
      state.memories[slot] = memory
      return (slot, memory)
    }
    guard let taken else { return nil }
    return PictureBuffer(taken.memory, layout, slot: taken.slot, owner: self)
  }

  /// Takes back the picture lent as `slot`.
  public func takeBack(_ slot: Int) {
    state.withLock { state in
      guard state.spare != nil else {
        state.spare = slot
        return
      }
      // The picture that is going away has the last reference: nothing is freed under the lock.
      state.memories[slot] = nil
    }
  }
}
