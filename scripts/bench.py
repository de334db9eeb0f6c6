"""Measure the program beside its peers, in the same run, interleaved.

Figures of the running program are taken from outside: the program, tmux and a bare
shell each run in a pseudo-terminal of this script, which plays the host terminal. The
emulator, its memory and the painting are measured in this process, beside pyte and
what others do. Ratios count, absolute times depend on the machine. ``--json`` prints a
list of ``{name, ours, base, base_name, unit, ratio, better}``, with the bounds ``low``
and ``high`` of the ratio where enough pairs were taken.

What is measured in smaller sizes, as by ``--quick``, is marked ``quick``. With ``--keep
FILE`` a run that was interrupted goes on where it was.

``bench.py soak`` looks for leaks, ``bench.py targets`` holds the owner's targets,
``bench.py compare BASE`` tells what changed since a commit.
A kind that fails tells why at the end, and the exit code is 1; the others are printed.
"""

import argparse
import contextlib
import dataclasses
import importlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
# Started as a file, not as a module: the checkout is what is measured.
sys.path.insert(0, str(ROOT))

from benchmarks import ab  # noqa: E402
from benchmarks.figures import Row  # noqa: E402
from benchmarks.running import (  # noqa: E402
    QUICK,
    Around,
    Extent,
    Kept,
    Kind,
    Taken,
    UnknownKindError,
    as_json,
    chosen,
    from_json,
    merged,
    part,
    take_all,
)

KINDS: Mapping[str, Kind] = {
    "start": part("interactive.start_up"),
    "echo": part("interactive.key_echo"),
    "memory": part("interactive.memory_and_flood"),
    "full": part("interactive.full"),
    "idle": part("interactive.idle_cpu"),
    "panel": part("panel"),
    "prompt": part("prompt.overhead"),
    "cat": part("flood.cat"),
    "gap": part("flood.loop_gap"),
    "interrupt": part("flood.interrupt"),
    "parse": part("emulator.speed"),
    "rows": part("emulator.memory"),
    "history": part("history"),
    "replay": part("replay"),
    "paint": part("painting.redraw"),
    "batch": part("batches"),
    "helpers": part("helpers"),
    "pipeline": part("pipeline"),
    "advisor": part("advice"),
    "redaction": part("redaction"),
    "telemetry": part("telemetry"),
    "telemetry:echo": part("telemetry.key_echo"),
    "profiler": part("profiler"),
    "key": part("painting.key_to_strip"),
    "agents": part("agents"),
    "growth": part("growth"),
    **{f"ab:{key}": part(where) for key, where in ab.MEASURES.items()},
}

COMMANDS = ("compare", "soak", "targets")
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the chosen measurements and print one table or JSON."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with _ending_like_a_key():
        try:
            return _measured(arguments)
        except KeyboardInterrupt:
            print("bench.py: interrupted", file=sys.stderr)
            return EXIT_INTERRUPTED


@contextlib.contextmanager
def _ending_like_a_key() -> Iterator[None]:
    """Have what ends us end as ^C does: programs that run, and directories, go too."""
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in ENDING_SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _measured(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        command = importlib.import_module(f"benchmarks.{arguments[0]}")
        return int(command.main(arguments[1:]))
    options = _parser().parse_args(arguments)
    extent = _extent(options)
    # What it is asked for wrongly is told before it has measured for an hour.
    try:
        kinds = chosen(KINDS, options.only)
        earlier = _earlier(options.earlier) if options.earlier else []
        kept = _kept(options.keep, extent) if options.keep else None
        _check_directories(options.write, options.keep)
    except (UnknownKindError, _UnusableError) as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return 2
    around = _around(options.profile)
    if kept is None:
        taken = take_all(kinds, extent, around=around)
    else:
        missing = kept.missing(kinds)
        if len(missing) < len(kinds):
            there = ", ".join(name for name in kinds if name not in missing)
            print(f"bench.py: {options.keep} has {there}", file=sys.stderr)
        taken = take_all(missing, extent, around=around, on_taken=kept.add)
        earlier = merged(earlier, kept.taken)
    taken = merged(earlier, taken, KINDS)
    if options.write:
        document = importlib.import_module("benchmarks.document")
        told = document.write(options.write, taken)
        print(f"bench.py: {told or f'wrote {options.write}'}", file=sys.stderr)
    if options.json:
        print(as_json(taken))
    else:
        _print_table(taken)
    broken = [one for one in taken if one.error]
    for one in broken:
        print(f"bench.py: no figures of {one.kind}: {one.error}", file=sys.stderr)
    return 1 if broken else 0


class _UnusableError(Exception):
    """A file that was named cannot be read or written."""


def _check_directories(*paths: Path | None) -> None:
    for path in paths:
        if path and not path.absolute().parent.is_dir():
            raise _UnusableError(f"no directory for {path}")


def _earlier(path: Path) -> list[Taken]:
    try:
        return from_json(path.read_text())
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _UnusableError(f"cannot read {path}: {error}") from error


def _kept(path: Path, extent: Extent) -> Kept:
    try:
        return Kept(path, is_quick=extent.is_quick)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _UnusableError(f"cannot go on with {path}: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", type=Path, help="write a page of them, in Markdown")
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="JSON",
        help="add the other kinds' figures out of an earlier --json",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="JSON",
        help="keep each kind's figures in this file once they are taken, and take only"
        " those that it lacks: an interrupted run goes on",
    )
    parser.add_argument("--quick", action="store_true", help="little of everything")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help=f"take only these kinds; may be given several times: {', '.join(KINDS)}",
    )
    parser.add_argument(
        "--profile",
        choices=("cpu", "mem"),
        help="write what each kind spends in this process as a speedscope file",
    )
    for field in dataclasses.fields(Extent):
        parser.add_argument(f"--{field.name}", type=type(field.default))
    return parser


def _around(what: Literal["cpu", "mem"] | None) -> Around:
    if what is None:
        return contextlib.nullcontext
    profiling = importlib.import_module("benchmarks.profiling")
    around: Around = profiling.profiled(what, Path.cwd())
    return around


def _extent(options: argparse.Namespace) -> Extent:
    """Return how much is asked for: what is given by name, over the rest."""
    names = [field.name for field in dataclasses.fields(Extent)]
    given = {
        name: value for name in names if (value := getattr(options, name)) is not None
    }
    return dataclasses.replace(QUICK if options.quick else Extent(), **given)


def _print_table(taken: Sequence[Taken]) -> None:
    rows = [row for one in taken for row in one.rows]
    width = max((len(row.name) for row in rows), default=0) + 2
    print(
        f"{'figure':<{width}}{'ours':>12}{'peer':>12}  {'unit':<7}{'ratio':>7}"
        f"  {'95 %':<21}peer"
    )
    for row in rows:
        print(
            f"{row.name:<{width}}{number(row.ours):>12}{number(row.base):>12}"
            f"  {row.unit:<7}{number(row.ratio):>7}  {bounds(row):<21}{row.base_name}"
        )


def number(value: float | None) -> str:
    """Return a figure as people read it."""
    if value is None:
        return "-"
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:.2f}"


def bounds(row: Row) -> str:
    """Return between what the ratio lies, or nothing."""
    if row.low is None or row.high is None:
        return ""
    return f"{number(row.low)} to {number(row.high)}"


if __name__ == "__main__":
    sys.exit(main())
