// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import EventLoop

private struct Session: ~Copyable {
  var steps = 0
}

@Suite struct OffloadTests {
  @Test func `answers what the worker has found out, in order, from one thread`() async throws {
    let loop = try EventLoop.start()
    #expect(await loop.offload { loop.isOnLoop } == false)
    let order = Shared<[Int]>([])
    await withTaskGroup { group in
      for number in 0..<1000 {
        group.addTask {
          let square = await loop.offload {
            order.value.withLock { $0.append(number) }
            return number * number
          }
          #expect(square == number * number)
        }
      }
    }
    #expect(order.value.withLock { $0.sorted() } == Array(0..<1000))
    loop.stop()
  }

  @Test func `calls back on the loop`() throws {
    try runLoop { loop in
      let worked = Mutex(false)
      let isTaken = loop.offload {
        #expect(!loop.isOnLoop)
        worked.withLock { $0 = true }
      } then: {
        #expect(loop.isOnLoop)
        #expect(worked.withLock { $0 })
        loop.stop()
      }
      #expect(isTaken)
    }
  }

  @Test func `lends a noncopyable value and gets it back changed`() throws {
    try runLoop { loop in
      let refused = loop.lend(Session(steps: 1)) { session in
        session.steps += 1
      } then: { session in
        #expect(session.steps == 2)
        loop.stop()
      }
      let isRefused = refused != nil
      #expect(!isRefused)
    }
  }

  @Test func `refuses work beyond its limit and gives back what was lent`() throws {
    try runLoop { loop in
      let gate = Mutex(0)
      var taken = 0
      var completed = 0
      gate.withLock { _ in
        // The first piece waits at the gate; at most one is out of the queue meanwhile.
        for _ in 0..<Worker.limit + 2 {
          let isTaken = loop.offload {
            gate.withLock { $0 += 1 }
          } then: {
            completed += 1
            if completed == taken { loop.stop() }
          }
          if isTaken { taken += 1 }
        }
        let refused = loop.lend(Session(steps: 7), to: { $0.steps = 0 }, then: { _ in })
        let isWhole =
          switch refused {
          case .some(let session): session.steps == 7
          case nil: false
          }
        #expect(isWhole)
      }
      #expect((Worker.limit...Worker.limit + 1).contains(taken))
    }
  }
}
