# SPDX-License-Identifier: Apache-2.0
"""Data channels with aiortc, GStreamer and Firefox: no two of their SCTPs share anything, nor with Chromium's or ours."""

import json
import subprocess

from firefox import firefox
from peers import HERE, PYTHON
from program import TOKEN, Porthole


def test_aiortc():
    """aiortc's messages come back over channels of every kind; a stream is used again"""
    with Porthole() as porthole:
        done = subprocess.run([PYTHON, str(HERE / "aiortc_channels.py"), porthole.origin, TOKEN], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["back"] == 15 and found["state"] == "closed" and found["again"] == "again", found
        assert [number % 2 for number in found["ids"]] in ([0, 0, 0], [1, 1, 1]), found


def test_gstreamer():
    """GStreamer's messages come back, and its channel is closed in order"""
    with Porthole() as porthole:
        command = ["/usr/bin/python3", str(HERE / "gstreamer_channels.py"), "call", porthole.origin, TOKEN]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["opened"] and found["closed"], found
        assert [one["length"] for one in found["heard"]] == [5, 8192, 16384] and all(one["whole"] for one in found["heard"]), found


def test_firefox():
    """Firefox's text, bytes and empty messages up to 256 KiB come back, and its channels are closed in order"""
    with Porthole(camera="none") as porthole:
        found = firefox(porthole, f"""
            const told = await wires.connect("{TOKEN}", [["echo"], ["echo", {{ ordered: false, maxRetransmits: 3 }}]]);
            let back = 0;
            for (const index of [0, 1]) {{
              for (const isText of [true, false]) {{
                for (const length of [0, 1, 1024, 16384, 262144]) back += await wires.echo(index, length, isText);
              }}
            }}
            const highest = await wires.churn(100);
            return {{ ...told, back, highest }};
        """)
        assert found["back"] == 20, found
        assert found["highest"] < 1000 and all(number % 2 == 1 for number in found["ids"]), found
