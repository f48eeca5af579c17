// SPDX-License-Identifier: Apache-2.0
@testable import Capture
import Codecs
import Testing

@testable import WebRTC

@Suite struct LocalMicrophoneTests {
  private func microphone(_ channels: ClosedRange<Int>?) -> LocalMicrophone {
    LocalMicrophone(
      SoundDevice(
        card: "NoSuchCard",
        number: 0,
        label: "Headset",
        direction: .capture,
        rates: 44_100...44_100,
        channelCounts: channels
      )
    )
  }

  @Test(
    arguments: [
      (nil, [1]), (1...1, [1]), (1...2, [1, 2]), (2...2, [1, 2]), (1...8, [1, 2]),
    ] as [(ClosedRange<Int>?, [Int])]
  )
  func `offers mono without echo first, and stereo where the card has it`(
    _ channels: ClosedRange<Int>?,
    _ offered: [Int]
  ) {
    let device = microphone(channels)
    let modes = device.modes(for: .init())
    #expect(modes.map(\.channelCount) == offered.flatMap { [$0, $0] })
    #expect(modes.map(\.cancelsEcho) == offered.flatMap { _ in [true, false] })
    #expect(device.capabilities.channelCount?.max == offered.last)
    #expect(device.capabilities.sampleRate?.min == 48_000)
    #expect(device.capabilities.echoCancellation == [false, true])
    #expect(LocalMicrophone.testTone.capabilities.echoCancellation == [false])
    #expect(device.capabilities.width == nil)
  }

  @Test func `is called what ALSA calls it, and grouped by its card`() {
    let info = microphone(nil).info
    #expect(info.deviceId == "plughw:CARD=NoSuchCard,DEV=0")
    #expect(info.groupId == "NoSuchCard")
    #expect(info.kind == .audioInput)
    #expect(info.label == "Headset (plughw:CARD=NoSuchCard,DEV=0)")
  }

  @Test func `says why it cannot be opened, and is forgotten`() async throws {
    let device = microphone(1...1)
    let lens = try Lens(microphones: { [device, .testTone] })
    for _ in 0..<2 {
      let error = await lens.failure { _ = try await $0.hear(.init()) }
      #expect(error?.name == .notReadable)
      #expect(error?.message.contains("plughw:CARD=NoSuchCard,DEV=0") == true)
    }
    lens.close()
  }

  @Test func `calls forbidden what the user may not open`() {
    let forbidden = SoundError(.capture, "hw:0", .deviceForbidden)
    #expect(RTCError(forbidden) == RTCError(.notAllowed, forbidden.description))
    let busy = SoundError(.capture, "hw:0", .deviceBusy)
    #expect(RTCError(busy) == RTCError(.notReadable, busy.description))
  }

  @Test func `does not take the test tone for a microphone`() async throws {
    let lens = try Lens()
    let error = await lens.failure { _ = try await $0.hear(.init(echoCancellation: false)) }
    #expect(error?.name == .notFound)
    lens.close()
  }

  @Test func `is what is asked for`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.hear(
        .init(
          sampleRate: .exact(48_000),
          channelCount: .ideal(2),
          echoCancellation: .exact(false),
          deviceId: .exact("test")
        )
      )
      let settings = track.getSettings()
      #expect(settings.sampleRate == 48_000)
      #expect(settings.channelCount == 2)
      #expect(settings.echoCancellation == false)
      #expect(settings.groupId == "test")
      #expect(track.label == "Test tone")
      #expect(track.kind == .audio && !track.muted)
      #expect(track.getCapabilities().channelCount?.max == 2)
      track.stop()
      let mono = try await lens.hear(tone)
      #expect(mono.getSettings().channelCount == 1)
      mono.stop()
    }
    lens.close()
  }

  @Test(arguments: [
    (MediaTrackConstraints(sampleRate: .exact(44_100), deviceId: "test"), "sampleRate"),
    (MediaTrackConstraints(channelCount: .min(3), deviceId: "test"), "channelCount"),
    (MediaTrackConstraints(echoCancellation: .exact(true), deviceId: "test"), "echoCancellation"),
    (MediaTrackConstraints(deviceId: .exact("tset")), "deviceId"),
  ])
  func `names the constraint that no microphone satisfies`(
    _ constraints: MediaTrackConstraints,
    _ name: String
  ) async throws {
    let lens = try Lens(microphones: { [LocalMicrophone.testTone] })
    let error = await lens.failure { _ = try await $0.hear(constraints) }
    // Without the test tone's name there is no microphone at all.
    #expect(error?.name == (name == "deviceId" ? .notFound : .overconstrained))
    #expect(name == "deviceId" || error?.constraint == name)
    lens.close()
  }

  @Test func `becomes stereo for one track, and stays as it is for two`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let track = try await lens.hear(tone)
      let source = try #require(track.source as? AudioSource)
      try await track.applyConstraints(.init(channelCount: .exact(2)))
      #expect(track.getSettings().channelCount == 2)
      #expect(source.facts.channelCount == 2)
      let other = try await lens.hear(tone)
      #expect(other.source === source)
      #expect(other.getSettings().channelCount == 2)
      let error = await lens.failure { _ in
        try await track.applyConstraints(.init(channelCount: .exact(1)))
      }
      #expect(error?.constraint == "channelCount")
      #expect(track.getSettings().channelCount == 2)
      track.stop()
      other.stop()
      #expect(source.isAsleep)
    }
    lens.close()
  }

  @Test func `comes together with pictures, or neither is opened`() async throws {
    let lens = try Lens()
    try await lens.run { lens in
      let stream = try await lens.media.getUserMedia(.init(video: smallPattern, audio: tone))
      #expect(stream.getTracks().map(\.kind) == [.audio, .video])
      for track in stream.getTracks() { track.stop() }
      let held = try await lens.hear(tone)
      let source = try #require(held.source as? AudioSource)
      let error = await lens.failure {
        _ = try await $0.media.getUserMedia(
          .init(video: .init(width: .exact(1), deviceId: "test"), audio: tone)
        )
      }
      #expect(error?.constraint == "width")
      held.stop()
      // Nothing but the track above held it.
      #expect(source.isAsleep)
    }
    lens.close()
  }
}
