"""docs/benchmarks.md out of the figures, and the growth curves beside it."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from decimal import Decimal
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
taken in one run with its peer, in turn. The ratio is ours over the peer's; *better*
tells whether a lower or a higher figure is wanted. The interval bounds the ratio in
95 % of the resampled pairs. **gain** and *loss* are told only where it excludes 1. A
peer that is a limit, or the least or most that is asked for, is *held* or *broken*, or
neither where the interval has both in it. Rows without an interval count something
(requests, bytes, hits), took fewer than six pairs, or have a peer of 0. Ratios count;
absolute figures are those of this machine:

"""
AB = """\
The peer of each row is the program with this one value as `--no-optimized` sets it.
"""
AGENTS = """\
Ours is an `Inquiry`, the value that one conversation with the model is until it is
composed. An agent of agno carries more in each object: its instructions, tools, memory
and settings. In ours these belong to the one assistant, which redacts, fits into the
model's window, queues, checks and keeps every answer, so that a run of ours does more
than one of theirs. The owner's figures are those of a runtime written in Go. Answers
from the cache are those to twenty questions asked in turn, whose prompts are still
known; failures that are new each time have theirs written, masked and looked up anew.
"""
COLUMNS = {
    "figure": "---",
    "ours": "--:",
    "peer": "--:",
    "unit": "---",
    "better": "---",
    "ratio": "--:",
    "95 %": "---",
    "": "---",
}
VERDICTS = {
    "": "",
    "gain": "**gain**",
    "loss": "*loss*",
    "held": "held",
    "broken": "*broken*",
}
GROWTH = """\
The peer of each row is the smallest size. The largest output is shown only once:
its rows have no interval.
"""
HISTORY = """\
`LIKE` has the same texts, filters, order and limit, but no text index; `grep` has all
texts in one plain file. A peer is asked some queries of each kind, in turn with ours.
"""
PIPELINE = """\
The bare client is called with a prompt that is ready; ours has diagnosed, redacted and
composed it, and looked for it in the cache. The first paint is that of the text that
the terminal shows after the command has ended.
"""
REDACTION = """\
The corpus is ours: secrets as terminals show them. Where detect-secrets is installed,
it scans a file of the same text, without asking vendors whether a token works.
"""
CAT = """\
A short log is shown where the peer is the slow parser: it needs a second a megabyte.
"""
NOTES = {
    "ab": AB,
    "agents": AGENTS,
    "cat": CAT,
    "growth": GROWTH,
    "history": HISTORY,
    "pipeline": PIPELINE,
    "redaction": REDACTION,
}


def write(path: Path, taken: Sequence[Taken]) -> str:
    """Write the page and the curves; return what the user should know."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row for one in taken for row in one.rows]
    plot = path.parent / PLOT
    told = draw(plot, rows)
    path.write_text(page(taken, notes(taken), has_plot=plot.exists()))
    return told


def page(taken: Sequence[Taken], machine: Sequence[str], *, has_plot: bool) -> str:
    """Return the page's text: a table for each group of kinds."""
    pieces = [INTRODUCTION, "".join(f"- {note}\n" for note in machine), _quick(taken)]
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


def _quick(taken: Iterable[Taken]) -> str:
    """Return which kinds were measured in smaller sizes than usual."""
    with_rows = [one for one in taken if one.rows]
    quick = [one.kind for one in with_rows if one.under.is_quick]
    if not quick:
        return ""
    which = "" if len(quick) == len(with_rows) else f" ({', '.join(quick)})"
    return f"\nTaken with `--quick`{which}: little of everything, so few intervals.\n"


def notes(taken: Sequence[Taken] = ()) -> list[str]:
    """Return what the figures depend on, without the machine's name."""
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    found = [
        f"{_processor()}, {os.cpu_count()} cores",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {versions}, {_tmux()}",
    ]
    loads = [one.under.load for one in taken if one.rows]
    if loads:
        minutes = sum(one.under.seconds for one in taken) / 60
        low, high = f"{min(loads):.1f}", f"{max(loads):.1f}"
        found.append(
            f"measured in {minutes:.0f} minutes, under a load of {low} to {high}"
        )
    commits = dict.fromkeys(one.under.commit for one in taken if one.under.commit)
    if commits:
        found.append(f"commit {', '.join(commits)}")
    return found


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
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'|'.join(COLUMNS.values())}|"]
    for row in rows:
        base = "" if row.base is None else f"{_number(row.base)} ({row.base_name})"
        ratio = "" if row.ratio is None else _number(row.ratio)
        bounds = ""
        if row.low is not None and row.high is not None:
            bounds = f"{_number(row.low)} to {_number(row.high)}"
        verdict = VERDICTS[row.verdict]
        cells = (
            row.name,
            _number(row.ours),
            base,
            row.unit,
            row.better,
            ratio,
            bounds,
            verdict,
        )
        escaped = (cell.replace("|", "\\|") for cell in cells)
        lines.append(f"| {' | '.join(escaped)} |")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    # Decimal writes a small figure out, where a float would have an exponent.
    return f"{Decimal(f'{value:.3g}'):f}"


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
