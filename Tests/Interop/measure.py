# SPDX-License-Identifier: Apache-2.0
"""usage: measure.py [--seconds N] [--rounds N] [PART…]    the figures of docs/benchmarks.md on this machine

Measures Porthole, x264 alone and GStreamer's webrtcbin on the same scene, prints one table, and leaves it in .build/bench. The
parts are browsers, first, loss, load, channels, idle, allocations, telemetry and sound; all of them unless some are named. Ends with 1 if a
goal is missed.
"""

import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile

import parts
import table
from browser import chromium
from peers import Bench
from program import ROOT
from scene import pictures
from table import Row

RESULTS = ROOT / ".build/bench"

ROWS = [
    Row("processor1", "processor time, 1 browser", "s/s", 3),
    Row("base1", "x264 alone in the same seconds", "s/s", 3),
    Row("ratio1", "a picture against x264 alone, 1 browser", "x", 3, most=1.08),
    Row("processor4", "processor time, 4 browsers", "s/s", 3),
    Row("ratio4", "a picture against x264 alone, 4 browsers", "x", 3),
    Row("further-browser", "each further browser", "% core", 2, most=0.5),
    Row("further-viewer", "each further viewer, 16 by the load tool", "% core", 2, most=0.5),
    Row("processor16", "processor time, 16 viewers", "s/s", 3),
    Row("processor100", "processor time, 100 viewers at 1 Mbit/s", "s/s", 3),
    Row("beside-encode100", "of it beside the encode", "% core", 1, most=45),
    Row("packets100", "packets a second, 100 viewers", "", 0),
    Row("frames16", "frames a second whole at the median of 16 viewers", "", 2, least=29.5),
    Row("frames100", "frames a second whole at the median of 100 viewers", "", 2, least=29.5),
    Row("aiortc16", "pictures a second of aiortc beside 16", "", 2),
    Row("aiortc100", "pictures a second of aiortc beside 100", "", 2),
    Row("rss1", "resident memory, 1 browser", "MB", 1),
    Row("pss1", "its proportional part (PSS)", "MB", 1, most=18),
    Row("dirty1", "its dirty part", "MB", 1),
    Row("pss4", "PSS, 4 browsers", "MB", 1),
    Row("memory-viewer16", "memory of each further viewer, 1 to 16", "kB", 0, most=200),
    Row("memory-viewer100", "memory of each further viewer, 1 to 100, 1 Mbit/s", "kB", 0, most=200),
    Row("threads1", "threads, 1 browser", "", 0),
    Row("threads4", "threads, 4 browsers", "", 0),
    Row("threads16", "threads, 16 viewers", "", 0),
    Row("threads100", "threads, 100 viewers", "", 0),
    Row("threads-grown", "threads more with 100 viewers than with 1", "", 0, most=0),
    Row("rss-idle", "resident memory, idle before the first viewer", "MB", 1, most=12),
    Row("dirty-idle", "dirty memory, idle before the first viewer", "MB", 1, most=2),
    Row("rss-rest", "resident memory, idle after a viewer", "MB", 1),
    Row("dirty-rest", "dirty memory, idle after a viewer", "MB", 1),
    Row("processor-idle", "processor time, idle", "% core", 2, most=0.2),
    Row("back", "camera at rest: POST to first whole frame, p50 of 5", "ms", 0, most=300),
    Row("back-browser", "camera at rest: POST to first picture, p50 of 5", "ms", 0),
    Row("allocations1", "allocations a second on the loop, 1 viewer", "", 0),
    Row("allocations16", "allocations a second on the loop, 16 viewers", "", 0),
    Row("sent1", "packets a second, 1 viewer", "", 0),
    Row("sent16", "packets a second, 16 viewers", "", 0),
    Row("allocations-frame", "allocations for each frame to each of 16 viewers", "", 2),
    Row("allocations-packet", "allocations for each packet more", "", 3, most=0.01),
    Row("telemetry", "20 sensors at 10 values a second to 8 viewers, pushing included", "% core", 2, most=1),
    Row("telemetry-values", "values a second that each of them gets", "", 0, least=150),
    Row("telemetry-quiet", "the same 8 viewers without values", "% core", 2),
    Row("telemetry-unwatched", "the same values while nobody watches", "% core", 2),
    Row("telemetry-idle", "nobody watches, nothing is pushed", "% core", 2, most=0.2),
    Row("first50", "POST to first decoded picture, p50 of 20", "ms", 0, most=300),
    Row("first95", "POST to first decoded picture, p95 of 20", "ms", 0, most=500),
    Row("answered50", "of it behind the answer, p50", "ms", 0),
    Row("latency", "age of a shown picture, 1 browser, p50", "ms", 0, most=50),
    Row("latency", "the same against GStreamer", "ms", 0, most="gstreamer"),
    Row("latency4", "age of a shown picture, 4 browsers, p50", "ms", 0),
    Row("rate1", "pictures shown a second, 1 browser", "", 2, least=29.5),
    Row("rate4", "pictures shown a second, 4 browsers", "", 2, least=29.5),
    Row("freezes", "freezes, all rounds", "", 0),
    Row("shown-1", "1 % loss: pictures shown", "%", 1),
    Row("rate-1", "1 % loss: pictures shown a second", "", 2, least=29.5),
    Row("freezes-1", "1 % loss: freezes in 20 s", "", 0, most=1),
    Row("shown-5", "5 % loss: pictures shown", "%", 1),
    Row("rate-5", "5 % loss: pictures shown a second", "", 2, least=29.5),
    Row("freezes-5", "5 % loss: freezes in 20 s", "", 0, most=1),
    Row("age-5", "5 % loss: age of a shown picture, p50", "ms", 0),
    Row("shown-1-20", "1 % loss, 20 ms round trip: pictures shown", "%", 1, least=99),
    Row("shown-5-20", "5 % loss, 20 ms round trip: pictures shown", "%", 1, least=97),
    Row("shown-10-20", "10 % loss, 20 ms round trip: pictures shown", "%", 1, least=92),
    Row("freezes-10-20", "10 % loss, 20 ms round trip: freezes in 20 s", "", 0),
    Row("age-10-20", "10 % loss, 20 ms round trip: age of a shown picture, p50", "ms", 0),
    Row("echo-rate", "data channel: echo of 16 KiB, each way", "Mbit/s", 0),
    Row("echo-ratio", "the same against GStreamer", "x", 2, least=1.5),
    Row("echo50", "data channel: echo of 1 KiB, p50", "ms", 2, most="gstreamer"),
    Row("echo99", "data channel: echo of 1 KiB, p99", "ms", 2),
    Row("ear50", "microphone to a browser's ear, p50", "ms", 0, most=80),
    Row("ear95", "microphone to a browser's ear, p95", "ms", 0),
    Row("ear-1050", "the same with packets of 10 ms, p50", "ms", 0, most=80),
    Row("mouth50", "a browser's microphone to the speaker, p50", "ms", 0, most=80),
    Row("mouth95", "a browser's microphone to the speaker, p95", "ms", 0),
    Row("binary", "stripped binary", "MB", 2, most=12),
    Row("binary-arm64", "stripped binary for 64-bit ARM", "MB", 2, most=12),
    Row("mapped", "program and libraries mapped", "MB", 0),
]


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=15, help="of each window")
    words.add_argument("--rounds", type=int, default=3, help="of the part with browsers")
    words.add_argument("parts", nargs="*", metavar="PART", choices=[*parts.ALL, []], help=", ".join(parts.ALL))
    given = words.parse_args()
    figures = collections.defaultdict(dict)
    figures["machine"] = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        bench = Bench(list(pictures()), pathlib.Path(folder))
        for name in given.parts or parts.ALL:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            parts.ALL[name](bench, browser, figures, given)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    (RESULTS / "table.md").write_text(table.markdown(ROWS, figures))
    print(table.plain(ROWS, figures))
    print("{cores} cores; load average before it began: {load:.1f}".format(**figures["machine"]))
    missed = table.missed(ROWS, figures)
    print(f"missed: {'; '.join(missed)}" if missed else "every goal is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
