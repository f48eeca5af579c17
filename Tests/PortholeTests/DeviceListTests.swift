// SPDX-License-Identifier: Apache-2.0
import Capture
import Testing

@testable import Porthole

struct DeviceListTests {
  @Test func `lists sound cards by the name that opens them`() {
    let cards = [
      SoundDevice(
        card: "Loopback",
        number: 1,
        label: "Loopback, Loopback PCM",
        direction: .capture,
        rates: 8000...192_000,
        channelCounts: 1...32
      ),
      SoundDevice(
        card: "Device",
        number: 0,
        label: "USB Audio",
        direction: .playback,
        rates: 48_000...48_000,
        channelCounts: 1...1
      ),
      SoundDevice(card: "Device", number: 0, label: "USB Audio", direction: .capture),
    ]
    let expected = """
      No camera found. Connect one, or use --camera test.
      plughw:CARD=Loopback,DEV=1  Loopback, Loopback PCM
        microphone  8000 to 192000 Hz, 1 to 32 channels
      plughw:CARD=Device,DEV=0  USB Audio
        speaker  48000 Hz, 1 channel
      plughw:CARD=Device,DEV=0  USB Audio
        microphone  in use by another program

      """
    #expect(DeviceList.text([], cards) == expected)
  }

  @Test func `says that there is nothing`() {
    #expect(
      DeviceList.text([], [])
        == "No camera found. Connect one, or use --camera test.\nNo sound card found.\n"
    )
  }
}
