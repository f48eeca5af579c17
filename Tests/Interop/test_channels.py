# SPDX-License-Identifier: Apache-2.0
"""Data channels with Chromium, and the page's message box."""

import contextlib
import pathlib
import time

from browser import tab
from program import TOKEN, Porthole

CHANNELS = (pathlib.Path(__file__).parent / "channels.js").read_text()


@contextlib.contextmanager
def wires(browser, porthole, *kinds, **wishes):
    """A tab whose connection has these channels, open."""
    with tab(browser, porthole.origin + "/health") as page:
        page.evaluate(CHANNELS)
        page.found = page.evaluate("([token, kinds, wishes]) => wires.connect(token, kinds, wishes)", [TOKEN, list(kinds), wishes])
        yield page


def echo(page, index, length, is_text):
    return page.evaluate("([index, length, isText]) => wires.echo(index, length, isText)", [index, length, is_text])


def test_echo(browser):
    """Chromium's text, bytes and empty messages up to 256 KiB come back over channels of every kind"""
    kinds = [["echo", {}], ["echo", {"ordered": False}], ["echo", {"maxRetransmits": 3}], ["echo", {"maxPacketLifeTime": 5000, "ordered": False}]]
    with Porthole() as porthole, wires(browser, porthole, *kinds) as page:
        assert page.found["longest"] == 262144 and page.found["most"] >= 1023, page.found
        assert all(number % 2 == 1 for number in page.found["ids"]), page.found
        for index in range(len(kinds)):
            for is_text in (True, False):
                for length in (0, 1, 1024, 16384, 262144):
                    assert echo(page, index, length, is_text), (index, is_text, length)
        [peer] = porthole.stats()["peers"]
        assert peer["dropped"]["channels"] == 0, peer


def test_either_role(browser):
    """channels work whichever end is the DTLS client, with the camera's picture and without a camera"""
    for setup in ("active", "passive"):
        with Porthole() as porthole, wires(browser, porthole, ["echo"], setup=setup, media=True) as page:
            # An active offer makes the browser the client, whose streams are even.
            assert page.found["ids"] == [0 if setup == "active" else 1], (setup, page.found)
            assert echo(page, 0, 16384, False)
    with Porthole(camera="none") as porthole, wires(browser, porthole, ["echo"]) as page:
        assert echo(page, 0, 16384, True)


def test_flood(browser):
    """as much as Chromium can send comes back whole and in order"""
    with Porthole() as porthole, wires(browser, porthole, ["echo"]) as page:
        found = page.evaluate("() => wires.flood(0, 2000, 16384)")
        assert found["ordered"] and found["distinct"] == 2000, found
        return f"{2000 * 16384 * 8 / 1e6 / found['seconds']:.0f} Mbit/s each way"


def test_strange_channels(browser):
    """a channel of an unknown label is closed; what comes on a stream that the device does not know is dropped and counted"""
    with Porthole() as porthole, wires(browser, porthole, ["echo"]) as page:
        page.evaluate("async () => { const channel = wires.open('unheard of'); await wires.once(channel, 'close'); }")
        page.evaluate("""async () => {
            const channel = wires.open("echo", { negotiated: true, id: 100 });
            if (channel.readyState !== "open") await wires.once(channel, "open");
            for (let number = 0; number < 3; number += 1) channel.send("nobody is here");
        }""")
        end = time.monotonic() + 20
        while porthole.stats()["peers"][0]["dropped"]["channels"] != 3:
            assert time.monotonic() < end, porthole.stats()["peers"]
            time.sleep(0.1)
        assert echo(page, 0, 16384, False)


def test_many(browser):
    """1,000 channels opened and closed leave memory where it was, and streams are used again"""
    with Porthole() as porthole, wires(browser, porthole, ["echo"]) as page:
        highest = [page.evaluate("() => wires.churn(100)")]
        before = porthole.memory()
        heap = page.evaluate("() => performance.memory.usedJSHeapSize")
        for _ in range(10):
            highest.append(page.evaluate("() => wires.churn(100)"))
        grown = porthole.memory() - before
        heap = page.evaluate("() => performance.memory.usedJSHeapSize") - heap
        counts = page.evaluate("() => wires.counts()")
        assert counts == {"opened": 1101, "closed": 1100, "left": 1}, counts
        assert max(highest) < 1000, highest
        assert grown < 4096, f"{grown} kB more"
        assert heap < 32_000_000, f"{heap} bytes more in the browser"
        assert echo(page, 0, 16384, False)
        return f"{grown:+d} kB"


def test_call(browser):
    """a session that the device offers gets its channels by the browser's own offer"""
    with Porthole() as porthole, tab(browser, porthole.address) as page:
        page.evaluate(CHANNELS)
        found = page.evaluate("""async () => {
            const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
            await new Promise((resolve) => { socket.onopen = resolve; });
            const connection = new RTCPeerConnection();
            wires.connection = connection;
            const say = (message) => socket.send(JSON.stringify(message));
            connection.onicecandidate = ({ candidate }) => say({ candidate: candidate?.toJSON() ?? { candidate: "" } });
            const answered = new Promise((resolve) => {
              socket.onmessage = async ({ data }) => {
                const message = JSON.parse(data);
                if (message.candidate) await connection.addIceCandidate(message.candidate);
                if (message.offer) {
                  await connection.setRemoteDescription(message.offer);
                  await connection.setLocalDescription();
                  say({ answer: connection.localDescription.toJSON() });
                }
                if (message.answer) resolve(await connection.setRemoteDescription(message.answer));
              };
            });
            say({ call: {} });
            while (connection.connectionState !== "connected") {
              await new Promise((resolve) => connection.addEventListener("connectionstatechange", resolve, { once: true }));
            }
            wires.channels = [wires.open("echo")];
            const opened = wires.once(wires.channels[0], "open");
            await connection.setLocalDescription(await connection.createOffer());
            say({ offer: connection.localDescription.toJSON() });
            await answered;
            await opened;
            return wires.echo(0, 16384, false);
        }""")
        assert found is True, found


def test_box(browser):
    """what one visitor writes in the page's box is shown to the other, as text"""
    with Porthole() as porthole, tab(browser, porthole.address) as one, tab(browser, porthole.address) as other:
        for page in (one, other):
            page.wait_for_selector("#stage[data-state=live]")
            page.wait_for_selector("#log .camera", state="attached")
            assert not page.is_visible("#messages")
        one.keyboard.press("t")
        one.wait_for_selector("#words:focus")
        one.keyboard.type("is <b>anybody</b> there? fps")
        one.keyboard.press("Enter")
        one.wait_for_selector("#log .own")
        assert one.input_value("#words") == "" and one.is_visible("#messages"), "a letter was taken for a key"
        other.wait_for_selector("#unread:not([hidden])")
        assert other.get_attribute("#chat", "aria-label") == "Messages, 1 unread"
        other.click("#chat")
        line = other.locator("#log li").last
        assert line.text_content().partition(" is ")[2] == "<b>anybody</b> there? fps", line.text_content()
        assert line.locator("b").text_content().startswith("Visitor ")
        assert not other.is_visible("#unread")
        for page in (one, other):
            for size in ((390, 844), (1440, 900)):
                page.set_viewport_size({"width": size[0], "height": size[1]})
                box = page.locator("#messages").bounding_box()
                bar = page.locator("#bar").bounding_box()
                assert box["x"] >= 0 and box["x"] + box["width"] <= size[0] and box["y"] >= 0, (size, box)
                assert box["y"] + box["height"] <= bar["y"] + 1, (size, box, bar)
            page.keyboard.press("Escape")
            assert not page.is_visible("#messages")
            assert not page.faults, page.faults
