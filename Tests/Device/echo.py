# SPDX-License-Identifier: Apache-2.0
"""What a page hears of its own voice, where the board's loudspeaker is wired to its microphone."""

import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Interop"))

from guest import Serving, until  # noqa: E402
from sound import speaking, talker  # noqa: E402
from waveform import speech  # noqa: E402

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


@contextlib.contextmanager
def talking(browser, guest, said, how):
    """A page that says `said` all the time to a board whose option --echo is `how`."""
    with contextlib.ExitStack() as stack:
        sound = ("--microphone", MICROPHONE, "--speaker", SPEAKER, "--echo", how)
        porthole = stack.enter_context(Serving(guest, "", *sound, camera="test", size="320x180", rate="5"))
        other = stack.enter_context(speaking(browser, said, f"--unsafely-treat-insecure-origin-as-secure={porthole.origin}"))
        page = stack.enter_context(talker(other, porthole))
        page.click("#line")
        page.wait_for_selector("#talk[data-standing=talking]")
        yield porthole, page


def echo_heard(browser, guest, said, how, patience=30):
    """(dBFS that a page hears of itself 3 s after the board has played its voice, what /stats tells then)"""
    with talking(browser, guest, said, how) as (porthole, page):
        until("the voice", lambda: (porthole.stats()["speaker"]["level"] or -100) > -50, patience)
        page.wait_for_timeout(3000)
        return page.evaluate(HEAR, 8), porthole.stats()


def test_echo(guest, browser):
    """who talks hears himself by 25 dB less, 3 s after the loudspeaker has begun, where the echo is cancelled"""
    said = speech(10)
    heard = {how: echo_heard(browser, guest, said, how) for how in ["off", "duck", "cancel"]}
    levels = {how: round(level, 1) for how, (level, _) in heard.items()}
    told = heard["cancel"][1]["microphone"]["cleaning"]
    assert levels["off"] > -40, (levels, heard["off"][1])
    assert levels["off"] - levels["duck"] >= 25, (levels, heard["duck"][1])
    assert levels["off"] - levels["cancel"] >= 25, (levels, heard["cancel"][1])
    assert told["echoReturnLossEnhancement"] >= 20, told
    return f"{levels} dBFS; /stats: {told}"
