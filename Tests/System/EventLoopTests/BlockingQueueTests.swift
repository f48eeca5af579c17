// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct BlockingQueueTests {
  @Test func `does one piece of work after another, on a thread of its own`() async {
    let queue = BlockingQueue(name: "test-errands")
    let names = await queue.run { threadNames() }
    #expect(names?.contains("test-errands") == true)
    let seen = Shared<[Int]>([])
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          let value = await queue.run { () -> Int in
            seen.value.withLock { $0.append(number) }
            return number
          }
          #expect(value == number)
        }
      }
    }
    #expect(seen.value.withLock { $0.sorted() } == Array(0..<20))
  }

  @Test func `has no thread while there is nothing to do`() async {
    let queue = BlockingQueue(name: "test-gone")
    #expect(await queue.run { 1 } == 1)
    // It ends behind its last piece of work; the test's time limit ends the wait.
    while threadNames().contains("test-gone") { usleep(1_000) }
    #expect(await queue.run { 2 } == 2)
  }

  @Test func `threads that end as soon as they began do no harm`() async {
    let queue = BlockingQueue(name: "test-short")
    for number in 0..<3_000 { #expect(await queue.run { number } == number) }
  }

  @Test func `takes no more than its limit`() async {
    let queue = BlockingQueue(name: "test-full")
    let isOpen = Shared(false)
    let answers = await withTaskGroup(of: Int?.self) { group in
      for number in 0..<(BlockingQueue.limit * 2) {
        group.addTask {
          await queue.run { () -> Int in
            while !isOpen.value.withLock({ $0 }) { usleep(500) }
            return number
          }
        }
      }
      // Those that find no room are answered at once; only then are the others let go.
      var answers: [Int?] = []
      for await answer in group {
        answers.append(answer)
        if answer == nil { isOpen.value.withLock { $0 = true } }
      }
      return answers
    }
    let done = answers.count { $0 != nil }
    #expect(done >= BlockingQueue.limit)
    #expect(done < BlockingQueue.limit * 2)
  }
}
