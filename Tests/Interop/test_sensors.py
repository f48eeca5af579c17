# SPDX-License-Identifier: Apache-2.0
"""The board's sensors on the page, and the values of other programs."""

import os
import socket
import stat
import tempfile
import time

from board import WATCHERS, Board, Pusher
from browser import tab
from program import TOKEN, refuse

ROOM = """
[sensors]
find = "none"

[[sensor]]
name = "room"
label = "Living room"
file = "FOLDER/room"
scale = 0.001
unit = "°C"
interval = 0.1
"""


def shown(page, text):
    page.wait_for_function("(text) => document.getElementById('readings').innerText.includes(text)", arg=text)


def test_sensors_on_the_page(browser):
    """the page shows a sensor's value with its unit, follows it, plots it, and shows its failure in its place"""
    with Board(ROOM) as porthole, tab(browser) as page:
        porthole.file("room", "20500\n")
        porthole.open(page)
        page.wait_for_selector("#gauges:not([hidden])").click()
        shown(page, "Living room")
        shown(page, "20.5\u202f°C")
        porthole.file("room", "21900\n")
        shown(page, "21.9\u202f°C")
        page.wait_for_function("document.querySelector('#readings canvas').getAttribute('aria-label').includes('20.5')")
        # Something was drawn: a line is not what an empty canvas looks like.
        drawn = page.evaluate("""() => {
          const canvas = document.querySelector("#readings canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }""")
        assert drawn > 50, drawn
        (porthole.folder / "room").unlink()
        shown(page, "failed:")
        assert "21.9" not in page.inner_text("#readings strong"), page.inner_text("#readings")
        porthole.file("room", "22000\n")
        shown(page, "22.0\u202f°C")
        page.keyboard.press("Escape")
        page.wait_for_selector("#sensors", state="hidden")
        assert not page.faults, page.faults


def test_board_without_configuration(browser):
    """load and memory are there without any configuration"""
    with Board() as porthole, tab(browser) as page:
        porthole.open(page)
        page.keyboard.press("g")
        shown(page, "Load")
        shown(page, "Memory used")
        page.wait_for_function("/[0-9.,]+.%/.test(document.getElementById('readings').innerText)")


def test_publish(browser):
    """porthole publish shows a value, and who joins later sees what came before"""
    with Board(ROOM) as porthole, tab(browser) as page:
        for value in ("20.5", "-3", "1e2"):
            assert porthole.publish("tank", value, "--unit", "l") == (0, "")
            time.sleep(1.1)
        porthole.open(page)
        page.keyboard.press("g")
        shown(page, "100")
        history = page.wait_for_function(
            "window.channels.telemetry.heard.find(({ history }) => history === 'tank')"
        ).json_value()
        values = [value for value in history["values"] if value is not None]
        assert values == [20.5, -3, 100], history
        assert porthole.publish("tank", "7") == (0, "")
        shown(page, "7")


def test_publish_says_what_is_wrong():
    """porthole publish says in one sentence why a value was not taken"""
    with Board(ROOM) as porthole:
        status, said = porthole.publish("room", "1")
        assert status == 1 and "room is one of the board's own sensors" in said, said
        for words in [["tank"], ["tank", "wet"], ["a b", "1"], ["tank", "nan"], ["tank", "1", "--colour", "red"]]:
            status, said = porthole.publish(*words)
            assert status == 2 and said.count("\n") == 1, (words, status, said)
    with tempfile.TemporaryDirectory() as folder:
        status, said = refuse("publish", "tank", "1", "--state", folder)
        assert status == 1 and "no porthole listens at" in said, said
        os.chmod(folder, 0o755)
        path = f"{folder}/sock"
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            status, said = refuse("publish", "tank", "1", "--socket", path)
            assert status == 1 and "no porthole listens at" in said, said


def test_the_socket_is_not_for_all():
    """the socket is for its user and group, and goes with the program"""
    with Board(ROOM) as porthole:
        assert stat.S_IMODE(os.stat(porthole.socket).st_mode) == 0o660
        path = porthole.socket
        porthole.end()
        assert not os.path.exists(path)


def test_hostile_pusher(browser):
    """a program that pushes garbage, endless lines and floods hurts neither the picture nor the others"""
    with Board(ROOM) as porthole, tab(browser) as page:
        porthole.file("room", "20500\n")
        porthole.open(page)
        memory = porthole.memory()
        for part in (b"\xff" * 1_000_000, b"{" * 500_000 + b"\n", b'{"name":"x","value":1}\n' * 20_000, os.urandom(500_000)):
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(20)
                line.connect(porthole.socket)
                line.sendall(part)
                line.shutdown(socket.SHUT_WR)
                while line.recv(65536):
                    pass
        idle = []
        for _ in range(50):
            line = socket.socket(socket.AF_UNIX)
            line.connect(porthole.socket)
            idle.append(line)
        assert porthole.publish("tank", "1") == (0, "")
        for line in idle:
            line.close()
        page.keyboard.press("g")
        shown(page, "tank")
        assert page.evaluate("document.getElementById('stage').dataset.state") == "live"
        grown = porthole.memory() - memory
        assert grown < 4096, f"memory grew by {grown} kB"


def test_many_watch(browser):
    """eight who watch are told of twenty sensors ten times a second, all the same"""
    with Board(ROOM) as porthole, tab(browser, porthole.origin + "/health") as page:
        page.evaluate(WATCHERS, [8, TOKEN])
        with Pusher(porthole.socket, 20, 10) as pusher:
            page.wait_for_function("watchers.every(({ values }) => values > 1000)")
        counts = page.evaluate("watchers.map(({ values }) => values)")
        # No one may be far behind the others: nothing is lost on a loopback.
        assert min(counts) > 0.5 * max(counts), counts
        assert max(counts) <= 20 * (pusher.count + 20), (counts, pusher.count)
        return f"{min(counts)} to {max(counts)} values of {20 * pusher.count}"


def test_one_who_opens_many(browser):
    """one visitor has four channels of a label at most, and the others are closed"""
    with Board(ROOM) as porthole, tab(browser, porthole.origin + "/health") as page:
        page.evaluate(WATCHERS, [1, TOKEN])
        page.evaluate("""() => {
          window.more = Array.from({ length: 40 }, () => watchers[0].connection.createDataChannel("telemetry"));
        }""")
        page.wait_for_function("more.filter(({ readyState }) => readyState === 'closed').length === 37")
        assert page.evaluate("more.filter(({ readyState }) => readyState === 'open').length") == 3
