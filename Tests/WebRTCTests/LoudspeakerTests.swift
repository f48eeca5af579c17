// SPDX-License-Identifier: Apache-2.0
import Capture
import Testing
@testable import WebRTC

@Suite(.timeLimit(.minutes(2))) struct LoudspeakerTests {
  @Test
  func `who talks is heard at the level and the pitch of the microphone, one after the other`()
    async throws
  {
    let studio = try await Studio.make()
    let source = try await studio.perform { _ in try AudioSource(.test, on: studio.loop) }
    let other = try await studio.makeNetwork()
    let speaker = await studio.perform { _ in Loudspeaker(.test, on: studio.loop) }
    #expect(await studio.perform { _ in CaptureDevices.of(studio.loop).loudspeaker === speaker })
    let first = try await studio.call(source, to: other)
    let second = try await studio.call(source, to: other)
    await studio.perform { _ in
      speaker.add(first.track, as: "first")
      speaker.add(second.track, as: "second")
      speaker.request("first")
      speaker.request("second")
      speaker.request("second")
    }
    #expect(await studio.perform { _ in speaker.talkers } == ["first"])
    #expect(await studio.perform { _ in speaker.waiting } == ["second"])
    let isHeard = await studio.wait { _ in
      let facts = speaker.facts
      guard let frequency = facts.frequency, let level = facts.level else { return false }
      return abs(frequency - 1000) < 3 && abs(level + 20) < 1
    }
    let facts = await studio.perform { _ in speaker.facts }
    #expect(isHeard, "\(facts)")
    #expect(facts.talkers.map(\.id) == ["first"])
    #expect(facts.samplesPlayed > 0 && facts.totalDecodeTime > 0)
    await studio.perform { _ in speaker.release("first") }
    #expect(await studio.perform { _ in speaker.talkers } == ["second"])
    #expect(
      await studio.wait { _ in speaker.facts.talkers.first?.totalSamplesReceived ?? 0 > 48_000 }
    )
    await studio.perform { _ in speaker.remove("second") }
    // The card is let go of when nobody talks.
    #expect(await studio.wait { _ in speaker.facts.level == nil })
    #expect(await studio.perform { _ in speaker.problem } == nil)
    for call in [first, second] { await call.close() }
    await studio.perform { _ in
      speaker.close()
      source.close()
    }
    await studio.close()
  }

  @Test func `who says nothing loses his turn`() async throws {
    let studio = try await Studio.make()
    let speaker = await studio.perform { _ in
      var configuration = Loudspeaker.Configuration()
      configuration.longestSilence = .milliseconds(200)
      return Loudspeaker(.test, configuration: configuration, on: studio.loop)
    }
    await studio.perform { _ in
      speaker.request("silent")
      speaker.request("next")
    }
    #expect(await studio.wait { _ in speaker.talkers == ["next"] })
    #expect(await studio.wait { _ in speaker.talkers == [] })
    await studio.perform { _ in speaker.close() }
    await studio.close()
  }

  @Test func `a loudspeaker that is not there is told in words`() async throws {
    let studio = try await Studio.make()
    let speaker = await studio.perform { _ in
      Loudspeaker(.device(name: "hw:CARD=NoSuchCard,DEV=0"), on: studio.loop)
    }
    #expect(await studio.wait { _ in speaker.problem != nil })
    let problem = await studio.perform { _ in speaker.problem } ?? ""
    #expect(problem.utf8.starts(with: "speaker hw:CARD=NoSuchCard,DEV=0 ".utf8), "\(problem)")
    await studio.perform { _ in speaker.close() }
    await studio.close()
  }
}
