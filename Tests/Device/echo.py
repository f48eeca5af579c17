# SPDX-License-Identifier: Apache-2.0
"""What a page hears of its own voice, where the board's loudspeaker is wired to its microphone."""

import contextlib
import math
import pathlib
import random
import shutil
import struct
import sys
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Interop"))

from browser import FLAGS, tab  # noqa: E402
from guest import HOST, Serving, until  # noqa: E402
from test_sound import PLAIN  # noqa: E402

# The two sides of the loop: what is played into the one is what the other hears, as loud.
SPEAKER = "plughw:CARD=Loopback,DEV=0,SUBDEV=0"
MICROPHONE = "plughw:CARD=Loopback,DEV=1,SUBDEV=0"

# The mean level in dBFS of what a page hears for so many seconds.
HEAR = """async (seconds) => {
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  context.createMediaStreamSource(document.getElementById("picture").srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const powers = [];
  for (const start = performance.now(); performance.now() - start < 1000 * seconds;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    analyser.getFloatTimeDomainData(samples);
    powers.push(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  }
  await context.close();
  return 10 * Math.log10(2 * powers.reduce((sum, power) => sum + power, 0) / powers.length + 1e-12);
}"""


def speech(seconds, seed):
    """Something like speech at 48 kHz, repeatable: syllables of pulses through three resonances, with pauses."""
    chance = random.Random(seed)
    samples = []
    while len(samples) < seconds * 48000:
        length = chance.randrange(4000, 12000)
        if chance.random() < 0.15:
            samples += [0.0] * length
            continue
        period = 48000 / chance.uniform(95, 190)
        poles = []
        for low, high in [(250, 850), (900, 2200), (2300, 3400)]:
            radius = math.exp(-math.pi * 90 / 48000)
            poles.append((2 * radius * math.cos(2 * math.pi * chance.uniform(low, high) / 48000), -radius * radius, 1 - radius))
        past = [(0.0, 0.0)] * 3
        phase = 0.0
        for index in range(length):
            phase += 1 / period
            pulse = 8.0 if phase >= 1 else chance.uniform(-0.1, 0.1)
            phase %= 1
            envelope = min(1, 8 * index / length, 8 * (1 - index / length))
            total = 0.0
            for number, (first, second, gain) in enumerate(poles):
                output = gain * pulse * envelope + first * past[number][0] + second * past[number][1]
                past[number] = (output, past[number][0])
                total += output
            samples.append(total)
    loudest = max(abs(sample) for sample in samples)
    return [round(sample / loudest * 16000) for sample in samples]


def written(folder):
    """The file that is said again and again."""
    path = pathlib.Path(folder) / "speech.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        samples = speech(10, 1)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


@contextlib.contextmanager
def talking(browser, guest, file, how):
    """A page that talks all the time to a board whose option --echo is `how`."""
    flags = [
        *FLAGS, f"--use-file-for-fake-audio-capture={file}",
        f"--unsafely-treat-insecure-origin-as-secure=http://{HOST}:8080",
    ]
    with contextlib.ExitStack() as stack:
        sound = ("--microphone", MICROPHONE, "--speaker", SPEAKER, "--echo", how)
        porthole = stack.enter_context(Serving(guest, "", *sound, camera="test", size="320x180", rate="5"))
        other = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
        stack.callback(other.close)
        page = stack.enter_context(tab(other))
        page.add_init_script(PLAIN)
        page.goto(porthole.address)
        page.wait_for_selector("[data-state=live]")
        page.wait_for_selector("#talk:not([hidden])")
        page.click("#line")
        page.wait_for_selector("#talk[data-standing=talking]")
        yield porthole, page


def echo_heard(browser, guest, file, how, patience=30):
    """(dBFS that a page hears of itself 3 s after the board has played its voice, what /stats tells then)"""
    with talking(browser, guest, file, how) as (porthole, page):
        until("the voice", lambda: (porthole.stats()["speaker"]["level"] or -100) > -50, patience)
        page.wait_for_timeout(3000)
        return page.evaluate(HEAR, 8), porthole.stats()


def test_echo(guest, browser):
    """who talks hears himself by 25 dB less, 3 s after the loudspeaker has begun, where the echo is cancelled"""
    file = written(guest.folder)
    heard = {how: echo_heard(browser, guest, file, how) for how in ["off", "duck", "cancel"]}
    levels = {how: round(level, 1) for how, (level, _) in heard.items()}
    told = heard["cancel"][1]["microphone"]["cleaning"]
    assert levels["off"] > -40, (levels, heard["off"][1])
    assert levels["off"] - levels["duck"] >= 25, (levels, heard["duck"][1])
    assert levels["off"] - levels["cancel"] >= 25, (levels, heard["cancel"][1])
    assert told["echoReturnLossEnhancement"] >= 20, told
    return f"{levels} dBFS; /stats: {told}"
