# SPDX-License-Identifier: Apache-2.0
"""Whom `make bench` compares: Porthole, x264 alone and GStreamer, each fed the scene through a FIFO of its own."""

import contextlib
import itertools
import subprocess

from process import Process
from program import ROOT, TOKEN, Porthole
from scene import Feeder

X264 = "x264 --preset ultrafast --tune zerolatency --profile baseline --threads 1 --keyint infinite --bitrate 2000" \
       " --vbv-maxrate 2000 --vbv-bufsize 2000 --demuxer y4m --muxer raw --quiet --no-progress -o /dev/null"
LOAD = str(ROOT / ".build/release/porthole-load")
PYTHON = str(ROOT / ".build/python/bin/python")
HERE = ROOT / "Tests/Interop"


class Bench:
    """The scene, and the peers that it is fed to."""

    def __init__(self, scene, folder):
        self.scene, self.folder = scene, folder
        self.numbers = itertools.count()

    @contextlib.contextmanager
    def fed(self):
        """A FIFO that carries the scene; its reader must end first."""
        feeder = Feeder(self.folder / f"scene-{next(self.numbers)}.y4m", self.scene)
        feeder.start()
        try:
            yield feeder
        finally:
            feeder.end()

    @contextlib.contextmanager
    def porthole(self, *options, environment=None):
        with self.fed() as feeder, Porthole(*options, camera=f"file:{feeder.path}", environment=environment) as porthole:
            porthole.kernel = Process(porthole.process.pid)
            porthole.name = "porthole"
            porthole.encoded = lambda: porthole.stats()["encoder"]["framesEncoded"]
            yield porthole

    @contextlib.contextmanager
    def x264(self):
        with self.fed() as feeder, ended(subprocess.Popen(X264.split() + [feeder.path], stdout=subprocess.DEVNULL)) as child:
            alone = Process(child.pid)
            alone.feeder = feeder
            yield alone

    @contextlib.contextmanager
    def gstreamer(self):
        command = ["/usr/bin/python3", str(HERE / "gstreamer.py")]
        with self.fed() as feeder, open(self.folder / "gstreamer.log", "wb") as log, ended(
            subprocess.Popen(command + [feeder.path], stdout=subprocess.PIPE, stderr=log, text=True)
        ) as child:
            yield GStreamer(child, feeder)

    @contextlib.contextmanager
    def echo(self, name):
        """The origin of a peer that sends back what comes over data channels, and has no camera."""
        if name == "porthole":
            with Porthole(camera="none") as porthole:
                yield porthole.origin
            return
        command = ["/usr/bin/python3", str(HERE / "gstreamer_channels.py"), "serve"]
        with open(self.folder / "gstreamer.log", "wb") as log, ended(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        ) as child:
            origin = child.stdout.readline().strip()
            assert origin, "gstreamer_channels.py printed no address"
            yield origin

    def peer(self, name):
        return self.gstreamer() if name == "gstreamer" else self.porthole()


class GStreamer:
    """Has the face of Porthole, as far as the bench looks at it."""

    name = "gstreamer"

    def __init__(self, child, feeder):
        self.origin = child.stdout.readline().strip()
        assert self.origin, "gstreamer.py printed no address"
        self.port = int(self.origin.rpartition(":")[2])
        self.kernel = Process(child.pid)
        # It does not tell what it encodes: at most what it is fed.
        self.encoded = lambda: feeder.sent


@contextlib.contextmanager
def ended(child):
    """A child process that does not outlive the block."""
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()


def load(port, count, seconds):
    """`count` viewers without a decoder, for so long; they print one line of JSON."""
    return subprocess.Popen([LOAD, str(port), TOKEN, str(count), str(seconds)], stdout=subprocess.PIPE, text=True)


def aiortc(origin, seconds):
    """One viewer on another stack, with a decoder."""
    command = [PYTHON, str(HERE / "aiortc_viewer.py"), origin, TOKEN, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
