# SPDX-License-Identifier: Apache-2.0
"""The parts of `make bench`. Each takes the bench, a browser, the figures that it adds to, and the lengths of its windows."""

import contextlib
import json
import os
import statistics
import struct
import subprocess
import time

from board import WATCHERS, Board, Pusher
from browser import Viewer, rate, tab, with_clock
from lossy import Lossy
from peers import HERE, aiortc, ended, load
from process import Process, over
from program import BINARY, ROOT, TOKEN, Porthole
from scene import RATE
from sound import EAR, LISTEN, MOUTH, speaker, talker

PEERS = ("porthole", "gstreamer")
CHANNELS = (HERE / "channels.js").read_text()
SETTLE = 3
SEED = 20


def join(page):
    viewer = Viewer(page, TOKEN)
    assert viewer.status == 201, (viewer.status, viewer.answer)
    viewer.first_at = viewer.first()
    return viewer


def browsers(bench, browser, figures, lengths):
    """Processor time of one and of four browsers against x264 alone in the same seconds; peers take turns in every round."""
    found = {name: {1: [], 4: []} for name in PEERS}
    for number in range(lengths.rounds):
        for name in PEERS if number % 2 == 0 else PEERS[::-1]:
            for count, row in one_round(bench, browser, name, lengths.seconds).items():
                found[name][count].append(row)
    for name in PEERS:
        one, four = found[name][1], found[name][4]
        mine = figures[name]
        for count, rows in found[name].items():
            for key in ("processor", "base", "rss", "pss", "dirty", "threads", "rate", "ratio"):
                mine[f"{key}{count}"] = statistics.median(row[key] for row in rows)
        # What the encode took more or less meanwhile is not the viewers'.
        grown = [(late["processor"] - late["base"]) - (early["processor"] - early["base"]) for early, late in zip(one, four)]
        mine["further-browser"] = statistics.median(grown) / 3 * 100
        mine["latency"] = statistics.median(age for row in one for age in row["ages"])
        mine["latency4"] = statistics.median(age for row in four for age in row["ages"])
        mine["freezes"] = sum(row["freezes"] for row in one + four)
        mine["mapped"] = one[0]["mapped"]
    alone = figures["x264"]
    alone["processor1"] = statistics.median(row["base"] for name in PEERS for row in found[name][1])
    alone["processor4"] = statistics.median(row["base"] for name in PEERS for row in found[name][4])
    for key in ("rss", "pss", "dirty", "threads"):
        alone[f"{key}1"] = found["porthole"][1][0]["alone"][key]
    figures["porthole"]["binary"] = os.path.getsize(BINARY) / 1e6
    arm64 = ROOT / ".build/arm64/build/release/porthole"
    if arm64.exists():
        figures["porthole"]["binary-arm64"] = os.path.getsize(arm64) / 1e6


def one_round(bench, browser, name, seconds):
    with bench.peer(name) as peer, bench.x264() as alone, tab(browser, peer.origin + "/health") as page:
        viewers = [join(page)]
        found = {}
        for count in (1, 4):
            while len(viewers) < count:
                viewers.append(join(page))
            viewers[-1].watch(SETTLE * RATE)
            measures = [peer.kernel.seconds, alone.seconds, peer.encoded, lambda: alone.feeder.sent]
            processor, base, encoded, fed = over(seconds, measures)
            pictures = viewers[-1].watch(5 * RATE)
            found[count] = {
                "processor": processor,
                "base": base,
                # For each picture: a busy machine may lose some, and the encode of a lost one is no merit.
                "ratio": (processor / encoded) / (base / fed),
                "rate": rate(pictures),
                "ages": [picture["latency"] for picture in with_clock(pictures)],
                "freezes": sum(viewer.inbound()["freezeCount"] for viewer in viewers),
                "threads": peer.kernel.threads(),
                "mapped": peer.kernel.mapped(),
                "alone": {**alone.memory(), "threads": alone.threads()},
                **peer.kernel.memory(),
            }
        return found


def first(bench, browser, figures, _):
    """POST to first decoded picture, twenty sessions each, in turns."""
    times = {name: [] for name in PEERS}
    with contextlib.ExitStack() as stack:
        pages = {}
        for name in PEERS:
            peer = stack.enter_context(bench.peer(name))
            pages[name] = stack.enter_context(tab(browser, peer.origin + "/health"))
            join(pages[name]).leave()
        for _ in range(20):
            for name, page in pages.items():
                viewer = join(page)
                times[name].append(viewer.first_at)
                viewer.leave()
    for name, found in times.items():
        posted = sorted(one["posted"] for one in found)
        figures[name]["first50"] = statistics.median(posted)
        figures[name]["first95"] = posted[18]
        figures[name]["answered50"] = statistics.median(one["answered"] for one in found)


def loss(bench, browser, figures, _):
    """20 s through networks that drop 1 % to 10 % of the datagrams of both directions, near and 20 ms away."""
    for percent, trip in ((1, 0), (5, 0), (1, 20), (5, 20), (10, 20)):
        network = f"{percent}-{trip}" if trip else f"{percent}"
        for name in PEERS:
            with bench.peer(name) as peer, tab(browser, peer.origin + "/health") as page:
                proxies = []

                def through(route):
                    answer = route.fetch()
                    proxy, text = Lossy.of(answer.text(), percent / 100, SEED, trip / 2000)
                    proxy.start()
                    proxies.append(proxy)
                    route.fulfill(response=answer, body=text)

                page.route("**/whep", through)
                try:
                    viewer = join(page)
                    viewer.watch(RATE)
                    before = viewer.inbound()["freezeCount"]
                    pictures = viewer.watch_for(20)
                    freezes = viewer.inbound()["freezeCount"] - before
                finally:
                    for proxy in proxies:
                        proxy.end()
                assert proxies[0].dropped, "the proxy dropped nothing"
            clocks = with_clock(pictures)
            numbers = [picture["frame"] for picture in clocks]
            mine = figures[name]
            mine[f"shown-{network}"] = len(set(numbers)) / (numbers[-1] - numbers[0] + 1) * 100
            mine[f"rate-{network}"] = rate(pictures)
            mine[f"freezes-{network}"] = freezes
            mine[f"age-{network}"] = statistics.median(picture["latency"] for picture in clocks)


def loaded(peer, count, seconds, beside=False):
    """What `count` viewers of the load tool cost; one on aiortc may watch beside them."""
    joining = 6 + count // 8
    length = int(seconds) + SETTLE + joining
    others = [aiortc(peer.origin, length)] if beside else []
    tool = load(peer.port, count, length)
    try:
        time.sleep(joining)
        measures = [peer.kernel.seconds, lambda: peer.kernel.thread_seconds("encoder")]
        if peer.name == "porthole":
            measures.append(lambda: sum(one.get("packetsSent", 0) for one in peer.stats()["peers"]))
        total, encoder, *packets = over(seconds, measures)
        found = {"total": total, "encoder": encoder, "packets": sum(packets), "threads": peer.kernel.threads()}
        found.update(peer.kernel.memory())
        told = json.loads(tool.communicate(timeout=length)[0])
        assert told["connected"] == count, f"only {told['connected']} of {count} viewers saw a frame"
        found["frames"] = told["rateMedian"]
        for other in others:
            watched = json.loads(other.communicate(timeout=length + 20)[0])
            assert watched["pictures"], "aiortc saw no picture"
            found["aiortc"] = watched["pictures"] / (watched["seconds"] - watched["first"] / 1000)
        return found
    finally:
        for child in [tool, *others]:
            with ended(child):
                pass


def many(bench, browser, figures, lengths):
    """1, 16 and 100 viewers of the load tool."""
    mine, theirs = figures["porthole"], figures["gstreamer"]
    with bench.porthole() as porthole:
        one, sixteen = (loaded(porthole, count, lengths.seconds, beside=True) for count in (1, 16))
    with bench.porthole("--bitrate", "1M") as porthole:
        single, hundred = (loaded(porthole, count, lengths.seconds, beside=True) for count in (1, 100))
    for count, found in ((16, sixteen), (100, hundred)):
        for key, name in (("processor", "total"), ("frames", "frames"), ("aiortc", "aiortc"), ("threads", "threads")):
            mine[f"{key}{count}"] = found[name]
    mine["further-viewer"] = ((sixteen["total"] - sixteen["encoder"]) - (one["total"] - one["encoder"])) / 15 * 100
    mine["beside-encode100"] = (hundred["total"] - hundred["encoder"]) * 100
    mine["packets100"] = hundred["packets"]
    mine["memory-viewer16"] = (sixteen["pss"] - one["pss"]) * 1024 / 15
    mine["memory-viewer100"] = (hundred["pss"] - single["pss"]) * 1024 / 99
    mine["threads-grown"] = hundred["threads"] - single["threads"]
    # The shared payloader has one number for H.264, and aiortc offers another than the load tool: it cannot watch beside.
    with bench.gstreamer() as gstreamer:
        one, sixteen = (loaded(gstreamer, count, lengths.seconds) for count in (1, 16))
    theirs["further-viewer"] = (sixteen["total"] - one["total"]) / 15 * 100
    theirs["memory-viewer16"] = (sixteen["pss"] - one["pss"]) * 1024 / 15
    for key, name in (("processor", "total"), ("frames", "frames"), ("threads", "threads")):
        theirs[f"{key}16"] = sixteen[name]


def idle(_, browser, figures, lengths):
    """Nobody watches: before the first viewer, and with the camera at rest again; then somebody comes."""
    mine = figures["porthole"]
    with Porthole() as porthole:
        kernel = Process(porthole.process.pid)
        time.sleep(SETTLE)
        mine["processor-idle"] = over(lengths.seconds, [kernel.seconds])[0] * 100
        for key in ("rss", "dirty"):
            mine[f"{key}-idle"] = kernel.memory()[key]
        back = []
        for _ in range(5):
            with ended(load(porthole.port, 1, 2)) as tool:
                back.append(json.loads(tool.communicate(timeout=20)[0])["firstFrameP50"])
            rested(porthole)
        mine["back"] = statistics.median(back)
        with tab(browser, porthole.origin + "/health") as page:
            back = []
            for _ in range(5):
                viewer = join(page)
                back.append(viewer.first_at["posted"])
                viewer.leave()
                rested(porthole)
            mine["back-browser"] = statistics.median(back)
        for key in ("rss", "dirty"):
            mine[f"{key}-rest"] = kernel.memory()[key]


def rested(porthole):
    """Waits until camera and encoder have stopped."""
    end = time.monotonic() + 60
    while {"camera", "encoder"} & set(porthole.threads()):
        assert time.monotonic() < end, f"still {porthole.threads()}"
        time.sleep(0.1)


def channels(bench, browser, figures, lengths):
    """What comes back over a data channel on loopback: 16 KiB as fast as it goes, and 1 KiB one after another, in turns."""
    count = 1000
    rates, trips = ({name: [] for name in PEERS} for _ in range(2))
    with contextlib.ExitStack() as stack:
        pages = {}
        for name in PEERS:
            page = pages[name] = stack.enter_context(tab(browser, stack.enter_context(bench.echo(name)) + "/health"))
            page.evaluate(CHANNELS)
            page.evaluate("(token) => wires.connect(token, [['echo']])", TOKEN)
            page.evaluate("() => wires.flood(0, 200, 16384)")
        for number in range(lengths.rounds):
            for name in PEERS if number % 2 == 0 else PEERS[::-1]:
                seconds = pages[name].evaluate("(count) => wires.flood(0, count, 16384)", count)["seconds"]
                rates[name].append(count * 16384 * 8 / 1e6 / seconds)
                trips[name] += pages[name].evaluate("() => wires.trips(0, 300, 1024)")
    for name in PEERS:
        figures[name]["echo-rate"] = statistics.median(rates[name])
        figures[name]["echo50"] = statistics.median(trips[name])
        figures[name]["echo99"] = sorted(trips[name])[len(trips[name]) * 99 // 100]
    figures["porthole"]["echo-ratio"] = figures["porthole"]["echo-rate"] / figures["gstreamer"]["echo-rate"]


def allocations(bench, _, figures, lengths):
    """Allocations on the thread that sends; those for a packet are told by twice the packets of as many pictures and viewers."""
    library, counts = bench.folder / "allocations.so", bench.folder / "counts"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "allocations.c"], check=True)
    found = {}
    for count, bits in ((1, "2M"), (16, "2M"), (16, "4M")):
        counts.write_bytes(bytes(4096))
        environment = dict(os.environ, LD_PRELOAD=str(library), ALLOCATIONS=str(counts))
        with bench.porthole("--bitrate", bits, environment=environment) as porthole:
            number = porthole.process.pid

            def allocated():
                return sum(total for thread, total in struct.iter_unpack("qq", counts.read_bytes()) if thread == number)

            def sent():
                peers = porthole.stats()["peers"]
                return [sum(one.get(name, 0) for one in peers) for name in ("packetsSent", "framesSent")]

            with ended(load(porthole.port, count, int(lengths.seconds) + SETTLE + 4)):
                time.sleep(SETTLE)
                start, before = time.monotonic(), sent()
                # What /stats itself allocates stays outside.
                found[count, bits] = over(lengths.seconds, [allocated])
                found[count, bits] += [(late - early) / (time.monotonic() - start) for early, late in zip(before, sent())]
        assert found[count, bits][0] > 0, "the preloaded counter counted nothing"
    mine = figures["porthole"]
    mine["allocations1"], mine["sent1"], _ = found[1, "2M"]
    mine["allocations16"], mine["sent16"], _ = found[16, "2M"]
    # For each frame sent, so that pictures which a busy machine lost do not count.
    few, many_more = ([rate / found[16, bits][2] for rate in found[16, bits]] for bits in ("2M", "4M"))
    mine["allocations-frame"] = few[0]
    mine["allocations-packet"] = (many_more[0] - few[0]) / (many_more[1] - few[1])


def telemetry(_, browser, figures, lengths):
    """Twenty pushed sensors at ten values a second to eight viewers of nothing else; the same viewers without values; nobody."""
    mine = figures["porthole"]
    with Board('[sensors]\nfind = "none"\n') as porthole, tab(browser, porthole.origin + "/health") as page:
        kernel = Process(porthole.process.pid)
        with Pusher(porthole.socket, 20, 10):
            time.sleep(SETTLE)
            mine["telemetry-unwatched"] = over(lengths.seconds, [kernel.seconds])[0] * 100
        page.evaluate(WATCHERS, [8, TOKEN])
        time.sleep(SETTLE)
        quiet = over(lengths.seconds, [kernel.seconds])[0] * 100
        with Pusher(porthole.socket, 20, 10):
            time.sleep(SETTLE)
            came = "watchers.reduce((sum, { values }) => sum + values, 0)"
            begin, before = time.monotonic(), page.evaluate(came)
            loaded = over(lengths.seconds, [kernel.seconds])[0] * 100
            mine["telemetry-values"] = (page.evaluate(came) - before) / 8 / (time.monotonic() - begin)
        mine["telemetry-quiet"], mine["telemetry"] = quiet, loaded - quiet
    with Porthole() as porthole:
        kernel = Process(porthole.process.pid)
        time.sleep(SETTLE)
        mine["telemetry-idle"] = over(2 * lengths.seconds, [kernel.seconds])[0] * 100


def sound(_, browser, figures, lengths):
    """From the microphone's tone, which begins with each second, to a browser's ear, and from a browser's microphone to the speaker."""
    mine = figures["porthole"]
    seconds = max(20, lengths.seconds)
    heard = {"ear": [], "ear-10": []}
    # In turns: where the browser's clock of sound stands still for a moment, all that follows is late until it has caught up.
    for _ in range(4):
        for name, options in (("ear", ()), ("ear-10", ("--packet-time", "10"))):
            with Porthole("--microphone", "clock", *options) as porthole, tab(browser, porthole.origin + "/health") as page:
                page.evaluate(LISTEN, [TOKEN, True])
                time.sleep(SETTLE)
                offset = time.time() - time.monotonic()
                ages = [(at / 1000 - offset) % 1 * 1000 for at in page.evaluate(EAR, seconds / 4)]
                assert len(ages) > seconds / 8, ages
                heard[name] += ages
    for name, ages in heard.items():
        mine[f"{name}50"], mine[f"{name}95"] = statistics.median(ages), sorted(ages)[int(len(ages) * 0.95)]
    with contextlib.ExitStack() as stack:
        porthole = stack.enter_context(Porthole("--speaker", "test"))
        page = stack.enter_context(talker(stack.enter_context(speaker(browser, 1000, 0.25, part=0.1)), porthole))
        page.click("#line")
        page.wait_for_selector("#talk[data-standing=talking]")
        time.sleep(SETTLE)
        page.evaluate(f"(seconds) => {{ window.said = ({MOUTH})(seconds); }}", seconds)
        played = set()
        end = time.monotonic() + seconds + 1
        while time.monotonic() < end:
            onset = porthole.stats()["speaker"]["onset"]
            # The same one is told again and again, not always to the same microsecond.
            if onset and all(abs(onset - other) > 100 for other in played):
                played.add(onset)
            time.sleep(0.2)
        said = page.evaluate("() => window.said")
        ages = [min((onset - at for onset in played if onset > at), default=1000) for at in said]
        ages = [age for age in ages if age < 900]
        assert len(ages) > seconds / 2, (said, played)
        mine["mouth50"], mine["mouth95"] = statistics.median(ages), sorted(ages)[int(len(ages) * 0.95)]


ALL = {
    "browsers": browsers, "first": first, "loss": loss, "load": many, "channels": channels, "idle": idle,
    "allocations": allocations, "telemetry": telemetry, "sound": sound,
}
