# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, headless, with a page of the program's own origin and the client of client.js in it."""

import contextlib
import pathlib
import shutil

from playwright.sync_api import sync_playwright

CLIENT = (pathlib.Path(__file__).parent / "client.js").read_text()
FLAGS = [
    "--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage",
    # A camera that paints a clock and a screen that is picked by itself.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--auto-accept-this-tab-capture",
]


@contextlib.contextmanager
def chromium():
    """A browser for several tests."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: run make setup"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def tab(browser, address=None):
    """A tab of its own profile at `address`, with what went wrong in it in `tab.faults`."""
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.add_init_script(CLIENT)
    try:
        if address:
            page.goto(address)
        yield page
    finally:
        context.close()


class Viewer:
    """One session of the client in a tab."""

    def __init__(self, page, token, **wishes):
        self.page = page
        answer = page.evaluate("([token, wishes]) => interop.join(token, wishes)", [token, wishes])
        self.number, self.status = answer["number"], answer["status"]
        self.location, self.type, self.answer = answer["location"], answer["type"], answer["answer"]
        self.tag = answer["tag"]

    def _call(self, what, *values):
        return self.page.evaluate(f"(values) => interop.{what}(...values)", [self.number, *values])

    def begin(self):
        """Connects, when the session was told to wait."""
        self._call("begin")

    def watch(self, count):
        return self._call("watch", count)

    def watch_for(self, seconds):
        """Every picture shown in so many seconds, however few."""
        return self._call("watchFor", seconds * 1000)

    def first(self):
        """Milliseconds to the first picture, from the POST ("posted") and from its answer ("answered")."""
        return self._call("first")

    def inbound(self):
        return self._call("inbound")

    def patch(self, match="*"):
        """Sends the ICE of the viewer's side as a fragment: the answer's status, tag, type and body."""
        return self._call("patch", match)

    def restart(self, count):
        """Restarts ICE by a fragment while `count` pictures are shown: the same, with pictures and state."""
        return self._call("restart", count)

    def state(self, *states):
        return self._call("state", list(states))

    def close(self):
        self._call("close")

    def leave(self):
        return self._call("leave")


def rate(pictures):
    """Pictures shown a second, over a list of them."""
    return (len(pictures) - 1) * 1000 / (pictures[-1]["at"] - pictures[0]["at"])


def with_clock(pictures):
    """Those pictures whose clock could be read."""
    return [picture for picture in pictures if "frame" in picture]
