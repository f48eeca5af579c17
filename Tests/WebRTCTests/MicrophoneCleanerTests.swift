// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import Sound
import Testing
import Wire
@testable import WebRTC

@Suite struct MicrophoneCleanerTests {
  /// A loudspeaker that plays noise 20 ms after it is told to, and a microphone that hears it 1 ms later.
  private struct Room {
    let tap = SpeakerTap()
    private var random = RandomSource.seeded(1)
    private var played = [Int16](repeating: 0, count: 1_008)
    private var step = 0

    /// What the microphone captures next: the echo times 1/2 on the one side, -1/4 on the other.
    mutating func next(channelCount: Int) -> SoundBlock {
      while played.count < 1_008 + (step + 2) * 480 {
        var block = SoundBlock(frameCount: 480, channelCount: 1)
        let begun = (played.count - 1_008) / 480
        block.time = .zero + .milliseconds(20) + .milliseconds(10) * begun
        for index in block.samples.indices {
          block.samples[index] = .random(in: -8_000...8_000, using: &random)
        }
        tap.play(block)
        played += block.samples
      }
      var captured = SoundBlock(frameCount: 480, channelCount: channelCount)
      captured.position = UInt64(480 * step)
      captured.time = .zero + .milliseconds(10) * step
      for index in captured.samples.indices {
        let echo = played[480 * step + index / channelCount]
        captured.samples[index] = index % channelCount == 0 ? echo / 2 : -(echo / 4)
      }
      step += 1
      return captured
    }
  }

  private func energy(_ block: SoundBlock, _ channel: Int) -> Double {
    stride(from: channel, to: block.samples.count, by: block.channelCount)
      .reduce(0) { $0 + Double(block.samples[$1]) * Double(block.samples[$1]) }
  }

  @Test(arguments: [1, 2])
  func `what the loudspeaker plays is taken out of every channel`(_ channelCount: Int) {
    let cleaner = MicrophoneCleaner()
    var room = Room()
    cleaner.hear(room.tap, of: nil)
    cleaner.cleaning = SoundCleaning(echo: .cancel)
    for _ in 0..<300 { _ = cleaner.clean(room.next(channelCount: channelCount)) }
    var (captured, left) = ([0.0, 0.0], [0.0, 0.0])
    for _ in 0..<100 {
      let block = room.next(channelCount: channelCount)
      let cleaned = cleaner.clean(block)
      #expect(cleaned.channelCount == channelCount && cleaned.position == block.position)
      #expect(cleaned.time == block.time - .milliseconds(10))
      for channel in 0..<channelCount {
        captured[channel] += energy(block, channel)
        left[channel] += energy(cleaned, channel)
      }
    }
    for channel in 0..<channelCount { #expect(left[channel] < captured[channel] / 300) }
    let echo = cleaner.reading.echo
    #expect((echo.left ?? 1) < 0.01)
    // Half of the amplitude is a quarter of the energy.
    #expect(((echo.returned ?? 0) - 0.25).magnitude < 0.05)
    // 1 ms of way, and the 10 ms by which what was played is ahead.
    #expect((510...545).contains(echo.delay ?? 0), "\(String(describing: echo.delay))")
    #expect(cleaner.cards?.moves == 1 && cleaner.cards?.drift == 0)
    #expect(cleaner.reading.busy > .zero)
    cleaner.cleaning.echo = .off
    let block = room.next(channelCount: channelCount)
    #expect(cleaner.clean(block) == block)
    #expect(cleaner.reading.echo.left == nil)
  }

  @Test func `without a loudspeaker, and until told, nothing is done`() {
    let cleaner = MicrophoneCleaner()
    var room = Room()
    let first = room.next(channelCount: 1)
    #expect(cleaner.clean(first) == first)
    cleaner.cleaning = SoundCleaning(echo: .cancel)
    let second = room.next(channelCount: 1)
    #expect(cleaner.clean(second) == second)
    #expect(cleaner.cards == nil)
    cleaner.cleaning.suppressesNoise = true
    let third = room.next(channelCount: 1)
    #expect(cleaner.clean(third) != third)
  }

  @Test func `a microphone that is gone, or hears no more, leaves nothing at the loudspeaker`()
    async throws
  {
    let studio = try await Studio.make()
    await studio.perform { _ in
      let speaker = Loudspeaker(.test, on: studio.loop)
      weak var first: SpeakerTap?
      weak var second: SpeakerTap?
      do {
        let cleaner = MicrophoneCleaner()
        let (one, two) = (SpeakerTap(), SpeakerTap())
        (first, second) = (one, two)
        cleaner.hear(one, of: speaker)
        cleaner.hear(two, of: speaker)
        #expect(cleaner.speaker === speaker)
      }
      speaker.close()
      #expect(first == nil && second == nil)
    }
    await studio.close()
  }

  @Test func `a microphone beside a loudspeaker tells what is known of the echo`() async throws {
    let studio = try await Studio.make()
    let speaker = await studio.perform { _ in Loudspeaker(.test, on: studio.loop) }
    let source = try await studio.perform { _ in try AudioSource(.test, on: studio.loop) }
    await studio.perform { _ in
      #expect(source.cleaning == SoundCleaning() && source.loudspeaker == nil)
      #expect(source.cleaningFacts == AudioSource.CleaningFacts())
      source.loudspeaker = speaker
      source.cleaning = SoundCleaning(echo: .cancel, suppressesNoise: true)
    }
    #expect(await studio.wait { _ in source.cleaningFacts.totalCleaningTime > 0 })
    let facts = await studio.perform { _ in source.cleaningFacts }
    // Nobody talks: there is no echo.
    #expect(facts.echoReturnLossEnhancement == nil && facts.echoDelay == nil)
    #expect(facts.clockDrift != nil)
    await studio.perform { _ in
      source.close()
      speaker.close()
    }
    await studio.close()
  }
}
