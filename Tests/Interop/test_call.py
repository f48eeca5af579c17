# SPDX-License-Identifier: Apache-2.0
"""Two of the release programs, one calling the other; and Chromium, called back by the program over /ws."""

import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

import program
from browser import tab
from program import TOKEN, Porthole


class Call:
    """A running `porthole call`; `with Call(address) as call:` hangs up at the end."""

    def __init__(self, address, *options, camera="test"):
        self.words = ["call", address, "--camera", camera, *options]

    def __enter__(self):
        self.state = tempfile.TemporaryDirectory(prefix="porthole-")
        self.lines = []
        self.heard = threading.Condition()
        self.process = subprocess.Popen(
            [*Porthole.command, *self.words, "--state", self.state.name],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.state.cleanup()
        if kind:
            print("".join(self.lines), flush=True)

    def _read(self):
        for line in self.process.stdout:
            with self.heard:
                self.lines.append(line)
                self.heard.notify_all()

    def says(self, pattern, limit=30):
        """Waits for a line that matches."""
        def found():
            return next((match for line in self.lines if (match := re.search(pattern, line))), None)

        with self.heard:
            assert self.heard.wait_for(found, limit), f"no {pattern} in {limit} s: {self.lines}"
            return found()

    def ends(self, limit=10):
        """Waits until it has ended by itself: its exit status."""
        status = self.process.wait(limit)
        self.reader.join(5)
        return status

    def hang_up(self):
        self.process.send_signal(signal.SIGTERM)
        return self.ends()


def address_of(porthole, token=TOKEN, path="/ws"):
    return f"ws://{porthole.host}:{porthole.port}{path}?token={token}"


def grown(porthole, least, limit=30):
    """Waits until the only peer has sent and been sent so many pictures: its row of /stats."""
    end = time.monotonic() + limit
    while True:
        peers = porthole.stats()["peers"]
        if len(peers) == 1 and min(peers[0]["framesSent"], peers[0]["framesReceived"]) >= least:
            return peers[0]
        assert time.monotonic() < end, f"too few pictures after {limit} s: {peers}"
        time.sleep(0.05)


def test_call():
    """one program calls another: pictures both ways, SIGTERM hangs up with 0, and the viewer is gone"""
    with Porthole() as porthole, Call(address_of(porthole)) as call:
        call.says(r"^Connected\.$")
        rate = int(call.says(r"^Receiving (\d+) fps\.$")[1])
        peer = grown(porthole, 60)
        assert peer["connectionState"] == "connected", peer
        assert porthole.viewers() == 1
        assert call.hang_up() == 0, call.lines
        assert call.lines[-1] == "Ended: the call was ended here.\n", call.lines
        waited = porthole.viewers_become(0, 10)
        assert TOKEN not in "".join(call.lines), "the token was shown"
        return f"{rate} fps; gone after {waited:.1f} s"


def test_callee_hangs_up():
    """a call ends with 0 and a sentence when the other side stops; without a camera it only receives"""
    with Porthole() as porthole, Call(address_of(porthole), camera="none") as call:
        call.says(r"^Receiving \d+ fps\.$")
        porthole.end()
        assert call.ends() == 0, call.lines
        assert call.lines[-1] == "Ended: the other side hung up.\n", call.lines


def test_callee_is_killed():
    """a call ends with 1 and a sentence when the other side is killed"""
    with Porthole() as porthole, Call(address_of(porthole)) as call:
        call.says(r"^Connected\.$")
        porthole.process.kill()
        assert call.ends() == 1, call.lines
        assert "signalling line was lost" in call.lines[-1], call.lines
        porthole.process.wait()
        # What __exit__ would otherwise take for a fault of the program.
        porthole.process.returncode = 0


def test_nobody_to_call():
    """a wrong token, a wrong path, a closed port, a mute one, an unknown name: status 1 and what to do"""
    with Porthole() as porthole, socket.create_server(("127.0.0.1", 0)) as deaf, tempfile.TemporaryDirectory() as state:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            dead = gone.getsockname()[1]
        cases = {
            address_of(porthole, token="wrong-token"): "access token",
            f"ws://{porthole.host}:{porthole.port}/ws": "access token",
            address_of(porthole, path="/nothing"): "404",
            address_of(porthole, path="/health"): "no WebSocket",
            f"ws://127.0.0.1:{dead}/ws": f"nothing listens on port {dead}",
            f"ws://127.0.0.1:{deaf.getsockname()[1]}/ws": "did not answer in time",
            "ws://camera.example/ws": "camera.example is not in /etc/hosts",
        }
        for address, sentence in cases.items():
            words = ["call", address, "--camera", "test", "--state", state]
            done = subprocess.run([*Porthole.command, *words], capture_output=True, text=True, timeout=40)
            assert done.returncode == 1, f"{address}: {done}"
            assert sentence in done.stderr and done.stderr.count("\n") == 1, f"{address}: {done.stderr}"
        status, said = program.refuse("call", "https://127.0.0.1/ws")
        assert status == 2 and "wss:" in said, said
        assert porthole.viewers() == 0


def test_browser_is_offered(browser):
    """a page that says call over /ws is offered the camera: it answers as DTLS client and shows the pictures"""
    with Porthole() as porthole, tab(browser, porthole.origin + "/health") as page:
        page.context.add_cookies([{"name": "porthole", "value": TOKEN, "url": porthole.origin}])
        found = page.evaluate("() => interop.answer(31)")
        assert found["frames"] > 30, found
        assert "a=setup:actpass" in found["offer"] and "a=candidate" not in found["offer"], found
        assert "a=setup:active" in found["answer"], found["answer"]
        assert found["dtlsRole"] == "client", found
        assert found["candidates"] >= 1 and found["isComplete"], found
        page.evaluate("() => interop.renew()")
        assert page.evaluate("() => interop.shown(31)") > 30
        assert porthole.viewers() == 1
        page.evaluate("() => interop.leaveLine()")
        porthole.viewers_become(0, 10)
