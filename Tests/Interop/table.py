# SPDX-License-Identifier: Apache-2.0
"""The table of `make bench`: one line a figure; Porthole, x264 alone, GStreamer, and the goal."""

COLUMNS = ("porthole", "x264", "gstreamer")
TITLES = ("Porthole", "x264 alone", "GStreamer")


class Row:
    """A figure: its key, name, unit, digits, and the goal that Porthole's must meet; a word stands for another column."""

    def __init__(self, key, name, unit="", digits=1, most=None, least=None):
        self.key, self.name, self.unit, self.digits = key, name, unit, digits
        self.goal, self.is_least = (most, False) if least is None else (least, True)

    def values(self, figures):
        return [figures.get(column, {}).get(self.key) for column in COLUMNS]

    def verdict(self, figures):
        """The goal in words, and whether it was met; None where there is none, or nothing was measured."""
        if self.goal is None:
            return "", None
        word = "at least" if self.is_least else "at most"
        limit = self.goal
        if isinstance(limit, str):
            text = f"{word} {TITLES[COLUMNS.index(limit)]}'s"
            limit = figures.get(limit, {}).get(self.key)
        else:
            text = f"{word} {limit:g}"
        value = self.values(figures)[0]
        if value is None or limit is None:
            return text, None
        return text, value >= limit if self.is_least else value <= limit


def cells(row, figures):
    """Everything of a line but the name, as text."""
    texts = ["–" if value is None else f"{value:.{row.digits}f}" for value in row.values(figures)]
    goal, met = row.verdict(figures)
    return texts + [row.unit, goal + {None: "", True: ": yes", False: ": NO"}[met]]


def shown(rows, figures):
    return [row for row in rows if any(value is not None for value in row.values(figures))]


def plain(rows, figures):
    """For a terminal."""
    heads = ["1280x720, 30 a second, 2 Mbit/s", *TITLES, "unit", "goal"]
    lines = [heads] + [[row.name, *cells(row, figures)] for row in shown(rows, figures)]
    return "\n".join(
        f"{line[0]:<58}" + "".join(f"{cell:>12}" for cell in line[1:4]) + f"  {line[4]:<9}{line[5]}".rstrip() for line in lines
    )


def markdown(rows, figures):
    """For a page."""
    lines = [["figure", *TITLES, "unit", "goal"], ["---", "---:", "---:", "---:", "---", "---"]]
    lines += [[row.name, *cells(row, figures)] for row in shown(rows, figures)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def missed(rows, figures):
    return [row.name for row in rows if row.verdict(figures)[1] is False]
