# SPDX-License-Identifier: Apache-2.0
"""Sound both ways: what a browser hears of the board, and what the board hears of browsers."""

import contextlib
import pathlib
import time

from browser import Viewer, tab
from lossy import Lossy
from program import TOKEN, Porthole
from sound import HEARD, LISTEN, speaker, talker
from test_call import Call, address_of

# Level in dBFS, where a sine at full scale is 0, and frequency of a stream's sound, over the first quarter of a second that is
# as expected: where the machine stands still for a moment, what is played has a gap. After 20 s, over the last one.
MEASURE = """async (stream, expected) => {
  let measured;
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(12000);
  for (const start = performance.now(); performance.now() - start < 20000;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const rises = [];
    for (let index = 1; index < samples.length; index += 1) if (samples[index - 1] < 0 && samples[index] >= 0) rises.push(index);
    if (samples.subarray(0, 480).every((sample) => sample === 0) || rises.length < 2) continue;
    measured = { level: 10 * Math.log10(2 * power), frequency: ((rises.length - 1) * 48000) / (rises.at(-1) - rises[0]) };
    if (Math.abs(measured.level - expected.level) < 1 && Math.abs(measured.frequency - expected.frequency) < 3) break;
  }
  await context.close();
  if (!measured) throw new Error("nothing is heard");
  return measured;
}"""

SMALL = ("--size", "640x360", "--rate", "15")


def measured(page, frequency, level):
    """What the page's picture sounds like, once it is like this: {"level": dBFS, "frequency": Hz}."""
    expected = {"frequency": frequency, "level": level}
    return page.evaluate(f"(expected) => ({MEASURE})(document.getElementById('picture').srcObject, expected)", expected)


def board_hears(porthole, condition, limit=20, of="speaker"):
    """Waits until /stats tells of the speaker, or `of` the microphone, what is asked for, and answers it."""
    end = time.monotonic() + limit
    while True:
        told = porthole.stats()[of]
        if condition(told):
            return told
        assert time.monotonic() < end, told
        time.sleep(0.1)


def test_hear_the_camera(browser):
    """the page is silent until a click, and then plays the microphone's 1 kHz at its level; pictures go on"""
    with Porthole("--microphone", "test", *SMALL) as porthole, tab(browser, porthole.address) as page:
        page.wait_for_selector("[data-state=live]")
        page.wait_for_selector("#sound:not([hidden])")
        assert page.evaluate("document.getElementById('picture').muted"), "the page is loud by itself"
        page.click("#sound")
        assert not page.evaluate("document.getElementById('picture').muted")
        page.wait_for_selector("#sound.metered")
        heard = measured(page, 1000, -20)
        assert abs(heard["frequency"] - 1000) < 3, heard
        assert abs(heard["level"] + 20) < 1, heard
        told = board_hears(
            porthole, lambda told: told["level"] is not None and abs(told["level"] + 20) < 0.1 and abs(told["frequency"] - 1000) < 1, of="microphone"
        )
        assert told["problem"] is None and told["packetsEncoded"] > 20, told
        assert "microphone" in porthole.threads(), porthole.threads()
        before = page.evaluate("document.getElementById('picture').getVideoPlaybackQuality().totalVideoFrames")
        page.wait_for_function(f"document.getElementById('picture').getVideoPlaybackQuality().totalVideoFrames > {before + 10}")
        page.click("#sound")
        assert page.evaluate("document.getElementById('picture').muted")
        assert not page.faults, page.faults
        return f"{heard['frequency']:.1f} Hz at {heard['level']:.1f} dBFS"


def test_pictures_in_step_with_sound(browser):
    """pictures and sound are of one stream of one sender, which the browser keeps in step"""
    with Porthole("--microphone", "test", *SMALL) as porthole, tab(browser, porthole.address) as page:
        page.wait_for_selector("[data-state=live]")
        kinds = page.evaluate("document.getElementById('picture').srcObject.getTracks().map(({ kind }) => kind).sort()")
        assert kinds == ["audio", "video"], kinds


def test_viewer_without_sound(browser):
    """an offer of pictures alone is answered although there is a microphone"""
    with Porthole("--microphone", "test", *SMALL) as porthole, tab(browser, porthole.origin + "/health") as page:
        viewer = Viewer(page, porthole.token)
        assert viewer.status == 201, (viewer.status, viewer.answer)
        assert "m=audio" not in viewer.answer
        viewer.watch(15)


def listened(browser, porthole, redundant):
    """What 15 s of sound at 10 % loss come to, once the browser has reported its loss: (what was counted, /stats)."""
    proxies = []

    def through(route):
        answer = route.fetch()
        proxy, text = Lossy.of(answer.text(), 0.1, 7)
        proxy.start()
        proxies.append(proxy)
        route.fulfill(response=answer, body=text)

    with tab(browser, porthole.origin + "/health") as page:
        page.route("**/whep", through)
        try:
            sdp = page.evaluate(LISTEN, [TOKEN, redundant])
            assert ("red/48000" in sdp) == redundant, sdp
            end = time.monotonic() + 60
            while porthole.stats()["microphone"]["expectedLoss"] < 3:
                assert time.monotonic() < end, porthole.stats()
                time.sleep(0.2)
            before = page.evaluate(HEARD)
            time.sleep(15)
            after = page.evaluate(HEARD)
            told = porthole.stats()["microphone"]
        finally:
            for proxy in proxies:
                proxy.end()
    return {name: after[name] - before[name] for name in before}, told


def test_sound_through_a_bad_network(browser):
    """a browser that loses packets is sent copies of them, and makes up less: 10 % loss with and without RED"""
    shares = []
    for redundant in (False, True):
        with Porthole("--microphone", "test", *SMALL) as porthole:
            heard, told = listened(browser, porthole, redundant)
        assert heard["packetsReceived"] > 400 and heard["totalSamplesReceived"] > 400_000, heard
        assert 3 <= told["expectedLoss"] <= 30, told
        shares.append(heard["concealedSamples"] / heard["totalSamplesReceived"])
    assert shares[1] < shares[0] / 2, shares
    return f"{shares[0] * 100:.1f} % of the samples are made up without, {shares[1] * 100:.1f} % with"


def test_card_that_is_not_there(browser):
    """a microphone that is not there is told on the page, in /health and in /stats, and the pictures go on"""
    with Porthole("--microphone", "hw:CARD=Nowhere", *SMALL) as porthole, tab(browser, porthole.address) as page:
        page.wait_for_selector("[data-state=live]")
        page.wait_for_function("document.getElementById('toast').textContent.includes('hw:CARD=Nowhere')")
        status, _, body = porthole.ask("GET", "/health")
        assert status == 503 and b"microphone hw:CARD=Nowhere" in body, (status, body)
        assert "hw:CARD=Nowhere" in porthole.stats()["microphone"]["problem"]
        before = page.evaluate("document.getElementById('picture').getVideoPlaybackQuality().totalVideoFrames")
        page.wait_for_function(f"document.getElementById('picture').getVideoPlaybackQuality().totalVideoFrames > {before + 10}")


def test_talk_to_the_camera(browser):
    """what is said while the button is held is heard at the board: its pitch, its level, soon; and the speaker rests again"""
    with contextlib.ExitStack() as stack:
        porthole = stack.enter_context(Porthole("--speaker", "test", *SMALL))
        page = stack.enter_context(talker(stack.enter_context(speaker(browser, 440, 0.25)), porthole))
        page.hover("#talk")
        page.mouse.down()
        page.wait_for_selector("#talk[data-standing=talking]")
        page.wait_for_function("document.getElementById('turns').textContent === 'You are heard at the camera'")
        told = board_hears(porthole, lambda told: told["frequency"] and abs(told["frequency"] - 440) < 3)
        # A sine of a quarter of full scale.
        told = board_hears(porthole, lambda told: told["level"] is not None and abs(told["level"] + 12.04) < 1.5)
        told = board_hears(porthole, lambda told: told["talkers"] and told["talkers"][0]["totalSamplesReceived"] > 96000)
        row = told["talkers"][0]
        assert row["concealedSamples"] < row["totalSamplesReceived"] / 4, row
        assert 0.005 < row["jitterBufferDelay"] < 0.3, row
        assert "speaker" in porthole.threads(), porthole.threads()
        page.mouse.up()
        page.wait_for_selector("#talk[data-standing=absent]")
        end = time.monotonic() + 20
        while "speaker" in porthole.threads():
            assert time.monotonic() < end, porthole.threads()
            time.sleep(0.1)
        assert porthole.stats()["speaker"]["talkers"] == []
        assert not page.faults, page.faults
        return f"{told['frequency']:.1f} Hz at {told['level']:.1f} dBFS after {row['jitterBufferDelay'] * 1000:.0f} ms in the jitter buffer"


def test_one_after_the_other(browser):
    """a second talker waits, is told so, and is heard when the first has ended; what both say reaches no other page"""
    with contextlib.ExitStack() as stack:
        porthole = stack.enter_context(Porthole("--speaker", "test", *SMALL))
        low = stack.enter_context(talker(stack.enter_context(speaker(browser, 300, 0.25)), porthole))
        high = stack.enter_context(talker(stack.enter_context(speaker(browser, 700, 0.25)), porthole))
        low.keyboard.down(" ")
        low.wait_for_selector("#talk[data-standing=talking]")
        high.click("#line")
        high.wait_for_selector("#talk[data-standing=waiting]")
        assert "you are next" in high.inner_text("#turns"), high.inner_text("#turns")
        assert "1 waits" in low.inner_text("#turns"), low.inner_text("#turns")
        board_hears(porthole, lambda told: told["frequency"] and abs(told["frequency"] - 300) < 3 and told["waiting"] == 1)
        low.keyboard.up(" ")
        high.wait_for_selector("#talk[data-standing=talking]")
        board_hears(porthole, lambda told: told["frequency"] and abs(told["frequency"] - 700) < 3)
        low.wait_for_function("document.getElementById('turns').textContent.includes('talks to the camera')")
        assert low.locator("#tiles li:not([hidden])").count() == 0
        high.close()
        board_hears(porthole, lambda told: told["talkers"] == [])


def test_two_boards():
    """two boards are an intercom: each hears the other's microphone"""
    sound = ("--microphone", "test", "--speaker", "test")
    with Porthole(*sound, *SMALL) as porthole, Call(address_of(porthole), *sound, *SMALL) as call:
        call.says("Connected")
        # The half second that is told of may have begun before the sound.
        board_hears(
            porthole, lambda told: told["level"] is not None and abs(told["level"] + 20) < 1 and abs(told["frequency"] - 1000) < 3, limit=60
        )
        # The caller takes what comes on a thread that it has only while it plays.
        threads = [(task / "comm").read_text().strip() for task in pathlib.Path(f"/proc/{call.process.pid}/task").iterdir()]
        assert "speaker" in threads and "microphone" in threads, threads


def test_talking_needs_a_trusted_page(browser):
    """a page that the browser does not trust says why it gets no microphone"""
    with Porthole("--speaker", "test", *SMALL) as porthole, tab(browser) as page:
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page.goto(porthole.address)
        page.wait_for_selector("#talk:not([hidden])")
        page.click("#line")
        page.wait_for_function("document.getElementById('toast').textContent.includes('no microphone')")
        found = page.eval_on_selector_all("#toast a", "(links) => links.map(({ href }) => href)")
        assert found == [f"{page.url}trust", f"{page.url}trust".replace("http:", "https:")], found
        assert page.get_attribute("#line", "aria-pressed") == "false"
