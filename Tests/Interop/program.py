# SPDX-License-Identifier: Apache-2.0
"""The release binary as a subject of tests: started on a free port, asked over HTTP, ended."""

import http.client
import json
import os
import pathlib
import re
import selectors
import shlex
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(ROOT / ".build/release/porthole")
TOKEN = "interop-token"
# Attacks that last as long as the requirements say, not a few seconds each.
LONG = False
ADDRESS = re.compile(rb"https?://[^\s\"']+")


class Porthole:
    """A running program; `with Porthole() as porthole:` ends it."""

    command = [BINARY]

    def __init__(self, *options, camera="test", listen="127.0.0.1:0", token=TOKEN, patience=20, environment=None):
        self.options = ["--camera", camera, "--listen", listen, "--token", token, *options]
        if "--config" not in options:
            self.options += ["--config", "none"]
        self.token = token
        self.patience = patience
        self.environment = environment
        self.output = b""

    def __enter__(self):
        self.state = tempfile.TemporaryDirectory(prefix="porthole-")
        state = [] if "--state" in self.options else ["--state", self.state.name]
        self.process = subprocess.Popen(
            self.command + self.options + state,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
        )
        try:
            self.address = self._printed_address()
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.state.cleanup()
            raise
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        parts = urllib.parse.urlsplit(self.address)
        self.host, self.port = parts.hostname, parts.port
        self.origin = f"{parts.scheme}://{parts.netloc}"
        return self

    def __exit__(self, kind, *_):
        if kind and self.output:
            print(self.output.decode(errors="replace"), flush=True)
        self.end()

    def end(self):
        """Ends the program as a service manager does: it must go at once, and call that a success."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the program did not end within 10 s of SIGTERM") from None
        finally:
            self.reader.join(5)
            self.process.stdout.close()
            self.state.cleanup()
        assert status == 0, f"the program ended with {status}:\n{self.output.decode(errors='replace')}"

    def _read(self):
        """Keeps what the program says, so that it never waits for a reader."""
        while part := os.read(self.process.stdout.fileno(), 65536):
            self.output += part

    def _printed_address(self):
        """The address that the program prints once it serves."""
        waiter = selectors.DefaultSelector()
        waiter.register(self.process.stdout, selectors.EVENT_READ)
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if not waiter.select(end - time.monotonic()):
                continue
            part = os.read(self.process.stdout.fileno(), 65536)
            self.output += part
            found = ADDRESS.search(self.output)
            if found and self.output.endswith(b"\n"):
                return found.group().decode()
            if not part:
                break
        raise AssertionError(f"the program printed no address:\n{self.output.decode(errors='replace')}")

    def ask(self, method, path, body=None, token=None, **headers):
        """One HTTP request on a connection of its own: (status, headers, body)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.patience)
        try:
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def offer(self, sdp, token=TOKEN):
        """Posts an offer to /whep."""
        return self.ask("POST", "/whep", sdp, token=token, Content_Type="application/sdp")

    def stats(self):
        status, _, body = self.ask("GET", "/stats", token=self.token)
        assert status == 200, f"/stats answered {status}"
        return json.loads(body)

    def viewers(self):
        """The number of viewers; the list of peers must agree."""
        stats = self.stats()
        assert len(stats["peers"]) == stats["viewers"], stats
        return stats["viewers"]

    def viewers_become(self, count, limit):
        """Waits until there are `count` viewers: the seconds that it took."""
        start = time.monotonic()
        while self.viewers() != count:
            waited = time.monotonic() - start
            assert waited < limit, f"still {self.viewers()} viewers after {waited:.1f} s, not {count}"
            time.sleep(0.05)
        return time.monotonic() - start

    def threads(self):
        """The names of its threads."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sorted((task / "comm").read_text().strip() for task in tasks.iterdir())

    def memory(self):
        """Memory in kB that is the process's own, and no page of a file."""
        return self._rollup("Private_Dirty:")

    def resident(self):
        """Resident memory in kB, pages of files included."""
        return self._rollup("Rss:")

    def _rollup(self, name):
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(name))

    def processor_seconds(self):
        """User and system time of the process so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def use(command):
    """Replaces the binary by another command line, such as an emulator with a binary."""
    Porthole.command = shlex.split(command)


def refuse(*words, timeout=20):
    """Runs the program with words that it must refuse: (exit status, what it said)."""
    with tempfile.TemporaryDirectory(prefix="porthole-") as state:
        environment = dict(os.environ, XDG_STATE_HOME=state, XDG_CONFIG_HOME=state)
        done = subprocess.run(
            Porthole.command + list(words), capture_output=True, text=True, timeout=timeout, env=environment
        )
    assert done.stdout == "", f"it spoke on standard output: {done.stdout}"
    return done.returncode, done.stderr
