# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of a running process: processor time, memory, threads, files."""

import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")
DIRTY = ("Private_Dirty", "Shared_Dirty")


def _seconds(stat):
    """User and system time in a stat file of /proc."""
    fields = pathlib.Path(stat).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Process:
    """A process by its number."""

    def __init__(self, number):
        self.folder = pathlib.Path(f"/proc/{number}")

    def seconds(self):
        """Processor time so far."""
        return _seconds(self.folder / "stat")

    def thread_seconds(self, name):
        """Processor time so far of the threads of that name."""
        return sum(_seconds(task / "stat") for task in self._tasks() if (task / "comm").read_text().strip() == name)

    def thread_numbers(self, name):
        return [int(task.name) for task in self._tasks() if (task / "comm").read_text().strip() == name]

    def threads(self):
        return len(self._tasks())

    def memory(self):
        """Megabytes: resident, its proportional part, and the dirty part."""
        kilobytes = {}
        for line in (self.folder / "smaps_rollup").read_text().splitlines()[1:]:
            words = line.split()
            kilobytes[words[0].rstrip(":")] = int(words[1])
        dirty = sum(kilobytes[name] for name in DIRTY)
        return {"rss": kilobytes["Rss"] / 1024, "pss": kilobytes["Pss"] / 1024, "dirty": dirty / 1024}

    def mapped(self):
        """Megabytes of all files that it has mapped, its own and libraries."""
        lines = (self.folder / "maps").read_text().splitlines()
        paths = {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6}
        return sum(os.path.getsize(path) for path in paths if path.startswith("/") and os.path.isfile(path)) / 1e6

    def _tasks(self):
        return list((self.folder / "task").iterdir())


def over(seconds, measures):
    """How much each measure grows a second, over the same seconds."""
    start = time.monotonic()
    before = [measure() for measure in measures]
    time.sleep(seconds)
    after = [measure() for measure in measures]
    passed = time.monotonic() - start
    return [(late - early) / passed for early, late in zip(before, after)]
