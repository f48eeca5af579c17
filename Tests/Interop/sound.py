# SPDX-License-Identifier: Apache-2.0
"""Browsers that hear the board and talk to it, and what tells when a sound begins in them."""

import contextlib
import shutil
import struct
import tempfile
import wave

from browser import FLAGS, tab
from waveform import RATE, tone

# The microphone without what browsers do to speech: a tone would be taken for noise.
PLAIN = """
const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async ({ video }) => {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  window.spoken = await ask({ video, audio });
  return window.spoken;
};
"""

# A WHEP viewer who also hears, and who may do without RED: it answers the session, whose sound `HEARD` counts.
LISTEN = """async ([token, redundant]) => {
  const connection = new RTCPeerConnection();
  connection.addTransceiver("video", { direction: "recvonly" });
  const sound = connection.addTransceiver("audio", { direction: "recvonly" });
  const { codecs } = RTCRtpReceiver.getCapabilities("audio");
  sound.setCodecPreferences(codecs.filter(({ mimeType }) => redundant || mimeType !== "audio/red"));
  if ("jitterBufferTarget" in sound.receiver) sound.receiver.jitterBufferTarget = 0;
  const picture = Object.assign(document.createElement("video"), { autoplay: true });
  // Sound is played out only where it is heard.
  connection.ontrack = ({ track }) => { picture.srcObject = new MediaStream([track]); };
  await connection.setLocalDescription();
  const answer = await fetch("/whep", {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
    body: connection.localDescription.sdp,
  });
  const sdp = await answer.text();
  await connection.setRemoteDescription({ type: "answer", sdp });
  window.listening = { connection, picture, track: sound.receiver.track };
  return sdp;
}"""

HEARD = """async () => {
  for (const report of (await window.listening.connection.getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") {
      const { packetsReceived, packetsLost, totalSamplesReceived, concealedSamples } = report;
      return { packetsReceived, packetsLost, totalSamplesReceived, concealedSamples };
    }
  }
}"""

# When sounds begin in a track, in milliseconds since 1970, over so many seconds: `at` tells when a frame's first sample is.
ONSETS = """async (track, seconds, at) => {
  const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
  const times = [];
  let quiet = 0;
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    const { value } = await reader.read();
    const begin = performance.timeOrigin + at(value);
    const samples = new Float32Array(value.numberOfFrames);
    value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    samples.forEach((sample, index) => {
      quiet += 1;
      if (Math.abs(sample) < 0.03) return;
      if (quiet > 4800) times.push(begin + (index * 1000) / value.sampleRate);
      quiet = 0;
    });
    value.close();
  }
  reader.cancel();
  return times;
}"""

# When the browser gives sounds to its sound card: out of its jitter buffer, before the card's own buffer.
EAR = f"(seconds) => ({ONSETS})(window.listening.track, seconds, () => performance.now())"

# When sounds begin in the browser's microphone. A frame's timestamp, which Chromium tells since the page began, is taken for
# its end, since it is given at once: a real microphone would have needed its length.
MOUTH = f"""(seconds) => ({ONSETS})(
  window.spoken.getAudioTracks()[0], seconds, (frame) => frame.timestamp / 1000 - (frame.numberOfFrames * 1000) / frame.sampleRate,
)"""


@contextlib.contextmanager
def speaking(browser, samples, *flags):
    """Another Chromium, whose fake microphone gives `samples`, from -1 to 1, 48,000 a second, again and again."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        with wave.open(file.name, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(struct.pack(f"<{len(samples)}h", *(round(32767 * sample) for sample in samples)))
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={file.name}", *flags]
        other = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
        try:
            yield other
        finally:
            other.close()


def speaker(browser, hertz, amplitude, part=1):
    """The same with a tone for such a part of each second."""
    return speaking(browser, [*tone(hertz, amplitude, part), *[0.0] * round(RATE * (1 - part))])


@contextlib.contextmanager
def talker(browser, porthole):
    # localhost, since only a page that browsers trust is given a microphone.
    with tab(browser) as page:
        page.add_init_script(PLAIN)
        page.goto(porthole.address.replace("127.0.0.1", "localhost"))
        page.wait_for_selector("[data-state=live]")
        page.wait_for_selector("#talk:not([hidden])")
        yield page
