"""docs/benchmarks.md out of the figures, and the growth curves beside it."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import growth
from benchmarks.figures import Row
from benchmarks.running import Taken

PLOT = "benchmarks-growth.svg"
PACKAGES = ("textual", "pyte", "rich", "ollama")
HINT = "The growth curves need matplotlib: pip install matplotlib"
_AT = re.compile(r"(?P<what>.+) at (?P<size>\d+) (?P<of>.+)")
INTRODUCTION = """\
# How fast it is

Made by `scripts/bench.py --write docs/benchmarks.md`; edit nothing here. Every row was
taken in one run with its peer, in turn. The ratio is ours over the peer's. The interval
bounds it in 95 % of the resampled pairs; **gain** and *loss* are told only where it
excludes 1. Rows without an interval are single measurements, or took fewer than six
pairs. Ratios count; absolute figures are those of this machine:

"""
AB = """\
The peer of each row is the program with this one value as `--no-optimized` sets it.
"""
AGENTS = """\
Ours is an `Inquiry`, the value that one conversation with the model is until it is
composed. An agent of agno carries more in each object: its instructions, tools, memory
and settings. In ours these belong to the one assistant, which redacts, fits into the
model's window, queues, checks and keeps every answer, so that a run of ours does more
than one of theirs. The owner's figures are those of a runtime written in Go.
"""
NOTES = {"ab": AB, "agents": AGENTS}


def write(path: Path, taken: Sequence[Taken], *, is_quick: bool) -> str:
    """Write the page and the curves; return what the user should know."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row for one in taken for row in one.rows]
    plot = path.parent / PLOT
    told = draw(plot, rows)
    path.write_text(page(taken, notes(), is_quick=is_quick, has_plot=plot.exists()))
    return told


def page(
    taken: Iterable[Taken], machine: Sequence[str], *, is_quick: bool, has_plot: bool
) -> str:
    """Return the page's text: a table for each group of kinds."""
    pieces = [INTRODUCTION, "".join(f"- {note}\n" for note in machine)]
    if is_quick:
        pieces.append(
            "\nTaken with `--quick`: little of everything, so few intervals.\n"
        )
    groups: dict[str, list[Row]] = {}
    for one in taken:
        groups.setdefault(one.kind.partition(":")[0], []).extend(one.rows)
    for group, rows in groups.items():
        if rows:
            pieces.append(f"\n## {group}\n\n")
            if group in NOTES:
                pieces.append(f"{NOTES[group]}\n")
            if group == "growth" and has_plot:
                pieces.append(f"![Growth with records and output]({PLOT})\n\n")
            pieces.append(_table(rows))
    return "".join(pieces)


def notes() -> list[str]:
    """Return what the figures depend on, without the machine's name."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return [
        f"{_processor()}, {os.cpu_count()} cores, load {load} at the end of the run",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {versions}, {_tmux()}",
    ]


def draw(path: Path, rows: Sequence[Row]) -> str:
    """Draw the growth curves, if there are any and there is something to draw with."""
    curves: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for row in rows:
        if (found := _AT.fullmatch(row.name)) and found["of"] in growth.SIZES:
            key = (found["of"], found["what"], row.unit)
            curves.setdefault(key, []).append((int(found["size"]), row.ours))
    if not curves:
        return ""
    try:
        import matplotlib as mpl
    except ImportError:
        return HINT
    mpl.use("svg")
    # The same figures make the same file.
    mpl.rcParams["svg.hashsalt"] = "terminal-ai"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(curves), figsize=(3.2 * len(curves), 3))
    for axis, ((of, what, unit), points) in zip(
        [axes] if len(curves) == 1 else axes, curves.items(), strict=True
    ):
        axis.plot(*zip(*points, strict=True), marker="o")
        axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set(title=what, xlabel=of, ylabel=unit)
        axis.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return ""


def _table(rows: Sequence[Row]) -> str:
    lines = ["| figure | ours | peer | unit | ratio | 95 % | |", "|---|--:|--:|---|--:|---|---|"]  # fmt: skip  # noqa: E501
    for row in rows:
        base = "" if row.base is None else f"{_number(row.base)} ({row.base_name})"
        ratio = "" if row.ratio is None else _number(row.ratio)
        bounds = "" if row.low is None else f"{row.low:.2f} to {row.high:.2f}"
        verdict = "**gain**" if row.is_gain else "*loss*" if row.is_loss else ""
        cells = (row.name, _number(row.ours), base, row.unit, ratio, bounds, verdict)
        escaped = (cell.replace("|", "\\|") for cell in cells)
        lines.append(f"| {' | '.join(escaped)} |")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _tmux() -> str:
    try:
        run = subprocess.run(["tmux", "-V"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no tmux"
    return run.stdout.strip()
