// SPDX-License-Identifier: Apache-2.0
@testable import Capture
import EventLoop
import Glibc
import Testing

@testable import WebRTC

/// Whether this runs in the guest whose only sound card is the kernel's loop.
private let isGuest =
  unsafe getenv("PORTHOLE_TEST_SOUND").map { unsafe String(cString: $0) } == "loopback"

/// `MediaDevices` on the kernel's sound card whose speaker is wired to its microphone: `board/uml` boots
/// such a guest.
@Suite(.enabled(if: isGuest), .serialized)
struct MicrophoneDeviceTests {
  private static let name = "plughw:CARD=Loopback,DEV=1"
  private static let driver = "/sys/bus/platform/drivers/snd_aloop/"

  private func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "w") else { return }
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  @Test func `lists the card's microphones and loudspeakers before what is always there`()
    async throws
  {
    let lens = try Lens(devices: { LocalDevices.all() })
    let found = await lens.media.enumerateDevices().filter { $0.kind != .videoInput }
    let names = ["plughw:CARD=Loopback,DEV=0", Self.name, "test"]
    #expect(found.map(\.deviceId) == names + names)
    #expect(found.map(\.kind.rawValue) == ["audioinput", "audiooutput"].flatMap { [$0, $0, $0] })
    #expect(found.first?.groupId == "Loopback")
    lens.close()
  }

  @Test func `opens one with the channels that are asked for, and changes them`() async throws {
    let lens = try Lens(devices: { LocalDevices.all() })
    try await lens.run { lens in
      let track = try await lens.hear(.init(channelCount: .exact(2), deviceId: .exact(Self.name)))
      #expect(track.getSettings().channelCount == 2)
      #expect(track.readyState == .live && !track.muted)
      try await track.applyConstraints(.init(channelCount: .exact(1)))
      #expect(track.getSettings().channelCount == 1)
      track.stop()
    }
    lens.close()
  }

  @Test func `takes out what the loudspeaker opened last plays, unless that is not wanted`()
    async throws
  {
    let lens = try Lens(devices: { LocalDevices.all() })
    try await lens.run { lens in
      let track = try await lens.hear(.init(deviceId: .exact(Self.name)))
      let source = try #require(track.source as? AudioSource)
      #expect(track.getSettings().echoCancellation == true)
      #expect(source.cleaning.echo == .cancel && source.loudspeaker == nil)
      var speaker: Loudspeaker? = Loudspeaker(.test, on: lens.media.loop)
      lens.devices.loudspeaker = speaker
      #expect(source.loudspeaker === speaker)
      try await track.applyConstraints(.init(echoCancellation: .exact(false)))
      #expect(track.getSettings().echoCancellation == false)
      #expect(source.cleaning.echo == .off)
      // The microphone does not keep it.
      speaker = nil
      #expect(source.loudspeaker == nil)
      track.stop()
    }
    lens.close()
  }

  @Test func `says that another program has the microphone`() async throws {
    let lens = try Lens(devices: { LocalDevices.all() })
    let other = try SoundThread(
      capturing: .device(name: "hw:CARD=Loopback,DEV=1,SUBDEV=0"),
      deliver: { _ in },
      report: { _ in }
    )
    // The card has eight of each device: all of them are taken.
    let others = try (1..<8).map { number in
      try SoundThread(
        capturing: .device(name: "hw:CARD=Loopback,DEV=1,SUBDEV=\(number)"),
        deliver: { _ in },
        report: { _ in }
      )
    }
    while !([other] + others).allSatisfy({ $0.statistics.openings > 0 }) { sched_yield() }
    let error = await lens.failure { _ = try await $0.hear(.init(deviceId: .exact(Self.name))) }
    let busy = SoundError(.capture, Self.name, .deviceBusy)
    #expect(error == RTCError(.notReadable, busy.description))
    for thread in [other] + others { thread.stop() }
    try await lens.run { try await $0.hear(.init(deviceId: .exact(Self.name))).stop() }
    lens.close()
  }

  @Test func `mutes the track of an unplugged card until it is back, and tells of both`()
    async throws
  {
    let lens = try Lens(devices: { LocalDevices.all() })
    _ = await lens.media.enumerateDevices()
    let track = try await lens.hear(.init(deviceId: .exact(Self.name)))
    var changes = lens.media.events.makeAsyncIterator()
    var events = track.events.makeAsyncIterator()
    write("snd_aloop.0", to: Self.driver + "unbind")
    #expect(await events.next() == .mute)
    #expect(hasMicrophone(await changes.next()) == false)
    write("snd_aloop.0", to: Self.driver + "bind")
    #expect(await events.next() == .unmute)
    #expect(hasMicrophone(await changes.next()) == true)
    await lens.run { _ in
      #expect(!track.muted && track.readyState == .live)
      track.stop()
    }
    lens.close()
  }

  /// Whether a change leaves the card's microphone listed.
  private func hasMicrophone(_ event: MediaDevices.Event?) -> Bool? {
    guard case .deviceChange(let devices) = event else { return nil }
    return devices.contains { $0.deviceId == Self.name && $0.kind == .audioInput }
  }
}
