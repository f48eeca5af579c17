# SPDX-License-Identifier: Apache-2.0
"""Several on the page: what one shares, all others see, and the camera's picture goes on meanwhile."""

import contextlib

from browser import tab
from program import Porthole

# What the page shows of others: names, and how many pictures each tile has decoded, of which size.
TILES = """async () => [...document.querySelectorAll("#tiles li:not([hidden])")].map((tile) => {
  const video = tile.querySelector("video");
  const { totalVideoFrames } = video.getVideoPlaybackQuality();
  return { name: tile.querySelector("span").textContent, frames: totalVideoFrames, width: video.videoWidth, height: video.videoHeight };
})"""

# Counts for as long as the page lives: pictures of a video that differ, and the longest pause between any two.
OBSERVE = """(video) => {
  const canvas = new OffscreenCanvas(64, 48);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const seen = { pictures: 0, moving: 0, longest: 0, longestAt: 0, last: undefined, sum: undefined };
  video.seen = seen;
  const step = (now) => {
    context.drawImage(video, 0, 0, 64, 48);
    const sum = context.getImageData(0, 0, 64, 48).data.reduce((sum, value, index) => (sum * 31 + value * index) % 1000003, 7);
    if (seen.last !== undefined && now - seen.last > seen.longest) [seen.longest, seen.longestAt] = [now - seen.last, now];
    seen.pictures += 1;
    if (sum !== seen.sum) seen.moving += 1;
    [seen.last, seen.sum] = [now, sum];
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
}"""


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
    """Waits until a tile of that name shows so many moving pictures: its size."""
    tile = page.locator("#tiles li", has_text=name).locator("video")
    tile.wait_for()
    tile.evaluate(f"(video) => video.seen ?? ({OBSERVE})(video)")
    tile.evaluate("""(video, count) => new Promise((resolve) => {
      const look = () => (video.seen.moving >= count ? resolve() : setTimeout(look, 50));
      look();
    })""", pictures)
    return tile.evaluate("(video) => [video.videoWidth, video.videoHeight]")


def names(page):
    return [tile["name"] for tile in page.evaluate(TILES)]


def see_nobody(page):
    page.wait_for_function("document.querySelectorAll('#tiles li:not([hidden])').length === 0")


def went_on(page):
    """The longest pause of the camera's picture in milliseconds, which must be no freeze."""
    before = page.evaluate("document.getElementById('picture').seen.pictures")
    page.wait_for_function(f"document.getElementById('picture').seen.pictures > {before + 10}")
    longest = page.evaluate("document.getElementById('picture').seen.longest")
    assert longest <= 1000, f"the camera's picture stood still for {longest:.0f} ms"
    return longest


def test_share_camera(browser):
    """a camera shared by one page is shown on the others, on one that comes late, and vanishes when it ends"""
    with Porthole() as porthole, party(browser, porthole, 3) as (sharer, *others):
        sharer.click("#camera")
        sizes = [see(page, "Camera of visitor") for page in others]
        assert sizes == [[640, 480]] * 2, sizes
        assert names(sharer) == ["Your camera"], names(sharer)
        peers = porthole.stats()["peers"]
        assert [len(peer["shares"]) for peer in peers] == [1, 0, 0], peers
        assert peers[0]["shares"][0]["viewers"] == 2 and peers[0]["framesReceived"] > 30, peers
        with guest(browser, porthole) as late:
            assert see(late, "Camera of visitor") == [640, 480]
            sharer.click("#camera")
            for page in [sharer, *others, late]:
                see_nobody(page)
            # The m-lines are used again.
            sharer.click("#camera")
            for page in [*others, late]:
                see(page, "Camera of visitor")
        sharer.context.close()
        for page in others:
            see_nobody(page)
        pauses = [went_on(page) for page in others]
        assert not any(page.faults for page in others), [page.faults for page in others]
        return f"longest pause of the camera's picture {max(pauses):.0f} ms"


def test_share_with_one_another(browser):
    """all share at the same moment, camera and screen: each sees the others', and can hide one and show it again"""
    with Porthole() as porthole, party(browser, porthole, 3) as pages:
        for page in pages:
            page.evaluate("document.getElementById('camera').click()")
        pages[0].click("#screen")
        for page in pages[1:]:
            see(page, "Screen of visitor", pictures=1)
        for page in pages:
            page.wait_for_function("document.querySelectorAll('#tiles li:not([hidden])').length === 4")
            others = sorted(name for name in names(page) if name.startswith("Camera of"))
            assert len(set(others)) == 2, names(page)
            for name in others:
                see(page, name)
        [name, _] = sorted(name for name in names(pages[2]) if name.startswith("Camera of"))
        pages[2].get_by_role("button", name=f"Hide {name}").focus()
        pages[2].keyboard.press("Enter")
        assert name not in names(pages[2]), names(pages[2])
        pages[2].get_by_role("button", name="Show 1 hidden").press("Enter")
        see(pages[2], name)
        pauses = [went_on(page) for page in pages]
        assert not any(page.faults for page in pages), [page.faults for page in pages]
        return f"longest pause of the camera's picture {max(pauses):.0f} ms"


def test_share_too_much(browser):
    """what would be the ninth shared picture is refused in words, and the page that wanted it goes on"""
    with Porthole() as porthole, party(browser, porthole, 5) as pages:
        for page in pages[:4]:
            for kind in ("camera", "screen"):
                page.click(f"#{kind}")
                page.wait_for_selector(f"#{kind}[aria-pressed=true]")
        pages[4].wait_for_function("document.querySelectorAll('#tiles li:not([hidden])').length === 8")
        pages[4].click("#camera")
        pages[4].wait_for_selector("#toast:not([hidden])")
        assert "8 cameras and screens are shared" in pages[4].inner_text("#toast"), pages[4].inner_text("#toast")
        pages[4].wait_for_selector("#camera[aria-pressed=false]")
        assert sum(len(peer["shares"]) for peer in porthole.stats()["peers"]) == 8
        went_on(pages[4])


def test_share_insecurely(browser):
    """a page that browsers do not trust says how to share from it"""
    with Porthole(listen="0.0.0.0:0", token="none") as porthole:
        address = next(line.strip() for line in porthole.output.decode().splitlines() if "http://" in line and "localhost" not in line)
        with tab(browser, address) as page:
            page.wait_for_selector("[data-state=live]")
            page.click("#camera")
            assert "https" in page.inner_text("#toast") and "localhost" in page.inner_text("#toast")
            assert not page.faults, page.faults
