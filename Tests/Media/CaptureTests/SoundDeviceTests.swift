// SPDX-License-Identifier: Apache-2.0
import Glibc
import MediaTypes
import Synchronization
import Testing
import Wire

@testable import Capture

/// Whether this runs in the guest whose only sound card is the kernel's loop.
private let isGuest =
  unsafe getenv("PORTHOLE_TEST_SOUND").map { unsafe String(cString: $0) } == "loopback"

/// The kernel's sound card whose speaker is wired to its microphone (snd-aloop).
///
/// They run where `PORTHOLE_TEST_SOUND` is `loopback`: `board/uml` boots such a guest.
@Suite(.enabled(if: isGuest), .serialized)
struct SoundDeviceTests {
  typealias Journal = SoundThreadTests.Journal

  private static let speaker = "hw:CARD=Loopback,DEV=0,SUBDEV=0"
  private static let microphone = "hw:CARD=Loopback,DEV=1,SUBDEV=0"
  private static let driver = "/sys/bus/platform/drivers/snd_aloop/"

  private func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "w") else { return }
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  /// Plays the tone into the card.
  private func player(channels: Int = 1) throws -> SoundThread {
    let tone = Mutex(TestTone(at: .distantPast))
    return try SoundThread(
      playing: .device(name: Self.speaker),
      channelCount: channels,
      fill: { block in tone.withLock { $0.read(into: &block, at: .distantPast) } },
      report: { _ in }
    )
  }

  private func recorder(_ journal: Journal, channels: Int = 1) throws -> SoundThread {
    try SoundThread(
      capturing: .device(name: Self.microphone),
      channelCount: channels,
      deliver: { journal.take($0) },
      report: { journal.tell($0) }
    )
  }

  /// Waits until a reading of half a second is the tone's.
  private func expectTone(_ thread: SoundThread, _ journal: Journal) {
    journal.wait { _ in
      guard let reading = thread.statistics.reading, let level = reading.level else { return false }
      return abs(reading.frequency - 1000) < 1 && abs(level + 20) < 0.1
    }
  }

  @Test func `lists the card's devices with rates and channels`() {
    let found = SoundDevice.all()
    #expect(
      found.map(\.name) == [0, 0, 1, 1].map { "plughw:CARD=Loopback,DEV=\($0)" }
    )
    #expect(found.map(\.direction) == [.playback, .capture, .playback, .capture])
    #expect(found.allSatisfy { $0.rates?.contains(48_000) == true })
    #expect(found.allSatisfy { $0.channelCounts?.contains(2) == true })
  }

  @Test(arguments: [1, 2])
  func `what is played is captured at its frequency and level, dated by the driver`(
    _ channels: Int
  ) throws {
    let journal = Journal()
    let player = try player(channels: channels)
    let recorder = try recorder(journal, channels: channels)
    expectTone(recorder, journal)
    let count = journal.blocks.withLock { $0.count }
    journal.wait { $0.blocks.withLock { $0.count } >= count + 100 }
    let newest = try #require(journal.blocks.withLock { $0.last })
    let age = MediaClock.now - newest.time
    recorder.stop()
    player.stop()
    #expect((.zero...Duration.milliseconds(400)).contains(age), "\(age)")
    let blocks = journal.blocks.withLock { $0.suffix(100) }
    for (before, after) in zip(blocks, blocks.dropFirst()) {
      #expect(after.position == before.position + 480)
      #expect(after.time > before.time)
    }
    #expect(recorder.statistics.undated == 0)
    #expect(recorder.statistics.period == 480)
    #expect(player.statistics.buffer <= 1440)
  }

  @Test func `a card of another rate and more channels is converted`() throws {
    // A card that plays 44.1 kHz stereo makes its microphone the same.
    var bytes: [UInt8] = []
    for frame in 0..<44_100 * 8 {
      let sample = Int16((3276.8 * sin(2 * .pi * 1000 * Double(frame) / 44_100)).rounded())
      for _ in 0..<2 {
        bytes.append(UInt8(truncatingIfNeeded: sample))
        bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
      }
    }
    guard let file = unsafe fopen("/tmp/tone.raw", "w") else {
      throw SoundError(.capture, "/tmp", .deviceMissing)
    }
    _ = unsafe fwrite(bytes, 1, bytes.count, file)
    unsafe fclose(file)
    let aplay =
      "aplay -q -D \(Self.speaker) -t raw -f S16_LE -r 44100 -c 2 /tmp/tone.raw & echo $! >/tmp/aplay"
    let status = "/proc/asound/Loopback/pcm0p/sub0/hw_params"
    unsafe system("\(aplay); while ! grep -q 44100 \(status); do :; done")
    let journal = Journal()
    let recorder = try recorder(journal)
    expectTone(recorder, journal)
    recorder.stop()
    unsafe system("kill $(cat /tmp/aplay); while ! grep -q closed \(status); do :; done")
  }

  @Test func `says that another has the card, and takes it when it is free`() throws {
    let first = Journal()
    let second = Journal()
    let owner = try recorder(first)
    first.wait { $0.told.withLock { !$0.isEmpty } }
    let waiting = try recorder(second)
    second.wait { $0.told.withLock { !$0.isEmpty } }
    let busy = SoundError(.capture, Self.microphone, .deviceBusy)
    #expect(second.told.withLock { $0 } == [.failed(busy, willRetry: true)])
    owner.stop()
    second.wait { $0.told.withLock { $0.contains(.started) } }
    waiting.stop()
  }

  @Test func `sound lost by a late reader is counted, and leaves a gap of time`() throws {
    let journal = Journal()
    let isLate = Mutex(true)
    let recorder = try SoundThread(
      capturing: .device(name: Self.microphone),
      deliver: { block in
        let pauses = isLate.withLock { isLate in
          defer { isLate = isLate && block.position < 4800 }
          return isLate && block.position >= 4800
        }
        let end = MediaClock.now + .milliseconds(600)
        while pauses, MediaClock.now < end { sched_yield() }
        journal.take(block)
      },
      report: { journal.tell($0) }
    )
    journal.wait { $0.blocks.withLock { $0.count } >= 100 }
    recorder.stop()
    #expect(recorder.statistics.interruptions >= 1)
    let blocks = journal.blocks.withLock { $0 }
    let lengths = zip(blocks, blocks.dropFirst()).map { $1.time - $0.time }
    #expect((lengths.max() ?? .zero) > .milliseconds(200))
  }

  @Test func `an unplugged card is told, and comes back by itself`() throws {
    let journal = Journal()
    let recorder = try recorder(journal)
    let gone = SoundThread.Status.failed(
      SoundError(.capture, Self.microphone, .deviceGone),
      willRetry: true
    )
    for round in 1...2 {
      journal.wait { $0.told.withLock { $0.count { $0 == .started } } >= round }
      write("snd_aloop.0", to: Self.driver + "unbind")
      journal.wait { $0.told.withLock { $0.count { $0 == gone } } >= round }
      write("snd_aloop.0", to: Self.driver + "bind")
    }
    journal.wait { $0.told.withLock { $0.count { $0 == .started } } >= 3 }
    let player = try player()
    expectTone(recorder, journal)
    recorder.stop()
    player.stop()
    #expect(recorder.statistics.openings == 3)
  }

  @Test func `a microphone that gives nothing but zeros is told, until it gives sound`() throws {
    let journal = Journal()
    let recorder = try recorder(journal)
    journal.wait { $0.told.withLock { $0.contains(.silent) } }
    #expect(recorder.statistics.frames >= SoundThread.silence)
    let player = try player()
    journal.wait { $0.told.withLock { $0.last } == .started }
    player.stop()
    recorder.stop()
    #expect(journal.told.withLock { $0 } == [.started, .silent, .started])
  }
}
