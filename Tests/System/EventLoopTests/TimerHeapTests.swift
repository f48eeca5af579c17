// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@testable import EventLoop

@Suite struct TimerHeapTests {
  @Test func `fires in the order of deadlines, then of adding`() {
    var random = RandomSource.seeded(7)
    var heap = TimerHeap()
    var expected: [(Int64, Int)] = []
    var fired: [Int] = []
    for index in 0..<1000 {
      let deadline = Int64.random(in: 0..<100, using: &random)
      expected.append((deadline, index))
      _ = heap.add(at: Timestamp(nanoseconds: deadline)) { fired.append(index) }
    }
    expected.sort { ($0.0, $0.1) < ($1.0, $1.1) }
    while let body = heap.popDue(at: Timestamp(nanoseconds: 100)) { body() }
    #expect(fired == expected.map(\.1))
    #expect(heap.count == 0)
  }

  @Test func `keeps its order through moves and removals`() {
    var random = RandomSource.seeded(11)
    var heap = TimerHeap()
    var model: [Int: (deadline: Int64, order: Int)] = [:]
    var ids: [Int: TimerID] = [:]
    var fired: [Int] = []
    for step in 0..<5000 {
      let deadline = Int64.random(in: 0..<1000, using: &random)
      let when = Timestamp(nanoseconds: deadline)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        ids[step] = heap.add(at: when) { fired.append(step) }
        model[step] = (deadline, step)
      case 2:
        guard let victim = model.keys.min(by: { $0 % 97 < $1 % 97 }) else { continue }
        model[victim] = nil
        let body = ids[victim].flatMap { heap.remove($0) }
        #expect(body != nil)
      default:
        guard let moved = model.keys.max(by: { $0 % 89 < $1 % 89 }) else { continue }
        model[moved] = (deadline, step)
        let isMoved = ids[moved].map { heap.move($0, to: when) }
        #expect(isMoved == true)
      }
      #expect(heap.deadline?.nanoseconds == model.values.map(\.deadline).min())
    }
    while let body = heap.popDue(at: .distantFuture) { body() }
    let expected = model.sorted {
      ($0.value.deadline, $0.value.order) < ($1.value.deadline, $1.value.order)
    }
    #expect(fired == expected.map(\.key))
  }

  @Test func `does not know a timer that has gone, even when its slot is used again`() {
    var heap = TimerHeap()
    var found: (() -> Void)?
    let first = heap.add(at: .zero) {}
    found = heap.remove(first)
    #expect(found != nil)
    let second = heap.add(at: .zero) {}
    found = heap.remove(first)
    #expect(found == nil)
    let isMoved = heap.move(first, to: .distantFuture)
    #expect(!isMoved)
    found = heap.popDue(at: .zero)
    #expect(found != nil)
    found = heap.remove(second)
    #expect(found == nil)
  }

  @Test func `is not due before its time`() {
    var heap = TimerHeap()
    var found: (() -> Void)?
    _ = heap.add(at: Timestamp(nanoseconds: 5)) {}
    found = heap.popDue(at: Timestamp(nanoseconds: 4))
    #expect(found == nil)
    found = heap.popDue(at: Timestamp(nanoseconds: 5))
    #expect(found != nil)
  }
}
