# SPDX-License-Identifier: Apache-2.0
"""A button and a lamp at the lines of a simulated GPIO chip."""

import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Interop"))

from board import CONTROL, KEEP, call  # noqa: E402
from browser import tab  # noqa: E402
from guest import Serving, until  # noqa: E402

CONFIGURATION = """
[sensors]
find = "none"

[[gpio]]
name = "lamp"
chip = "/dev/{chip}"
line = 5

[[button]]
name = "front-door"
label = "Front door"
chip = "/dev/{chip}"
line = 3
active-low = true
bias = "pull-up"
"""
# Makes a chip of eight lines, and says its name and its device's.
MAKE = """
mount -t configfs none /sys/kernel/config 2>/dev/null
modprobe -d {modules} gpio-sim || exit 3
chip=/sys/kernel/config/gpio-sim/tested
mkdir -p $chip/bank && echo 8 >$chip/bank/num_lines && echo 1 >$chip/live && cat $chip/bank/chip_name $chip/dev_name
"""


def test_lines(guest, browser):
    """a button at a GPIO line rings on the page, once it stays pressed; the page switches a lamp at another line"""
    status, said = guest.run(f"({MAKE.format(modules=os.environ['UML_GUEST'] + '/modules')}) 2>&1")
    if status == 3:
        return "left out: the kernel of this guest has no gpio-sim"
    assert status == 0, said
    chip, device = said.split()
    lines = f"/sys/devices/platform/{device}/{chip}"
    file = guest.folder / "lines.toml"
    file.write_text(CONFIGURATION.format(chip=chip))
    options = ("--config", str(file), "--control-token", CONTROL)
    with Serving(guest, "", *options, camera="test", size="320x180", rate="5") as porthole, tab(browser) as page:
        page.add_init_script(KEEP)
        page.goto(f"{porthole.origin}/?token={CONTROL}")
        page.wait_for_selector("[data-state=live]")
        assert guest.run(f"cat {lines}/sim_gpio3/pull") == (0, "pull-up\n")

        # Shorter than a person presses: what a wire catches.
        guest.run(f"for time in 1 2 3; do echo pull-down >{lines}/sim_gpio3/pull; echo pull-up >{lines}/sim_gpio3/pull; done")
        page.wait_for_timeout(500)
        assert porthole.stats()["bell"]["state"] == "idle", porthole.stats()["bell"]

        pressed = time.monotonic()
        guest.run(f"echo pull-down >{lines}/sim_gpio3/pull")
        page.wait_for_selector("#answer:visible")
        shown = time.monotonic() - pressed
        assert page.inner_text("#caller") == "Front door rings"
        assert guest.run(f"echo pull-up >{lines}/sim_gpio3/pull")[0] == 0
        page.click("#decline")
        until("the end of the call", lambda: porthole.stats()["bell"]["state"] == "declined", 30)

        for value in (True, False):
            answer = call(page, "controls.set", {"id": "output.lamp", "value": value})
            assert answer["result"]["value"] is value, answer
            assert guest.run(f"cat {lines}/sim_gpio5/value") == (0, f"{int(value)}\n")
        return f"on the page {shown * 1000:.0f} ms after the press, of which 50 are for the button to stay down"
