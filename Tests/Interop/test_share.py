# SPDX-License-Identifier: Apache-2.0
"""Several on the page: what one shares, all others see, and the camera's picture goes on meanwhile."""

import contextlib

from browser import tab
from program import Porthole

# Counts for as long as the page lives: pictures of a video that differ, and the longest pause between any two.
OBSERVE = """(video) => {
  const canvas = new OffscreenCanvas(16, 12);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const seen = { pictures: 0, moving: 0, longest: 0, last: undefined, sum: undefined };
  video.seen = seen;
  const step = (now) => {
    context.drawImage(video, 0, 0, 16, 12);
    const sum = context.getImageData(0, 0, 16, 12).data.reduce((sum, value, index) => (sum * 31 + value * index) % 1000003, 7);
    if (seen.last !== undefined) seen.longest = Math.max(seen.longest, now - seen.last);
    seen.pictures += 1;
    if (sum !== seen.sum) seen.moving += 1;
    [seen.last, seen.sum] = [now, sum];
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
}"""

# A peer beside the page that shares so many small pictures: the errors it is told until it is connected.
PEER = """async (count) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
  const connection = new RTCPeerConnection();
  (window.peers ??= []).push(connection, socket);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 48];
  const context = canvas.getContext("2d");
  setInterval(() => context.fillRect(0, 0, 64, 48), 500);
  connection.addTransceiver("video", { direction: "recvonly" });
  for (let number = 0; number < count; number += 1) {
    connection.addTransceiver(canvas.captureStream(2).getVideoTracks()[0], { direction: "sendonly" });
  }
  const errors = [];
  await new Promise((resolve) => { socket.onopen = resolve; });
  socket.onmessage = async ({ data }) => {
    const { answer, error } = JSON.parse(data);
    if (answer) await connection.setRemoteDescription(answer);
    if (error) errors.push(error);
  };
  await connection.setLocalDescription();
  await new Promise((resolve) => { connection.onicecandidate = ({ candidate }) => { if (!candidate) resolve(); }; });
  socket.send(JSON.stringify({ offer: connection.localDescription.toJSON() }));
  while (connection.connectionState !== "connected") await new Promise((resolve) => setTimeout(resolve, 20));
  return errors;
}"""

# Listens to the first tile, which must not be muted, until something loud is heard; the fake microphone beeps every second.
LISTEN = """async () => {
  const video = document.querySelector("#tiles video");
  if (video.muted) throw new Error("the tile is muted");
  if (window.ear === undefined) {
    const context = new AudioContext();
    window.ear = context.createAnalyser();
    context.createMediaStreamSource(video.srcObject).connect(window.ear);
  }
  const samples = new Float32Array(window.ear.fftSize);
  for (const start = performance.now(); performance.now() - start < 20000;) {
    window.ear.getFloatTimeDomainData(samples);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    if (loudest > 0.01) return loudest;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nothing is heard");
}"""

# Listens until three seconds have been silent, as long as three beeps.
SILENCE = """async () => {
  const samples = new Float32Array(window.ear.fftSize);
  const start = performance.now();
  for (let since = start; performance.now() - since < 3000;) {
    if (performance.now() - start > 20000) throw new Error("it is never silent");
    window.ear.getFloatTimeDomainData(samples);
    if (samples.some((sample) => Math.abs(sample) > 0.01)) since = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}"""

# Small: several pages decode several pictures on the machine that encodes them.
SMALL = ("--size", "640x360", "--rate", "15")


@contextlib.contextmanager
def party(browser, porthole, count):
    """So many pages that show the camera, each observed from now on."""
    with contextlib.ExitStack() as stack:
        pages = [stack.enter_context(guest(browser, porthole)) for _ in range(count)]
        yield pages


@contextlib.contextmanager
def guest(browser, porthole):
    # localhost, since only a page that browsers trust may share.
    with tab(browser, porthole.address.replace("127.0.0.1", "localhost")) as page:
        page.wait_for_selector("[data-state=live]")
        page.wait_for_function("document.getElementById('picture').videoWidth > 0")
        page.evaluate(f"({OBSERVE})(document.getElementById('picture'))")
        yield page


def see(page, name, pictures=31):
    """Waits until the tile called that shows so many moving pictures, of a size and shape that a camera has."""
    tile = page.locator("#tiles li").filter(has=page.get_by_text(name, exact=True)).locator("video")
    tile.wait_for()
    tile.evaluate(f"(video) => video.seen ?? ({OBSERVE})(video)")
    tile.evaluate("""(video, count) => new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`only ${video.seen.moving} pictures moved`)), 30000);
      const look = () => (video.seen.moving >= count ? resolve() : setTimeout(look, 50));
      look();
    })""", pictures)
    width, height = tile.evaluate("(video) => [video.videoWidth, video.videoHeight]")
    assert width >= 160 and width > height, f"{name} is {width} x {height}"


def names(page):
    return page.locator("#tiles li:not([hidden]) span").all_inner_texts()


def tiles_become(page, count):
    page.wait_for_function(f"document.querySelectorAll('#tiles li:not([hidden])').length === {count}")


def longest_pause(page):
    """The longest pause of the camera's picture in milliseconds, since this was asked last."""
    before = page.evaluate("document.getElementById('picture').seen.pictures")
    page.wait_for_function(f"document.getElementById('picture').seen.pictures > {before + 10}")
    return page.evaluate("""() => {
      const { seen } = document.getElementById("picture");
      const { longest } = seen;
      seen.longest = 0;
      return longest;
    }""")


def test_share_camera(browser):
    """a camera shared by one page is shown on the others, and vanishes when it ends, and no picture stands still"""
    with Porthole(*SMALL) as porthole, party(browser, porthole, 3) as pages:
        sharer, *others = pages
        # A busy machine may hold up everything: one calm round of four is asked for.
        for _ in range(4):
            for page in pages:
                longest_pause(page)
            sharer.click("#camera")
            for page in others:
                see(page, "Visitor 1")
            assert names(sharer) == ["Your camera"], names(sharer)
            peers = porthole.stats()["peers"]
            shares = [[share["kind"] for share in peer["shares"]] for peer in peers]
            assert shares == [["video", "audio"], [], []], peers
            assert peers[0]["shares"][0]["viewers"] == 2 and peers[0]["framesReceived"] > 30, peers
            sharer.click("#camera")
            for page in pages:
                tiles_become(page, 0)
            pauses = [longest_pause(page) for page in pages]
            if max(pauses) <= 1000:
                break
        assert max(pauses) <= 1000, f"the camera's picture stood still for {max(pauses):.0f} ms"
        lines = others[0].evaluate("document.querySelectorAll('#tiles li').length")
        assert lines == 1, "what has ended leaves something behind"
        assert not any(page.faults for page in pages), [page.faults for page in pages]
        return f"longest pause of the camera's picture {max(pauses):.0f} ms"


def test_share_sound(browser):
    """the sound of a shared camera is heard on the other page, and not while it is muted"""
    with Porthole(*SMALL) as porthole, party(browser, porthole, 2) as (sharer, other):
        assert sharer.locator("#mute").is_hidden(), "there is nothing to mute"
        sharer.click("#camera")
        see(other, "Visitor 1", pictures=10)
        heard = other.evaluate(LISTEN)
        assert heard > 0.01, f"nothing louder than {heard} was heard"
        sharer.click("#mute")
        other.evaluate(SILENCE)
        sharer.click("#mute")
        assert other.evaluate(LISTEN) > 0.01, "what was muted stays so"
        longest_pause(other)
        for page in (sharer, other):
            assert not page.faults, page.faults
        return f"loudest {heard:.2f} of 1"


def test_share_silenced(browser):
    """where the browser lets no page be heard before a click, the picture is shown, and heard from the click on"""
    with Porthole(*SMALL) as porthole, party(browser, porthole, 2) as (sharer, other):
        other.evaluate("""() => {
          const { play } = HTMLMediaElement.prototype;
          HTMLMediaElement.prototype.play = function () {
            return this.muted ? play.call(this) : Promise.reject(new DOMException("not yet", "NotAllowedError"));
          };
        }""")
        sharer.click("#camera")
        other.wait_for_selector("#toast:not([hidden])")
        assert "Click anywhere" in other.inner_text("#toast"), other.inner_text("#toast")
        see(other, "Visitor 1", pictures=5)
        assert other.evaluate("document.querySelector('#tiles video').muted")
        other.click("#info")
        assert other.evaluate(LISTEN) > 0.01
        assert not other.faults, other.faults


def test_share_come_and_go(browser):
    """who comes late sees what is shared; when the sharer's tab closes it vanishes everywhere"""
    with Porthole(*SMALL) as porthole, party(browser, porthole, 2) as (sharer, other):
        sharer.click("#camera")
        see(other, "Visitor 1", pictures=1)
        with guest(browser, porthole) as late:
            see(late, "Visitor 1")
            sharer.context.close()
            for page in (other, late):
                tiles_become(page, 0)
                longest_pause(page)
                assert not page.faults, page.faults


def test_share_with_one_another(browser):
    """two share at the same moment, one its screen too: each sees the other's, can hide one and show it again"""
    with Porthole(*SMALL) as porthole, party(browser, porthole, 2) as pages:
        for page in pages:
            page.evaluate("document.getElementById('camera').click()")
        pages[0].click("#screen")
        wanted = [["Visitor 2", "Your camera", "Your screen"], ["Visitor 1", "Visitor 1, screen", "Your camera"]]
        for page, all_names in zip(pages, wanted):
            tiles_become(page, 3)
            assert sorted(names(page)) == all_names, names(page)
            for name in all_names:
                see(page, name, pictures=1 if "screen" in name else 10)
        page = pages[1]
        page.get_by_role("button", name="Hide Visitor 1", exact=True).focus()
        page.keyboard.press("Enter")
        tiles_become(page, 3)
        assert sorted(names(page)) == ["Visitor 1, screen", "Your camera"], names(page)
        assert page.inner_text(":focus") == "Show 1 hidden"
        page.keyboard.press("Enter")
        see(page, "Visitor 1", pictures=10)
        for page in pages:
            longest_pause(page)
            assert not page.faults, page.faults


def test_share_too_much(browser):
    """a third picture of one peer and a ninth of all are refused in words, and both connections go on"""
    with Porthole(*SMALL) as porthole, guest(browser, porthole) as page:
        [error] = page.evaluate(PEER, 3)
        assert error.startswith("You share 2 cameras and screens already"), error
        for _ in range(3):
            assert page.evaluate(PEER, 2) == []
        tiles_become(page, 8)
        page.click("#camera")
        page.wait_for_selector("#toast:not([hidden])")
        assert "8 cameras and screens are shared" in page.inner_text("#toast"), page.inner_text("#toast")
        page.wait_for_selector("#camera[aria-pressed=false]")
        assert sorted(names(page)) == sorted(f"Visitor {number}" for number in (2, 3, 4, 5) for _ in range(2))
        assert [len(peer["shares"]) for peer in porthole.stats()["peers"]] == [0, 2, 2, 2, 2]
        longest_pause(page)
        assert not page.faults, page.faults


def test_share_insecurely(browser):
    """a page that browsers do not trust says how to share from it"""
    with Porthole(*SMALL, listen="0.0.0.0:0", token="none") as porthole:
        address = next(line.strip() for line in porthole.output.decode().splitlines() if "http://" in line and "localhost" not in line)
        with tab(browser, address) as page:
            page.wait_for_selector("[data-state=live]")
            page.click("#camera")
            page.wait_for_selector("#toast a")
            found = page.eval_on_selector_all("#toast a", "(links) => links.map(({ href }) => href)")
            assert found == [f"{page.url}trust", f"{page.url}trust".replace("http:", "https:")], found
            assert "neither camera nor screen" in page.inner_text("#toast"), page.inner_text("#toast")
            assert not page.faults, page.faults
