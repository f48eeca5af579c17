// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Synchronization
import Testing

struct LatestFrameTests {
  /// Tells when it goes.
  struct Letter: ~Copyable, Sendable {
    let number: Int
    let gone: Gone

    deinit { gone.numbers.withLock { $0.append(number) } }
  }

  final class Gone: Sendable {
    let numbers = Mutex<[Int]>([])
  }

  @Test func `the newest frame wins and the older one goes back at once`() throws {
    let gone = Gone()
    let box = LatestFrame<Letter>()
    box.publish(Letter(number: 1, gone: gone))
    box.publish(Letter(number: 2, gone: gone))
    #expect(gone.numbers.withLock { $0 } == [1])
    #expect(box.replaced == 1)
    let taken = try required(box.next())
    #expect(taken.number == 2)
  }

  @Test func `closing gives back what is inside and ends the wait`() {
    let gone = Gone()
    let box = LatestFrame<Letter>()
    box.publish(Letter(number: 1, gone: gone))
    box.close()
    #expect(gone.numbers.withLock { $0 } == [1])
    let taken = box.next()
    #expect((taken == nil) == true)
    box.publish(Letter(number: 2, gone: gone))
    #expect(gone.numbers.withLock { $0 } == [1, 2])
  }

  @Test func `a thread that waits gets every frame that nobody replaced, and then the end`() throws
  {
    let gone = Gone()
    let box = LatestFrame<Letter>()
    let taken = Gone()
    let isLast = Wakeup()
    let thread = try required(
      MediaThread(name: "taker") {
        while let letter = box.next() {
          let number = letter.number
          taken.numbers.withLock { $0.append(number) }
          if number == 1000 { isLast.signal() }
        }
      }
    )
    for number in 1...1000 { box.publish(Letter(number: number, gone: gone)) }
    isLast.wait()
    box.close()
    thread.join()
    let numbers = taken.numbers.withLock { $0 }
    #expect(numbers == numbers.sorted())
    #expect(UInt64(numbers.count) + box.replaced == 1000)
    #expect(gone.numbers.withLock { $0.count } == 1000)
  }
}
