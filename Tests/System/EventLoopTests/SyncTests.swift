// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Testing

private enum Refusal: Error, Equatable {
  case refused(Int)
}

@Suite struct SyncTests {
  @Test func `runs on the loop's thread and answers what it found there`() throws {
    let loop = try EventLoop.start()
    #expect(!loop.isOnLoop)
    #expect(loop.sync { loop.isOnLoop })
    // From the loop itself it is an ordinary call.
    #expect(loop.sync { loop.sync { loop.isOnLoop } })
    loop.stop()
  }

  @Test func `throws what its body throws`() throws {
    let loop = try EventLoop.start()
    #expect(throws: Refusal.refused(7)) {
      try loop.sync { () throws(Refusal) in throw .refused(7) }
    }
    #expect(loop.sync { 8 } == 8)
    loop.stop()
  }

  @Test func `serves many callers, one after another`() async throws {
    let loop = try EventLoop.start()
    // Only the loop's thread touches it: that is what is tested.
    final class Counter: @unchecked Sendable { var count = 0 }
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<500 { loop.sync { counter.count += 1 } }
        }
      }
    }
    #expect(loop.sync { counter.count } == 2000)
    loop.stop()
  }

  @Test func `waits for a loop that is about to run`() async throws {
    let loop = try EventLoop.start()
    // The new thread may not have come to run it yet.
    #expect(loop.sync { loop.isOnLoop })
    loop.stop()
  }

  @Test func `a caller stands in for a loop that has been stopped`() async throws {
    let loop = try EventLoop.start()
    final class Counter: @unchecked Sendable { var count = 0 }
    let counter = Counter()
    await withTaskGroup { group in
      for number in 0..<4 {
        group.addTask {
          for step in 0..<500 {
            if number == 0, step == 100 { loop.stop() }
            let isOnLoop = loop.sync {
              counter.count += 1
              return loop.isOnLoop
            }
            #expect(isOnLoop)
          }
        }
      }
    }
    #expect(!loop.isOnLoop)
    #expect(loop.sync { loop.sync { counter.count } } == 2000)
  }
}
