# SPDX-License-Identifier: Apache-2.0
"""A booted guest with a camera driver, and the program in it."""

import itertools
import os
import pathlib
import shlex
import subprocess
import time
import urllib.parse

from program import ADDRESS, ROOT, TOKEN, Porthole

HOST = "192.168.77.2"
CAMERA = "/dev/video0"
DRIVER = "/sys/bus/platform/drivers/vivid"


def until(what, look, patience):
    """The first true answer of `look`, asked again and again for `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"{what} did not come within {patience} s"
        time.sleep(0.02)


class Guest:
    """The guest's kernel, which runs one command after another; `with Guest(folder) as guest:` halts it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.numbers = itertools.count()

    def __enter__(self):
        environment = os.environ | {
            "UML_MODULES": "vivid,n_devs=1,node_types=0x1 snd-aloop",
            "UML_SHARE": str(ROOT),
            "UML_TAP": "tap0",
            "UML_ADDRESS": f"{HOST}/24",
            "UML_TIMEOUT": "420",
        }
        command = shlex.join([str(ROOT / "Tests/Device/obey"), str(self.folder)])
        self.console = open(self.folder / "console", "w+")
        self.process = subprocess.Popen(
            [str(ROOT / "board/uml/run"), f"exec {command}"],
            stdout=self.console, stderr=subprocess.STDOUT, env=environment,
        )
        return self

    def __exit__(self, *_):
        try:
            self._tell("exit 0")
            self.process.wait(10)
        finally:
            self.process.terminate()
            self.process.wait()
            self.console.close()

    def _tell(self, script):
        number = str(next(self.numbers))
        (self.folder / "new").write_text(script + "\n")
        (self.folder / "new").rename(self.folder / number)
        return number

    def run(self, script, patience=20):
        """Runs a shell script in the guest: (status, output)."""
        number = self._tell(script)
        status = self.folder / f"{number}.status"

        def ended():
            if self.process.poll() is not None:
                self.console.seek(0)
                raise AssertionError(f"the guest has ended:\n{self.console.read()}")
            return status.exists()

        until(f"the end of '{script}'", ended, patience)
        return int(status.read_text()), (self.folder / f"{number}.out").read_text(errors="replace")


class Serving(Porthole):
    """The program serving the guest's camera, or another one."""

    def __init__(self, guest, preload="", *options, camera=CAMERA, size="640x360", rate="30"):
        super().__init__(*options, camera=camera, listen=f"{HOST}:8080")
        self.guest = guest
        self.log = guest.folder / f"serve-{time.monotonic_ns()}.log"
        words = [
            "env", f"LD_PRELOAD={preload}", *self.command, *self.options,
            "--size", size, "--rate", rate, "--state", "/tmp/porthole",
        ]
        self.words = shlex.join(words)

    def __enter__(self):
        self.log.touch()
        self.guest.run(f"{self.words} >{shlex.quote(str(self.log))} 2>&1 & server=$!")
        found = until("the program's address", lambda: ADDRESS.search(self.log.read_bytes()), 20)
        self.address = found.group().decode()
        parts = urllib.parse.urlsplit(self.address)
        self.host, self.port = parts.hostname, parts.port
        self.origin = f"{parts.scheme}://{parts.netloc}"
        return self

    def __exit__(self, *_):
        status, _ = self.guest.run("kill $server; wait $server")
        assert status == 0, f"the program in the guest ended with {status}:\n{self.log.read_text()}"


def in_guest(*words):
    """A line for the guest's shell that runs the program with `words`."""
    return shlex.join([*Porthole.command, *words])


__all__ = ["CAMERA", "DRIVER", "HOST", "TOKEN", "Guest", "Serving", "in_guest", "until"]
