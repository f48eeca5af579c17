# SPDX-License-Identifier: Apache-2.0
"""The built-in page in Chromium."""

import contextlib
import time

from browser import rate, tab, with_clock
from program import Porthole


def test_page_shows_the_camera(browser):
    """the page opened by the printed address shows a moving picture"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        assert "token" not in page.url, f"the token stays in the address: {page.url}"
        video = page.wait_for_selector("video")
        # A busy machine may show a picture twice: one calm stretch of three is asked for.
        for _ in range(3):
            pictures = video.evaluate("(video) => interop.pictures(video, 90)")
            numbers = [picture["frame"] for picture in with_clock(pictures)]
            if numbers == sorted(set(numbers)) and 27 <= rate(pictures) <= 33:
                break
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
    """who comes without the token is told in words, and can enter it"""
    with Porthole() as porthole, tab(browser) as page:
        assert page.goto(porthole.origin + "/").status == 401
        assert "address that Porthole printed" in page.inner_text("body"), page.inner_text("body")
        page.fill("[name=token]", "wrong-token-wrong")
        page.click("button")
        assert "wrong" in page.inner_text("body"), page.inner_text("body")
        assert porthole.viewers() == 0
        page.fill("[name=token]", porthole.token)
        page.click("button")
        page.wait_for_selector("[data-state=live]")
        assert "token" not in page.url, page.url


def test_closing_the_tab(browser):
    """closing the tab frees the viewer's place within two seconds"""
    with Porthole() as porthole:
        with tab(browser, porthole.address) as page:
            page.wait_for_selector("video").evaluate("(video) => interop.pictures(video, 5)")
            assert porthole.viewers() == 1
        return f"{porthole.viewers_become(0, limit=2):.2f} s"


def test_server_restart(browser):
    """the page comes back by itself when the program was started anew"""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Porthole())
        page = stack.enter_context(tab(browser, first.address))
        video = page.wait_for_selector("video")
        video.evaluate("(video) => interop.pictures(video, 15)")
        first.end()
        page.wait_for_selector("[data-state=waiting]")
        page.wait_for_function("document.getElementById('reason').textContent.includes('does not answer')")
        stack.enter_context(Porthole(listen=f"127.0.0.1:{first.port}"))
        start = time.monotonic()
        page.wait_for_selector("[data-state=live]")
        numbers = [picture["frame"] for picture in with_clock(video.evaluate("(v) => interop.pictures(v, 15)"))]
        # A canvas draws the newest picture, so that a late callback reads its clock for the one before too.
        assert numbers == sorted(numbers) and len(set(numbers)) > 10, numbers
        return f"{time.monotonic() - start:.1f} s after the start"
