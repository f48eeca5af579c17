# SPDX-License-Identifier: Apache-2.0
"""The built-in page in Chromium."""

from browser import rate, tab, with_clock
from program import Porthole


def test_page_shows_the_camera(browser):
    """the page opened by the printed address shows a moving picture"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        assert "token" not in page.url, f"the token stays in the address: {page.url}"
        video = page.wait_for_selector("video")
        pictures = video.evaluate("(video) => interop.pictures(video, 90)")
        numbers = [picture["frame"] for picture in with_clock(pictures)]
        assert len(numbers) >= 85, f"the clock was readable in {len(numbers)} of 90 pictures"
        assert numbers == sorted(set(numbers)), f"pictures repeat or go back: {numbers}"
        assert 27 <= rate(pictures) <= 33, f"{rate(pictures):.1f} pictures a second"
        assert (pictures[-1]["width"], pictures[-1]["height"]) == (1280, 720), pictures[-1]
        assert not page.faults, page.faults
        return f"{rate(pictures):.1f} pictures a second"


def test_page_reloads(browser):
    """the page shows the picture again when it is loaded again, by the cookie alone"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        for _ in range(3):
            page.wait_for_selector("video").evaluate("(video) => interop.pictures(video, 15)")
            page.reload()
        page.wait_for_selector("video").evaluate("(video) => interop.pictures(video, 15)")
        page.goto("about:blank")


def test_page_without_token(browser):
    """the page without a token is refused in words"""
    with Porthole() as porthole, tab(browser) as page:
        answer = page.goto(porthole.origin + "/")
        assert answer.status == 401, answer.status
        assert "token" in page.inner_text("body").lower(), page.inner_text("body")
