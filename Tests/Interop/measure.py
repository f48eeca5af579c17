# SPDX-License-Identifier: Apache-2.0
"""usage: measure.py [--seconds N] [--rounds N]    the figures of docs/testing.md on this machine

Prints one table. Porthole and x264 alone read the same scene at the same time, each from a FIFO of its own, so that both meet the
same machine; their processor times over the same seconds are compared. Ends with status 1 if a figure is missed.
"""

import argparse
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from browser import Viewer, chromium, rate, tab, with_clock
from program import BINARY, ROOT, TOKEN, Porthole
from scene import RATE, Feeder, pictures

X264 = "x264 --preset ultrafast --tune zerolatency --profile baseline --threads 1 --keyint infinite --bitrate 2000" \
       " --vbv-maxrate 2000 --vbv-bufsize 2000 --demuxer y4m --muxer raw --quiet --no-progress -o /dev/null"

missed = []


def row(name, unit, values, limit=None, least=False, digits=3):
    """One line of the table; a first value on the wrong side of its limit is remembered."""
    verdict = ""
    if limit is not None:
        good = all(value >= limit for value in values) if least else values[0] <= limit
        verdict = f"{'at least' if least else 'at most'} {limit:g}: {'yes' if good else 'NO'}"
        if not good:
            missed.append(name)
    cells = "".join(f"{value:>12.{digits}f}" for value in values) + " " * 12 * (2 - len(values))
    print(f"{name:<34}{cells} {unit:<5} {verdict}".rstrip(), flush=True)


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_megabytes(process):
    for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("smaps_rollup names no Pss")


@contextlib.contextmanager
def fed(scene, folder, name):
    """A FIFO that carries the scene."""
    feeder = Feeder(folder / name, scene)
    feeder.start()
    try:
        yield folder / name, feeder
    finally:
        feeder.end()


@contextlib.contextmanager
def x264(path):
    process = subprocess.Popen(X264.split() + [str(path)], stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def join(page):
    viewer = Viewer(page, TOKEN)
    assert viewer.status == 201, (viewer.status, viewer.answer)
    viewer.first_at = viewer.first()["posted"]
    return viewer


def over(seconds, measures):
    """How much each measure grows a second, over the same seconds."""
    start = time.monotonic()
    before = [measure() for measure in measures]
    time.sleep(seconds)
    after = [measure() for measure in measures]
    return [(late - early) / (time.monotonic() - start) for early, late in zip(before, after)]


def one_round(browser, scene, folder, seconds, number):
    """Processor time of one and of four viewers against x264 alone, and what the browser showed."""
    with contextlib.ExitStack() as stack:
        mine, _ = stack.enter_context(fed(scene, folder, f"porthole-{number}.y4m"))
        theirs, _ = stack.enter_context(fed(scene, folder, f"x264-{number}.y4m"))
        # The FIFOs' readers go first: a feeder whose reader has gone ends by itself.
        porthole = stack.enter_context(Porthole(camera=f"file:{mine}"))
        alone = stack.enter_context(x264(theirs))
        page = stack.enter_context(tab(browser, porthole.origin + "/health"))
        viewers = [join(page)]
        found = {}
        for count in (1, 4):
            while len(viewers) < count:
                viewers.append(join(page))
            viewers[-1].watch(RATE)
            ours, base = over(seconds, [porthole.processor_seconds, lambda: processor_seconds(alone)])
            pictures_shown = viewers[-1].watch(5 * RATE)
            clocks = with_clock(pictures_shown)
            found[count] = {
                "ours": ours,
                "base": base,
                "rate": rate(pictures_shown),
                "freezes": sum(viewer.inbound()["freezeCount"] for viewer in viewers),
                "latency": statistics.median(picture["latency"] for picture in clocks) if clocks else float("nan"),
                "memory": proportional_megabytes(porthole.process.pid),
                "threads": len(porthole.threads()),
            }
        return found


def first_pictures(browser, scene, folder, count):
    """POST to first decoded picture, each time with a fresh session."""
    with fed(scene, folder, "first.y4m") as (path, _), Porthole(camera=f"file:{path}") as porthole:
        with tab(browser, porthole.origin + "/health") as page:
            times = []
            for _ in range(count):
                viewer = join(page)
                times.append(viewer.first_at)
                viewer.leave()
            return times


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--seconds", type=float, default=15)
    words.add_argument("--rounds", type=int, default=3)
    given = words.parse_args()
    scene = list(pictures())
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        folder = pathlib.Path(folder)
        rounds = [one_round(browser, scene, folder, given.seconds, number) for number in range(given.rounds)]
        times = sorted(first_pictures(browser, scene, folder, 20))

    def middle(name):
        return [statistics.median(found[count][name] for found in rounds) for count in (1, 4)]

    ratios = [statistics.median(found[count]["ours"] / found[count]["base"] for found in rounds) for count in (1, 4)]
    print(f"{'1280x720, 30 a second, 2 Mbit/s':<34}{'1 viewer':>12}{'4 viewers':>12}")
    row("Porthole, processor time", "s/s", middle("ours"))
    row("x264 alone in the same seconds", "s/s", middle("base"))
    row("Porthole against x264 alone", "x", ratios, 1.15)
    row("pictures shown a second", "", middle("rate"), 29.5, least=True, digits=2)
    row("freezes, all rounds", "", [sum(found[count]["freezes"] for found in rounds) for count in (1, 4)], 0, digits=0)
    row("age of a shown picture, p50", "ms", middle("latency"), digits=0)
    row("memory (PSS)", "MB", middle("memory"), digits=1)
    row("threads", "", middle("threads"), digits=0)
    row("POST to first picture, p50 of 20", "ms", [statistics.median(times)], 400, digits=0)
    row("POST to first picture, p95 of 20", "ms", [times[-2]], digits=0)
    row("binary for this machine", "MB", [os.path.getsize(BINARY) / 1e6], 12, digits=2)
    arm64 = ROOT / ".build/arm64/build/release/porthole"
    if arm64.exists():
        row("binary for 64-bit ARM", "MB", [os.path.getsize(arm64) / 1e6], 12, digits=2)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
