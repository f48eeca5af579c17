// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Synchronization
import Testing
import Wire

@testable import Capture

struct SoundThreadTests {
  /// What a thread told and delivered.
  final class Journal: Sendable {
    let told = Mutex<[SoundThread.Status]>([])
    let blocks = Mutex<[SoundBlock]>([])
    private let arrival = Wakeup()

    func tell(_ status: SoundThread.Status) {
      told.withLock { $0.append(status) }
      arrival.signal()
    }

    func take(_ block: SoundBlock) {
      blocks.withLock { $0.append(block) }
      arrival.signal()
    }

    /// Waits until `condition` holds.
    func wait(until condition: (Journal) -> Bool) {
      while !condition(self) { arrival.wait() }
    }
  }

  @Test(arguments: [1, 2])
  func `the test microphone delivers its tone in real time`(_ channels: Int) throws {
    let journal = Journal()
    let began = MediaClock.now
    let thread = try SoundThread(
      capturing: .test,
      channelCount: channels,
      deliver: { journal.take($0) },
      report: { journal.tell($0) }
    )
    journal.wait { $0.blocks.withLock { $0.count } >= 60 }
    thread.stop()
    #expect(MediaClock.now - began > .milliseconds(590))
    let blocks = journal.blocks.withLock { $0 }
    var meter = SoundMeter()
    for (before, after) in zip(blocks, blocks.dropFirst()) where after.position > before.position {
      let frames = Int(after.position - before.position)
      #expect(after.time - before.time == SoundBlock.duration(of: frames))
    }
    for block in blocks {
      #expect(block.channelCount == channels)
      #expect(block.frameCount == 480)
      meter.hear(block)
    }
    #expect(abs((meter.reading?.level ?? 0) + 20) < 0.01)
    #expect(journal.told.withLock { $0 } == [.started])
    let statistics = thread.statistics
    #expect(statistics.frames == UInt64(480 * blocks.count))
    #expect(statistics.openings == 1)
  }

  @Test func `the test speaker measures what it is given`() throws {
    let journal = Journal()
    let tone = Mutex(TestTone(at: .distantPast))
    let thread = try SoundThread(
      playing: .test,
      fill: { block in
        #expect(block.samples.allSatisfy { $0 == 0 })
        tone.withLock { $0.read(into: &block, at: .distantPast) }
        journal.take(block)
      },
      report: { journal.tell($0) }
    )
    journal.wait { $0.blocks.withLock { $0.count } >= 60 }
    thread.stop()
    let reading = try #require(thread.statistics.reading)
    #expect(abs(reading.frequency - 1000) < 0.1)
    #expect(abs((reading.level ?? 0) + 20) < 0.01)
  }

  @Test func `a device that is not there is told once, and tried again until stopped`() throws {
    let journal = Journal()
    let thread = try SoundThread(
      capturing: .device(name: "hw:CARD=NoSuchCard,DEV=0"),
      deliver: { journal.take($0) },
      report: { journal.tell($0) }
    )
    journal.wait { $0.told.withLock { !$0.isEmpty } }
    thread.stop()
    let told = journal.told.withLock { $0 }
    #expect(told.count == 1)
    guard case .failed(let error, let willRetry) = told.first else {
      Issue.record("\(told)")
      return
    }
    #expect([.deviceMissing, .libraryMissing].contains(error.reason))
    #expect(willRetry == (error.reason == .deviceMissing))
    #expect(error.description.hasPrefix("microphone hw:CARD=NoSuchCard,DEV=0 "))
    #expect(journal.blocks.withLock { $0 }.isEmpty)
  }

  @Test func `no microphone is waited with, and can be stopped`() throws {
    let journal = Journal()
    let thread = try SoundThread(
      capturing: .none,
      deliver: { journal.take($0) },
      report: { journal.tell($0) }
    )
    thread.stop()
    #expect(journal.told.withLock { $0 } == [])
    #expect(thread.statistics == SoundStatistics())
  }
}
