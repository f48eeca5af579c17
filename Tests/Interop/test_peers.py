# SPDX-License-Identifier: Apache-2.0
"""Data channels with aiortc and with GStreamer: neither's SCTP shares anything with Chromium's or ours."""

import json
import subprocess

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
