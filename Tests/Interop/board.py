# SPDX-License-Identifier: Apache-2.0
"""What the tests of sensors and control share: the program with a configuration, its channels in a page, and who pushes values."""

import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

from program import TOKEN, Porthole

CONTROL = "interop-control-token"

# Keeps the channels that the page opens, and what comes over them.
KEEP = """
  window.channels = {};
  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = create.call(this, label, options);
    channel.heard = [];
    channel.addEventListener("message", ({ data }) => channel.heard.push(JSON.parse(data)));
    window.channels[label] = channel;
    return channel;
  };
"""

CALL = """async ([method, params]) => {
  const channel = window.channels.control;
  const id = `test-${Math.random()}`;
  channel.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  for (;;) {
    const answer = channel.heard.find((message) => message.id === id);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}"""

# Opens sessions with nothing but a channel for telemetry; counts what comes.
WATCHERS = """async ([count, token]) => {
  window.watchers = [];
  for (let number = 0; number < count; number += 1) {
    const connection = new RTCPeerConnection();
    const channel = connection.createDataChannel("telemetry", { ordered: false, maxRetransmits: 0 });
    const watcher = { connection, messages: 0, values: 0 };
    channel.onmessage = ({ data }) => {
      watcher.messages += 1;
      watcher.values += Object.keys(JSON.parse(data).values ?? {}).length;
    };
    window.watchers.push(watcher);
    const opened = new Promise((resolve) => { channel.onopen = resolve; });
    await connection.setLocalDescription();
    const answer = await fetch("/whep", {
      method: "POST", body: connection.localDescription.sdp,
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
    });
    await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await opened;
  }
}"""


class Board(Porthole):
    """The program with the text of a configuration file and a folder of its own for files that it reads."""

    def __init__(self, text="", *options):
        self.files = tempfile.TemporaryDirectory(prefix="porthole-board-")
        self.folder = pathlib.Path(self.files.name)
        self.file("porthole.toml", text.replace("FOLDER", str(self.folder)))
        self.socket = str(self.folder / "publish.sock")
        words = ["--config", str(self.folder / "porthole.toml"), "--socket", self.socket, "--control-token", CONTROL]
        super().__init__(*words, *options)

    def __exit__(self, *error):
        try:
            super().__exit__(*error)
        finally:
            self.files.cleanup()

    def file(self, name, text):
        """Writes a file at once, so that nobody reads half of it."""
        (self.folder / "new").write_text(text)
        (self.folder / "new").rename(self.folder / name)

    def publish(self, *words):
        """`porthole publish` with these words: (status, what it said)."""
        words = [*self.command, "publish", *words, "--socket", self.socket]
        done = subprocess.run(words, capture_output=True, text=True, timeout=20)
        assert done.stdout == "", done.stdout
        return done.returncode, done.stderr

    def open(self, page, token=TOKEN):
        """Opens the page with a token and waits for the picture."""
        page.add_init_script(KEEP)
        page.goto(f"{self.origin}/?token={token}")
        page.wait_for_selector("[data-state=live]")


def call(page, method, params=None):
    """A call over the page's own channel: the whole answer."""
    page.wait_for_function("window.channels.control?.readyState === 'open'")
    return page.evaluate(CALL, [method, params or {}])


class Pusher:
    """A program that pushes values of so many sensors, each so often a second, until it is told to stop."""

    def __init__(self, path, sensors, rate):
        self.path, self.sensors, self.rate = path, sensors, rate
        self.count = 0
        self.isOver = threading.Event()
        self.thread = threading.Thread(target=self._push, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver.set()
        self.thread.join(10)

    def _push(self):
        # A connection for ten sensors at most: no one may push too many lines a second.
        lines = []
        for first in range(0, self.sensors, 10):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.connect(self.path)
            lines.append((line, range(first, min(first + 10, self.sensors))))
        begin = time.monotonic()
        while not self.isOver.wait(max(0, begin + self.count / self.rate - time.monotonic())):
            for line, numbers in lines:
                rows = [{"name": f"sensor-{number}", "value": number + self.count % 100 / 100, "unit": "V"} for number in numbers]
                line.sendall("".join(json.dumps(row) + "\n" for row in rows).encode())
            self.count += 1
        for line, _ in lines:
            line.close()
