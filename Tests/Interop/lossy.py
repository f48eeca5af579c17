# SPDX-License-Identifier: Apache-2.0
"""A bad network between a browser and a program: a UDP proxy that drops a part of the datagrams, the same ones each time,
and may let each of the others wait.

The answer's candidates are replaced by the proxy's, so that the browser knows no other way.
"""

import collections
import random
import re
import selectors
import socket
import threading
import time

CANDIDATE = re.compile(r"^a=candidate:(\S+) 1 udp (\d+) (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*$", re.IGNORECASE | re.MULTILINE)


class Lossy(threading.Thread):
    """Stands between one browser and one address; drops `part` of what passes in either direction, the rest passes
    `delay` seconds later."""

    def __init__(self, target, part, seed, delay=0):
        super().__init__(daemon=True)
        self.part, self.delay = part, delay
        self.under_way = collections.deque()
        self.chances = [random.Random(seed), random.Random(seed + 1)]
        self.passed = self.dropped = 0
        self.outer, self.inner = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for end in (self.outer, self.inner):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            end.bind((target[0], 0))
            end.setblocking(False)
        self.inner.connect(target)
        self.browser = None
        self.ending = threading.Event()

    @classmethod
    def of(cls, answer, part, seed, delay=0):
        """A proxy for the answer's first candidate, and the answer that names the proxy instead."""
        found = CANDIDATE.search(answer)
        assert found, f"no IPv4 candidate in the answer:\n{answer}"
        proxy = cls((found[3], int(found[4])), part, seed, delay)
        port = proxy.outer.getsockname()[1]
        own = f"a=candidate:{found[1]} 1 udp {found[2]} {found[3]} {port} typ host"
        lines = [line for line in answer.splitlines() if not line.startswith("a=candidate:")]
        first = next(index for index, line in enumerate(lines) if line.startswith("a=ice-ufrag:"))
        lines.insert(first, own)
        return proxy, "".join(line + "\r\n" for line in lines)

    def run(self):
        waiter = selectors.DefaultSelector()
        waiter.register(self.outer, selectors.EVENT_READ)
        waiter.register(self.inner, selectors.EVENT_READ)
        while not self.ending.is_set():
            until = self.under_way[0][0] - time.monotonic() if self.under_way else 0.2
            for key, _ in waiter.select(max(0, min(until, 0.2))):
                self._take(key.fileobj)
            self._pass_on()
        waiter.close()
        self.outer.close()
        self.inner.close()

    def end(self):
        self.ending.set()
        self.join(5)

    def _take(self, end):
        """All that waits at one end."""
        while True:
            try:
                data, source = end.recvfrom(65536)
            except (BlockingIOError, ConnectionRefusedError):
                return
            inward = end is self.outer
            if inward:
                self.browser = source
            if self.chances[inward].random() < self.part:
                self.dropped += 1
                continue
            self.passed += 1
            self.under_way.append((time.monotonic() + self.delay, inward, data))

    def _pass_on(self):
        """What has waited long enough."""
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            _, inward, data = self.under_way.popleft()
            try:
                if inward:
                    self.inner.send(data)
                elif self.browser:
                    self.outer.sendto(data, self.browser)
            except (BlockingIOError, ConnectionRefusedError):
                self.dropped += 1
