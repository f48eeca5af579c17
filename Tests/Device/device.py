# SPDX-License-Identifier: Apache-2.0
"""Chromium watches the release binary that runs in the guest on vivid, a camera driver of the kernel.

Runs inside the network namespace that `run` makes. vivid paints eight colour bars with moving text over them: so
the colours that the browser shows prove the whole way of each format, chroma order included.
"""

import os
import pathlib
import shlex
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Interop"))

from browser import Viewer, chromium, rate, tab  # noqa: E402
from program import TOKEN, Porthole  # noqa: E402

# From left to right, as (red, green, blue), each on or off.
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]

SAMPLE = """(number) => {
  const video = interop.sessions[number].video;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const y = Math.floor(video.videoHeight * 0.9);
  return Array.from({ length: 8 }, (_, bar) =>
    Array.from(context.getImageData(Math.floor((bar + 0.5) * video.videoWidth / 8), y, 1, 1).data.slice(0, 3)));
}"""


class Guest(Porthole):
    """The program inside the guest; ends it by a file that the guest waits for."""

    def __init__(self, folder, preload=""):
        self.stop = folder / "stop"
        serve = shlex.join(
            ["env", f"LD_PRELOAD={preload}", *Porthole.command, "--camera", "/dev/video0", "--size", "640x360"]
            + ["--rate", "30", "--listen", "192.168.77.2:8080", "--token", TOKEN, "--state", "/tmp/porthole"]
        )
        stop = shlex.quote(str(self.stop))
        script = (
            f"{serve} 2>&1 & "
            f"while [ ! -e {stop} ] && kill -0 $!; do sleep .2; done; kill $!; wait $!"
        )
        environment = os.environ | {
            "UML_MODULES": "vivid,n_devs=1,node_types=0x1",
            "UML_SHARE": str(ROOT),
            "UML_TAP": "tap0",
            "UML_ADDRESS": "192.168.77.2/24",
            "UML_TIMEOUT": "180",
        }
        super().__init__(patience=60, environment=environment)
        self.command = [str(ROOT / "board/uml/run"), script]
        self.options = []

    def __exit__(self, *_):
        self.stop.touch()
        try:
            status = self.process.wait(30)
        finally:
            self.process.kill()
            self.process.stdout.close()
        assert status == 0, f"the program in the guest ended with {status}"


def watched(browser, preload, expected):
    """Shows 120 pictures and looks at their size, rate and colours."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".build/device") as folder:
        with Guest(pathlib.Path(folder), preload) as guest, tab(browser, guest.origin + "/health") as page:
            viewer = Viewer(page, TOKEN)
            assert viewer.status == 201, (viewer.status, viewer.answer)
            viewer.watch(30)
            pictures = viewer.watch(120)
            size = (pictures[-1]["width"], pictures[-1]["height"])
            assert size == (640, 360), size
            assert rate(pictures) >= 20, f"{rate(pictures):.1f} pictures a second"
            colours = page.evaluate(SAMPLE, viewer.number)
            for colour, bar in zip(colours, BARS):
                assert all((part > 110) == bool(on) for part, on in zip(colour, bar)), colours
            assert viewer.inbound()["freezeCount"] == 0, viewer.inbound()
            camera = str(guest.stats()["camera"])
            assert expected in camera, f"/stats says of the camera {camera}"
            assert viewer.leave() == 200
            return f"{rate(pictures):.1f} pictures a second"


def main():
    tests = [
        ("vivid in NV12, as porthole chooses it", "", "NV12"),
        ("vivid in YUYV, as of a webcam that has nothing else", str(ROOT / ".build/device/yuyv-only.so"), "YUYV"),
    ]
    failed = 0
    with chromium() as browser:
        for name, preload, expected in tests:
            try:
                verdict = "ok: " + watched(browser, preload, expected)
            except Exception:
                failed += 1
                verdict = f"FAILED\n{traceback.format_exc()}"
            print(f"{name}: {verdict}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
