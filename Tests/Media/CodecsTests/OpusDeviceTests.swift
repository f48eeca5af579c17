// SPDX-License-Identifier: Apache-2.0
import Capture
import Glibc
import MediaTypes
import Synchronization
import Testing

@testable import Codecs

/// Whether this runs in the guest whose only sound card is the kernel's loop.
private let isGuest =
  unsafe getenv("PORTHOLE_TEST_SOUND").map { unsafe String(cString: $0) } == "loopback"

/// From a card to a decoder, with the kernel's sound card whose speaker is wired to its microphone.
@Suite(.enabled(if: isGuest), .serialized)
struct OpusDeviceTests {
  @Test func `a tone played into the card is captured, encoded and decoded`() throws {
    let position = Mutex(0)
    let player = try SoundThread(
      playing: .device(name: "plughw:CARD=Loopback,DEV=0,SUBDEV=0"),
      fill: { block in
        let start = position.withLock { position in
          defer { position += block.frameCount }
          return position
        }
        block.samples = Tone.samples(700, amplitude: 9000, from: start, count: block.frameCount)
      },
      report: { _ in }
    )
    let captured = Mutex<[Int16]>([])
    let arrival = Wakeup()
    let recorder = try SoundThread(
      capturing: .device(name: "plughw:CARD=Loopback,DEV=1,SUBDEV=0"),
      deliver: { block in
        captured.withLock { $0 += block.samples }
        arrival.signal()
      },
      report: { _ in }
    )
    // What is captured before the player begins is silence.
    while captured.withLock({ $0.count { $0 != 0 } }) < 96_000 { arrival.wait() }
    recorder.stop()
    player.stop()
    let samples = captured.withLock { $0 }
    var encoder = try OpusEncoder(OpusConfiguration())
    var decoder = try OpusDecoder(channelCount: 1)
    var heard: [Int16] = []
    for start in stride(from: 0, to: samples.count - 959, by: 960) {
      let encoded = try encoder.encode(samples.span.extracting(start..<start + 960))
      let packet = try #require(encoded)
      var decoded = [Int16](repeating: 0, count: 960)
      var span = decoded.mutableSpan
      let count = decoder.decode(packet, into: &span)
      #expect(count == 960)
      heard += decoded
    }
    let amplitude = Tone.amplitude(of: 700, in: Array(heard.suffix(24_000)))
    #expect((8300...9700).contains(amplitude), "\(amplitude)")
  }
}
