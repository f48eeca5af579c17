# SPDX-License-Identifier: Apache-2.0
"""What an attacker on the same network has: floods, forgeries, replays, half-open offers, slow clients."""

import contextlib
import random
import selectors
import socket
import struct
import threading
import time

SOL_UDP, UDP_SEGMENT = 17, 103
SEGMENTS = 64
ALERT = bytes.fromhex("15fefd0000000000000009000202") + b"\x28"

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-mux",
        "a=setup:actpass",
        "a=ice-ufrag:hostile1",
        "a=ice-pwd:hostilehostilehostilehostile",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "",
    ]
)


def attribute(answer, name):
    """The value of the first such attribute of a description."""
    return answer.split(f"a={name}:", 1)[1].split("\r\n", 1)[0]


def candidate(answer):
    """The first address and port that a description names."""
    words = attribute(answer, "candidate").split()
    return words[4], int(words[5])


def stun(fragment, chance):
    """A Binding request for the session `fragment`, by somebody who does not know its password."""
    name = f"{fragment}:evil".encode()
    username = struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
    priority = struct.pack("!HHI", 0x24, 4, 0x6E0001FF)
    integrity = struct.pack("!HH", 8, 20) + chance.randbytes(20)
    body = username + priority + integrity
    return struct.pack("!HHI", 1, len(body), 0x2112A442) + chance.randbytes(12) + body


def client_hello(chance):
    """A ClientHello that offers no encryption at all (TLS_NULL_WITH_NULL_NULL), as the hello race sends it."""
    body = b"\xfe\xfd" + chance.randbytes(32) + b"\x00\x00" + b"\x00\x02\x00\x00" + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3, "big") + bytes(5) + len(body).to_bytes(3, "big") + body
    return b"\x16\xfe\xfd" + bytes(8) + len(message).to_bytes(2, "big") + message


def datagram_socket(target):
    """A socket of its own port that can reach `target`."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.connect(target)
    made.setblocking(False)
    return made


class Flood(threading.Thread):
    """Datagrams of `size` bytes at `rate` a second, 64 to a system call (UDP GSO), from the sockets given.

    Each batch is drawn anew from `patterns`, which begin with the bytes that tell a receiver what they are.
    """

    def __init__(self, sockets, rate, patterns=(b"",), size=100, seed=1):
        super().__init__(daemon=True)
        self.sockets, self.rate, self.size = sockets, rate, size
        chance = random.Random(seed)
        self.batches = []
        for _ in range(16):
            drawn = [(chance.choice(patterns) + chance.randbytes(size))[:size] for _ in range(SEGMENTS)]
            self.batches.append(b"".join(drawn))
        for made in sockets:
            made.setsockopt(SOL_UDP, UDP_SEGMENT, size)
        self.sent = 0
        self.ending = threading.Event()

    def run(self):
        start, turn = time.monotonic(), 0
        while not self.ending.is_set():
            ahead = self.sent - (time.monotonic() - start) * self.rate
            if ahead > 0:
                time.sleep(ahead / self.rate)
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                self.sockets[turn % len(self.sockets)].send(self.batches[turn % len(self.batches)])
                self.sent += SEGMENTS
            turn += 1

    def __enter__(self):
        self.start()
        self.began = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.began
        self.ending.set()
        self.join()
        for made in self.sockets:
            made.setsockopt(SOL_UDP, UDP_SEGMENT, 0)


def answers_on(sockets):
    """Datagrams that have come back."""
    count = 0
    for made in sockets:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while made.recv(2048):
                count += 1
    return count


class Tap(threading.Thread):
    """A UDP relay between viewers and the program, who keeps what viewers sent, and may send more besides.

    `before(datagram)` answers what is sent to the program ahead of a viewer's datagram.
    """

    def __init__(self, target, before=None):
        super().__init__(daemon=True)
        self.target, self.before = target, before
        self.outer = socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.outer.bind(("::" if ":" in target[0] else "0.0.0.0", 0))
        self.outer.setblocking(False)
        self.port = self.outer.getsockname()[1]
        self.ways, self.heard = {}, []
        self.ending = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()
        for made in [self.outer, *self.ways.values()]:
            made.close()

    def heard_of(self, kinds):
        """What viewers sent so far whose first byte is in `kinds` (RFC 7983)."""
        return [datagram for datagram in self.heard if datagram[0] in kinds]

    def busiest(self):
        """The socket towards the program that carries the media: the way whose address the program has proved."""
        return max(self.ways.values(), key=lambda way: self.carried.get(way, 0))

    def run(self):
        self.carried = {}
        waiter = selectors.DefaultSelector()
        waiter.register(self.outer, selectors.EVENT_READ, None)
        while not self.ending.is_set():
            for key, _ in waiter.select(0.1):
                with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                    for _ in range(64):
                        self.relay(key, waiter)

    def relay(self, key, waiter):
        if key.data is not None:
            datagram = key.fileobj.recv(2048)
            self.carried[key.fileobj] = self.carried.get(key.fileobj, 0) + 1
            self.outer.sendto(datagram, key.data)
            return
        datagram, source = self.outer.recvfrom(2048)
        if source not in self.ways:
            self.ways[source] = datagram_socket(self.target)
            waiter.register(self.ways[source], selectors.EVENT_READ, source)
        if len(self.heard) < 10_000:
            self.heard.append(datagram)
        for extra in self.before(datagram) if self.before else []:
            self.ways[source].send(extra)
        self.ways[source].send(datagram)


class SlowClients(threading.Thread):
    """So many connections that send one byte of a request a second, each begun anew when it is closed.

    They come from another address than everybody else here.
    """

    def __init__(self, address, count):
        super().__init__(daemon=True)
        self.address, self.count = address, count
        self.clients, self.opened, self.closed = [], 0, 0
        self.ending = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()
        for client in self.clients:
            client.close()

    def run(self):
        request = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1000
        sent = {}
        while not self.ending.is_set():
            while len(self.clients) < self.count and not self.ending.is_set():
                client = socket.create_connection(self.address, source_address=("127.0.0.2", 0))
                client.setblocking(False)
                self.clients.append(client)
                self.opened += 1
                sent[client] = 0
            for client in list(self.clients):
                try:
                    sent[client] += client.send(request[sent[client] : sent[client] + 1])
                    if client.recv(2048) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    continue
                except OSError:
                    self.closed += 1
                    self.clients.remove(client)
                    client.close()
            self.ending.wait(1)


def raw(porthole, data, patience=20):
    """What the program answers to these bytes on a connection of their own, until it closes."""
    with socket.create_connection((porthole.host, porthole.port), timeout=patience) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
    return answer
