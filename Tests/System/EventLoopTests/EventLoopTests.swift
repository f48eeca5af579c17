// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing
import Wire

@testable import EventLoop

@Suite struct EventLoopTests {
  @Test func `fires timers in order and not before they are due`() throws {
    try runLoop { loop in
      let start = loop.now
      var fired: [Int] = []
      loop.schedule(at: start + .milliseconds(4)) {
        fired.append(2)
        #expect(fired == [0, 1, 2])
        #expect(loop.now - start >= .milliseconds(4))
        loop.stop()
      }
      loop.schedule(at: start + .milliseconds(2)) { fired.append(1) }
      let cancelled = loop.schedule(at: start + .milliseconds(1)) { fired.append(99) }
      let moved = loop.schedule(at: start + .seconds(60)) { fired.append(0) }
      #expect(loop.cancel(cancelled))
      #expect(!loop.cancel(cancelled))
      #expect(loop.reschedule(moved, at: start))
    }
  }

  @Test func `lets a timer that schedules itself at once starve nobody`() throws {
    try runLoop { loop in
      var count = 0
      func again() {
        count += 1
        loop.schedule(at: loop.now) { again() }
      }
      again()
      loop.post { loop.post { loop.post { loop.stop() } } }
    }
  }

  @Test func `runs what four threads post, each thread's in its order`() throws {
    let loop = try EventLoop()
    let seen = Mutex<[[Int]]>(Array(repeating: [], count: 4))
    let remaining = Atomic(4)
    for thread in 0..<4 {
      try startThread(name: "poster") {
        for number in 0..<5000 {
          loop.post {
            #expect(loop.isOnLoop)
            seen.withLock { $0[thread].append(number) }
          }
        }
        loop.post {
          let left = remaining.subtract(1, ordering: .relaxed).newValue
          if left == 0 { loop.stop() }
        }
      }
    }
    loop.run()
    seen.withLock { lists in
      for list in lists { #expect(list == Array(0..<5000)) }
    }
  }

  @Test func `does what was posted before it was told to stop, and can run again`() throws {
    let loop = try EventLoop()
    let count = Mutex(0)
    for _ in 0..<2 {
      loop.stop()
      loop.post { count.withLock { $0 += 1 } }
      loop.run()
    }
    #expect(count.withLock { $0 } == 2)
  }

  @Test func `answers many rings of a bell at once, and none too few`() throws {
    let loop = try EventLoop()
    let answers = Mutex(0)
    let signal = LoopSignal(on: loop) {
      answers.withLock { $0 += 1 }
      loop.stop()
    }
    for _ in 0..<100 { signal.trigger() }
    loop.run()
    #expect(answers.withLock { $0 } == 1)
    try startThread(name: "ringer") { signal.trigger() }
    loop.run()
    #expect(answers.withLock { $0 } == 2)
  }

  @Test func `knows its thread`() async throws {
    let loop = try EventLoop.start(name: "known")
    #expect(!loop.isOnLoop)
    #expect(loop.isIsolatingCurrentContext() == false)
    let isOnLoop = await withCheckedContinuation { continuation in
      loop.post { continuation.resume(returning: loop.isOnLoop) }
    }
    #expect(isOnLoop)
    #expect(threadNames().contains("known"))
    loop.stop()
  }

  @Test func `tells the time of the monotonic clock and of the day`() throws {
    let loop = try EventLoop()
    let first = loop.now
    #expect(loop.now >= first)
    // Later than 2025, earlier than 2100.
    let seconds = loop.wallClock.unixNanoseconds / 1_000_000_000
    #expect((1_735_689_600..<4_102_444_800).contains(seconds))
  }
}
