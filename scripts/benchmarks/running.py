"""Which figures can be taken, how much of each, and the taking of them."""

import contextlib
import dataclasses
import fnmatch
import importlib
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Row
from benchmarks.hosts import Bench, environment

Kind = Callable[[Bench, "Extent"], Iterable[Row]]
Around = Callable[[str], contextlib.AbstractContextManager[object]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured: ``QUICK`` shows that all runs, and roughly how fast."""

    rounds: int = 9
    """Runs of each program."""
    presses: int = 200
    """Keys typed into each program."""
    lines: int = 200_000
    """Rows of the flood."""
    megabytes: int = 20
    """Size of the log for ``cat``."""
    payload: int = 4_000_000
    """Bytes parsed of each kind of output."""
    frames: int = 60
    """Frames painted."""
    records: int = 100_000
    """Records in the history."""
    failures: int = 40
    """Commands that fail."""
    idle: int = 60
    """Seconds of idling."""
    growth: int = 1_000
    """Most megabytes of output for a growth curve."""
    settle: float = 2.0
    """Seconds for what a program still does after its start."""
    compare: str = ""
    """A library whose objects are measured beside ours."""


QUICK = Extent(
    rounds=2,
    presses=25,
    lines=20_000,
    megabytes=2,
    payload=200_000,
    frames=12,
    records=2_000,
    failures=4,
    idle=4,
    growth=10,
    settle=0.5,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """The rows of one kind, or why there are none."""

    kind: str
    rows: Sequence[Row]
    seconds: float
    error: str = ""


class UnknownKindError(Exception):
    """No kind has such a name."""


def part(name: str) -> Kind:
    """Return a measurement by ``module`` or ``module.function``.

    The module is imported when it is measured: what one kind needs and lacks does not
    keep the others from being measured.
    """
    module, _, function = name.partition(".")

    def take(bench: Bench, extent: Extent) -> Iterable[Row]:
        found = importlib.import_module(f"benchmarks.{module}")
        rows: Iterable[Row] = getattr(found, function or "measure")(bench, extent)
        return rows

    return take


def alone(name: str) -> Kind:
    """Return a measurement that takes neither programs nor sizes."""
    module, _, function = name.partition(".")

    def take(_bench: Bench, _extent: Extent) -> Iterable[Row]:
        found = importlib.import_module(f"benchmarks.{module}")
        rows: Iterable[Row] = getattr(found, function or "measure")()
        return rows

    return take


def chosen(kinds: Mapping[str, Kind], patterns: Sequence[str]) -> dict[str, Kind]:
    """Return the kinds whose names match one of the shell patterns; all without."""
    if not patterns:
        return dict(kinds)
    found = {}
    for pattern in patterns:
        names = fnmatch.filter(kinds, pattern)
        if not names:
            raise UnknownKindError(
                f"no figures are called {pattern!r}; there are {', '.join(kinds)}"
            )
        found |= {name: kinds[name] for name in names}
    return found


def take_all(
    kinds: Mapping[str, Kind],
    extent: Extent,
    *,
    around: Around = contextlib.nullcontext,
) -> list[Taken]:
    """Take each kind in a home of its own; a broken one only tells of itself."""
    return [_take(name, kind, extent, around) for name, kind in kinds.items()]


def _take(
    name: str,
    kind: Kind,
    extent: Extent,
    around: Around,
) -> Taken:
    print(f"{name} … ", end="", file=sys.stderr, flush=True)
    begun = time.perf_counter()
    rows: list[Row] = []
    error = ""
    # A program that is slow to end may still write into its home.
    with tempfile.TemporaryDirectory(
        prefix="terminal-ai-bench-", ignore_cleanup_errors=True
    ) as directory:
        home = Path(directory)
        try:
            with around(name):
                bench = Bench(home, environment(home), extent.settle)
                rows = list(kind(bench, extent))
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - of any kind at all
            traceback.print_exc()
            error = f"{type(problem).__name__}: {problem}"
    seconds = time.perf_counter() - begun
    print(f"{seconds:.1f} s", file=sys.stderr)
    return Taken(name, rows, seconds, error)


def as_json(taken: Iterable[Taken]) -> str:
    """Return every row with the kind it belongs to."""
    listed = [{"kind": one.kind} | row.as_json() for one in taken for row in one.rows]
    return json.dumps(listed, indent=2, ensure_ascii=False)


def from_json(text: str) -> list[Taken]:
    """Return what ``as_json`` was made of; how long it took is not kept."""
    rows: dict[str, list[Row]] = {}
    for found in json.loads(text):
        rows.setdefault(found["kind"], []).append(Row.from_json(found))
    return [Taken(kind, listed, 0.0) for kind, listed in rows.items()]


def merged(earlier: Sequence[Taken], taken: Sequence[Taken]) -> list[Taken]:
    """Return the earlier figures, and those that were taken in their place."""
    found = {one.kind: one for one in earlier}
    for one in taken:
        if one.rows or one.kind not in found:
            found[one.kind] = one
    return list(found.values())
