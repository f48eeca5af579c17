# SPDX-License-Identifier: Apache-2.0
"""Attacks on the running program while a browser watches: refused or ignored, counted, and nobody else notices."""

import base64
import contextlib
import os
import random
import statistics
import struct
import threading
import time

import attack
import program
from browser import Viewer, tab
from program import TOKEN, Porthole

SEED = 20_250_322
SMALL = ["--size", "320x240", "--rate", "15", "--bitrate", "500k"]


class Watched:
    """A program, a browser that watches it, and what both say of the time between two looks."""

    def __init__(self, porthole, page, viewer):
        self.porthole, self.page, self.viewer = porthole, page, viewer
        self.look()

    def look(self):
        """Begins a stretch."""
        # The picture on the way is waited for, so that both sides tell of the same ones.
        self.viewer.watch(3)
        self.memory = self.porthole.memory()
        self.inbound, self.stats = self.viewer.inbound(), self.porthole.stats()
        self.began = time.monotonic()

    def row(self, stats):
        rows = [row for row in stats["peers"] if row["connectionState"] == "connected"]
        return max(rows, key=lambda row: row["framesSent"])

    def has_lost_nothing(self, growth):
        """The viewer got every picture of the stretch, and memory is back within `growth` kB; tells what was seen."""
        self.viewer.watch(3)
        inbound, stats = self.viewer.inbound(), self.porthole.stats()
        seconds = time.monotonic() - self.began
        sent = self.row(stats)["framesSent"] - self.row(self.stats)["framesSent"]
        found = {name: inbound[name] - self.inbound[name] for name in inbound}
        found["framesSent"] = sent
        # A picture or two may be under way at either look.
        assert abs(found["framesReceived"] - sent) <= 4 and found["packetsLost"] == 0, found
        assert abs(found["framesDecoded"] - sent) <= 4, found
        assert sent >= 15 * seconds * 0.3, f"{sent} pictures in {seconds:.1f} s"
        end = time.monotonic() + 20
        while (grown := self.porthole.memory() - self.memory) > growth and time.monotonic() < end:
            time.sleep(0.2)
        assert grown <= growth, f"memory grew by {grown} kB, more than {growth}"
        self.grown, self.freezes, self.frames = grown, found["freezeCount"], sent
        return stats

    def said(self):
        return f"{self.frames} pictures sent and received, {self.freezes} freezes, memory {self.grown:+d} kB"


@contextlib.contextmanager
def watched(browser, *options, **wishes):
    with Porthole(*SMALL, *options) as porthole, tab(browser, porthole.origin + "/health") as page:
        yield Watched(porthole, page, joined(page, **wishes))


def joined(page, **wishes):
    viewer = Viewer(page, TOKEN, **wishes)
    assert viewer.status == 201, f"POST /whep answered {viewer.status}: {viewer.answer}"
    if not wishes.get("waits"):
        viewer.watch(5)
    return viewer


def half_open(porthole):
    """An offer that nobody follows up: its answer and its address."""
    status, headers, body = porthole.offer(attack.OFFER)
    assert status == 201, (status, body)
    return body.decode(), headers["Location"]


def target_of(porthole):
    """The address that viewers are told to send to."""
    answer, location = half_open(porthole)
    porthole.ask("DELETE", location, token=TOKEN)
    return attack.candidate(answer)


def grew(after, before, *path):
    """By how much a number of /stats has grown."""
    for name in path:
        after, before = after.get(name, 0), before.get(name, {}) if isinstance(before, dict) else {}
    return after - (before or 0)


def refused_since(stats, before, status):
    return stats["http"]["refusals"].get(str(status), 0) - before["http"]["refusals"].get(str(status), 0)


def becomes(condition, limit, what):
    """Waits until `condition` answers something: that."""
    end = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {limit} s: {what}"
        time.sleep(0.05)
    return found


def test_forgeries_during_setup(browser):
    """10,000 forged ClientHellos and 10,000 STUN requests with a wrong integrity during setup: connects, no answer (S1, S4, S14, T13)"""
    chance = random.Random(SEED)
    with watched(browser) as scene, tab(browser, scene.porthole.origin + "/health") as page:
        target = target_of(scene.porthole)
        sockets = [attack.datagram_socket(target) for _ in range(8)]
        calm, forged = [], []
        for attempt in range(3):
            viewer = joined(page, waits=True)
            viewer.begin()
            calm.append(viewer.first()["answered"])
            viewer.leave()
        scene.look()
        for attempt in range(3):
            viewer = joined(page, waits=True)
            fragment = attack.attribute(viewer.answer, "ice-ufrag")
            hellos = [attack.client_hello(chance) for _ in range(64)]
            requests = [attack.stun(fragment, chance) for _ in range(64)]

            def forge():
                for number in range(10_000 // 3 + 1):
                    for datagram in (hellos[number % 64], requests[number % 64]):
                        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                            sockets[number % 8].send(datagram)
                    if number % 50 == 49:
                        time.sleep(0.005)

            forger = threading.Thread(target=forge)
            forger.start()
            viewer.begin()
            forged.append(viewer.first()["answered"])
            forger.join()
            viewer.leave()
        assert attack.answers_on(sockets) == 0, "a forgery was answered"
        stats = scene.has_lost_nothing(growth=2048)
        drops, before = stats["network"]["dropped"], scene.stats["network"]["dropped"]
        full = drops["receiveBufferFull"] - before["receiveBufferFull"]
        bad, strange = drops["stun"] - before["stun"], drops["strangers"] - before["strangers"]
        # Requests that came after the viewer had left name no session any more.
        assert bad + strange + full >= 20_000 and bad > 0, (before, drops)
        delay = statistics.median(forged) - statistics.median(calm)
        assert max(forged) < 10_000, forged
        return f"answer to picture +{delay:.0f} ms (calm {statistics.median(calm):.0f} ms), {bad} STUN and {strange} of strangers dropped; {scene.said()}"


def test_damaged_handshake(browser):
    """broken copies and forged alerts ahead of every datagram of the handshake: connects (S2)"""
    chance = random.Random(SEED)
    # Damage that leaves a message well-formed would make the browser give up over our answer to it; only the checks,
    # with a session of ours at either end, can go that far.

    def meddle(datagram):
        if datagram[0] not in range(20, 64):
            return []
        damaged = bytearray(datagram)
        damaged[chance.choice([0, 1, 2, 3, 4, 11, 12])] ^= chance.randrange(1, 256)
        return [attack.ALERT] * 10 + [datagram[: chance.randrange(1, len(datagram))], bytes(damaged)]

    times, restarts = [], 0
    with Porthole(*SMALL) as porthole, tab(browser, porthole.origin + "/health") as page:
        target = target_of(porthole)
        for _ in range(10 if program.LONG else 4):
            with attack.Tap(target, meddle) as tap:
                viewer = joined(page, waits=True, port=tap.port)
                viewer.begin()
                times.append(viewer.first()["answered"])
                row = porthole.stats()["peers"][-1]
                restarts += row["handshakeRestarts"]
                assert row["dropped"]["handshake"] >= 10, row
                viewer.leave()
    return f"answer to picture {', '.join(f'{time:.0f}' for time in times)} ms; {restarts} fresh starts"


def test_replay_and_injection(browser):
    """everything a viewer ever sent, replayed from its own and from other addresses, and forged records: no effect (S2, S3, S12)"""
    with Porthole(*SMALL) as porthole, tab(browser, porthole.origin + "/health") as page:
        target = target_of(porthole)
        with attack.Tap(target) as tap:
            viewer = joined(page, port=tap.port)
            scene = Watched(porthole, page, viewer)
            becomes(lambda: len(tap.heard_of(range(128, 192))) >= 4, 20, "reports of the viewer")
            others = [attack.datagram_socket(target) for _ in range(4)]
            own = tap.busiest()
            # Checks last: they are authentic, and make an address known from which no more comes than before.
            heard = sorted(tap.heard, key=lambda datagram: datagram[0] < 4)
            for datagram in heard:
                for made in [own, *others]:
                    with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                        made.send(datagram)
            for _ in range(100):
                own.send(attack.ALERT)
            becomes(
                lambda: scene.row(porthole.stats())["dropped"]["unauthenticated"] >= 4, 10, "replays counted"
            )
            stats = scene.has_lost_nothing(growth=2048)
            row = scene.row(stats)["dropped"]
            assert row["unauthenticated"] >= 4, row
            strangers = stats["network"]["dropped"]["strangers"]
            assert strangers >= 4 * 4, stats["network"]
            for made in others:
                with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                    while back := made.recv(2048):
                        assert back[0] < 4, "media or DTLS went to an address of the attacker's"

            # Records and reports with a wrong authentication code, from the viewer's own address (T26).
            scene.look()
            seconds = 10 if program.LONG else 2
            patterns = [b"\x17\xfe\xfd\x00\x01", b"\x80\xc8\x00\x06", b"\x16\xfe\xfd\x00\x01"]
            with attack.Flood([own], 50_000 if program.LONG else 20_000, patterns, 80, SEED) as flood:
                time.sleep(seconds)
            stats = scene.has_lost_nothing(growth=2048)
            return f"{len(heard)} datagrams replayed; {flood.sent / flood.seconds:.0f} forged records a second: {scene.said()}"


def test_garbage_flood(browser):
    """100,000 datagrams of garbage a second to the port: the viewer loses no picture (S7, T27)"""
    with watched(browser) as scene:
        sockets = [attack.datagram_socket(target_of(scene.porthole)) for _ in range(16)]
        patterns = [bytes([first]) for first in (0, 1, 16, 20, 22, 23, 63, 64, 128, 144, 200, 255)]
        scene.look()
        spent, said = scene.porthole.processor_seconds(), len(scene.porthole.output)
        with attack.Flood(sockets, 100_000, patterns, 100, SEED) as flood:
            time.sleep(60 if program.LONG else 3)
        spent = scene.porthole.processor_seconds() - spent
        stats = scene.has_lost_nothing(growth=2048)
        drops, before = stats["network"]["dropped"], scene.stats["network"]["dropped"]
        taken = drops["strangers"] - before["strangers"]
        full = drops["receiveBufferFull"] - before["receiveBufferFull"]
        # A kernel that is short of memory drops before the socket; the rest is all counted.
        assert taken + full >= flood.sent * 0.95, (flood.sent, taken, full)
        lines = scene.porthole.output[said:].count(b"\n")
        assert lines <= 10 * flood.seconds, f"{lines} lines of log"
        assert attack.answers_on(sockets) == 0, "garbage was answered"
        rate = flood.sent / flood.seconds
        return f"{rate:.0f} a second, {full} of {flood.sent} not taken from the kernel, {spent / flood.seconds:.0%} of a processor; {scene.said()}"


def test_garbage_during_setup(browser):
    """20,000 datagrams of garbage to the port while a viewer connects"""
    with watched(browser) as scene, tab(browser, scene.porthole.origin + "/health") as page:
        sockets = [attack.datagram_socket(target_of(scene.porthole)) for _ in range(16)]
        patterns = [bytes([first]) for first in (0, 1, 22, 128, 200)]
        viewer = joined(page, waits=True)
        scene.look()
        with attack.Flood(sockets, 20_000, patterns, 200, SEED) as flood:
            viewer.begin()
            first = viewer.first()["answered"]
            becomes(lambda: flood.sent >= 20_000, 20, "the flood")
        scene.has_lost_nothing(growth=2048)
        return f"answer to picture {first:.0f} ms; {scene.said()}"


def test_half_open_offers(browser):
    """offers that nobody follows up: at most 64 at once, the oldest gives way, never who is connected (S6, T15, T24)"""
    count = 1000 if program.LONG else 200
    with watched(browser) as scene:
        for _ in range(70):  # What the program's allocator keeps, it keeps from the first time on.
            half_open(scene.porthole)
        scene.look()
        start, worst = time.monotonic(), 0
        for _ in range(count):
            asked = time.monotonic()
            half_open(scene.porthole)
            worst = max(worst, time.monotonic() - asked)
        rate = count / (time.monotonic() - start)
        assert scene.porthole.viewers() <= 65, scene.porthole.viewers()
        stats = scene.has_lost_nothing(growth=2048)
        assert grew(stats, scene.stats, "offers", "accepted") == count, stats["offers"]
        assert grew(stats, scene.stats, "offers", "evicted") >= count - 64, stats["offers"]
        gone = "not waited for"
        if program.LONG:
            gone = f"gone after {scene.porthole.viewers_become(1, limit=40):.0f} s"
            assert scene.porthole.stats()["offers"]["expired"] >= 60, scene.porthole.stats()["offers"]
        joined(scene.page).leave()
        assert worst < 5, f"{worst:.1f} s for an answer"
        return f"{count} offers, {rate:.0f} a second, worst answer {worst * 1000:.0f} ms, {gone}; {scene.said()}"


def test_bad_descriptions(browser):
    """descriptions of 1 MB, 1,000 m-lines, 10,000 candidates or one endless line: a clear 4xx at once (S13, T29)"""
    head, line = attack.OFFER.split("m=video", 1)
    media = "m=video" + line
    candidates = "".join(f"a=candidate:{n} 1 udp 1 192.0.2.1 {n % 60000 + 1} typ host\r\n" for n in range(10_000))
    offers = {
        "1 MB": attack.OFFER + "a=x:" + "y" * 1_000_000 + "\r\n",
        "1,000 m-lines": head + media.replace("a=mid:0\r\n", "") * 1000,
        "100 m-lines": head + media.replace("a=mid:0\r\n", "") * 100,
        "10,000 candidates": attack.OFFER + candidates,
        "10,000 lines": attack.OFFER + "a=x\r\n" * 10_000,
        "a line of 60 kB": attack.OFFER + "a=x:" + "y" * 60_000 + "\r\n",
        "zeros": "\0" * 60_000,
        "no UTF-8": b"v=0\r\n\xff\xfe\xfd" * 1000,
        "nothing": "",
    }
    with watched(browser) as scene:
        worst = 0
        for name, offer in offers.items():
            start = time.monotonic()
            status, _, body = scene.porthole.offer(offer)
            worst = max(worst, time.monotonic() - start)
            assert 400 <= status < 500 and len(body.splitlines()) == 1, f"{name}: {status} {body[:200]}"
        assert worst < 2, f"{worst:.2f} s"
        stats = scene.has_lost_nothing(growth=2048)
        refused = refused_since(stats, scene.stats, 400) + refused_since(stats, scene.stats, 413)
        assert refused == len(offers), stats["http"]
        return f"{len(offers)} refused, the slowest after {worst * 1000:.0f} ms; {scene.said()}"


def test_slow_clients(browser):
    """clients that send a byte a second: at most 64 have a place, and a viewer still comes at once (S23, T28)"""
    count = 500 if program.LONG else 150
    with watched(browser) as scene:
        scene.look()
        with attack.SlowClients((scene.porthole.host, scene.porthole.port), count) as slow:
            becomes(lambda: slow.opened >= count, 20, "slow clients")
            start = time.monotonic()
            late = []
            while time.monotonic() - start < (60 if program.LONG else 3):
                asked = time.monotonic()
                status, _, _ = scene.porthole.ask("GET", "/health")
                late.append(time.monotonic() - asked)
                assert status == 200, status
                http = scene.porthole.stats()["http"]
                assert http["connectionsUnauthorized"] <= 64, http
                time.sleep(0.05)
            asked = time.monotonic()
            answer, location = half_open(scene.porthole)
            joining = time.monotonic() - asked
            scene.porthole.ask("DELETE", location, token=TOKEN)
            during = scene.porthole.memory() - scene.memory
        assert max(late) < 5 and joining < 5, (max(late), joining)
        assert during < 4096, f"memory grew by {during} kB"
        stats = scene.has_lost_nothing(growth=2048)
        assert grew(stats, scene.stats, "http", "connectionsEvicted") >= count - 64, stats["http"]
        # Those that are left have 5 s for a head.
        becomes(lambda: scene.porthole.stats()["http"]["connections"] <= 8, 15, "slow clients gone")
        return f"{count} slow clients, {slow.opened} connections: /health p50 {statistics.median(late) * 1000:.0f} ms, worst {max(late) * 1000:.0f}, offer {joining * 1000:.0f} ms, memory {during:+d} kB meanwhile; {scene.said()}"


REQUESTS = [
    ("no request", b"\x05\x02\x00\x01\r\n\r\n", 400),
    ("no version", b"GET /\r\n\r\n", 400),
    ("version 3", b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
    ("a folded field", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400),
    ("space before the colon", b"GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n", 400),
    ("a zero byte", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \0\r\n\r\n", 400),
    ("a long target", b"GET /" + b"x" * 8000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    ("16 kB of head", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: " + b"x" * 16_000 + b"\r\n\r\n", 431),
    ("100 fields", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 100 + b"\r\n", 431),
    ("two lengths", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    ("a negative length", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    ("an endless length", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", None),
    ("length and chunks", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a broken chunk", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
    ("an unknown coding", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", None),
    ("an expectation", b"POST /whep HTTP/1.1\r\nHost: localhost\r\nExpect: the-moon\r\nContent-Length: 1\r\n\r\nx", 417),
]


def test_broken_requests(browser):
    """requests that are none: a clear 4xx or 5xx, or silence, and each is counted (S23)"""
    with watched(browser) as scene:
        total = 0
        for name, data, expected in REQUESTS:
            answer = attack.raw(scene.porthole, data)
            status = int(answer.split(b" ")[1]) if answer else 0
            assert status == expected if expected else 400 <= status < 600, f"{name}: {answer[:200]}"
            total += 1
        chance = random.Random(SEED)
        for _ in range(2000 if program.LONG else 200):
            _, data, _ = chance.choice(REQUESTS)
            noise = bytearray(data)
            for _ in range(chance.randrange(1, 8)):
                noise[chance.randrange(len(noise))] = chance.randrange(256)
            answer = attack.raw(scene.porthole, bytes(noise))
            assert answer == b"" or answer.startswith(b"HTTP/1.1 "), answer[:200]
        stats = scene.has_lost_nothing(growth=2048)
        counted = sum(stats["http"]["refusals"].values()) - sum(scene.stats["http"]["refusals"].values())
        assert counted >= total, stats["http"]
        return f"{counted} refusals counted; {scene.said()}"


def frame(opcode, payload, final=True, masked=True, length=None):
    """A frame of a WebSocket, or what looks like one (RFC 6455 section 5.2)."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | opcode])
    bit = 0x80 if masked else 0
    head += bytes([bit | size]) if size < 126 else bytes([bit | 126]) + struct.pack("!H", size) if size < 65536 else bytes([bit | 127]) + struct.pack("!Q", size)
    return head + (bytes(4) if masked else b"") + payload


def test_broken_web_sockets(browser):
    """frames that break the rules end their own line with the fitting code, and only that"""
    steps = [
        ("unmasked", frame(1, b"{}", masked=False), 1002),
        ("a reserved bit", bytes([0xF1, 0x80, 0, 0, 0, 0]), 1002),
        ("an unknown opcode", frame(3, b""), 1002),
        ("a long ping", frame(9, b"x" * 126), 1002),
        ("a cut ping", frame(9, b"x", final=False), 1002),
        ("a stray continuation", frame(0, b"x"), 1002),
        ("no UTF-8", frame(1, b"\xff\xfe"), 1007),
        ("half a gigabyte", frame(1, b"", length=1 << 29), 1009),
        ("2^63 bytes", frame(1, b"", length=1 << 63), None),
        ("no JSON", frame(1, b"{"), 1003),
        ("bytes", frame(2, b"x"), 1003),
        ("deep JSON", frame(1, b"[" * 60_000), 1003),
    ]
    with watched(browser) as scene:
        for name, data, expected in steps:
            key = base64.b64encode(os.urandom(16)).decode()
            head = f"GET /ws HTTP/1.1\r\nHost: {scene.porthole.host}:{scene.porthole.port}\r\nAuthorization: Bearer {TOKEN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            answer = attack.raw(scene.porthole, head.encode() + data)
            assert answer.startswith(b"HTTP/1.1 101 "), f"{name}: {answer[:200]}"
            codes = [1002, 1007, 1009, 1003] if expected is None else [expected]
            assert any(struct.pack("!H", code) in answer for code in codes), f"{name}: {answer[-80:]}"
        stats = scene.has_lost_nothing(growth=2048)
        assert grew(stats, scene.stats, "http", "webSocketsFailed") >= 8, stats["http"]
        return f"{len(steps)} lines; {scene.said()}"


def test_hosts_and_origins(browser):
    """requests by a foreign name are 421, those of foreign pages 403, on every route (S20, S21, T35)"""
    with watched(browser) as scene:
        here = f"{scene.porthole.host}:{scene.porthole.port}"
        hosts = ["evil.example", "evil.example:80", "192.0.2.1", "[2001:db8::1]", "porthole.evil.example", "127.0.0.1.evil.example"]
        origins = ["http://evil.example", "https://" + here, "null", "http://127.0.0.1:1", "http://" + here + ".evil.example"]
        routes = [("GET", "/"), ("GET", "/health"), ("GET", "/stats"), ("POST", "/whep"), ("DELETE", "/whep/x"), ("GET", "/ws")]
        for method, path in routes:
            for host in hosts:
                status, _, _ = scene.porthole.ask(method, path, token=TOKEN, Host=host)
                assert status == 421, f"{method} {path} by {host}: {status}"
            for origin in origins:
                status, headers, _ = scene.porthole.ask(method, path, token=TOKEN, Origin=origin)
                assert status == 403, f"{method} {path} of {origin}: {status}"
                assert headers["Access-Control-Allow-Origin"] is None, headers.items()
        stats = scene.has_lost_nothing(growth=2048)
        assert refused_since(stats, scene.stats, 421) == len(routes) * len(hosts), stats["http"]
        assert refused_since(stats, scene.stats, 403) == len(routes) * len(origins), stats["http"]
        return f"{len(routes) * (len(hosts) + len(origins))} requests; {scene.said()}"


def test_answers_tell_little():
    """an answer names only the interface that was chosen, and nothing of the machine (S22)"""
    with Porthole("--interface", "lo") as porthole:
        answer, _ = half_open(porthole)
        addresses = {line.split()[4] for line in answer.splitlines() if line.startswith("a=candidate:")}
        assert addresses and addresses <= {"127.0.0.1", "::1"}, addresses
        name = os.uname().nodename
        assert name not in answer, answer
        return ", ".join(sorted(addresses))
