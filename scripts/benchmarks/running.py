"""Which figures can be taken, how much of each, and the taking of them."""

import contextlib
import dataclasses
import fnmatch
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import LEAST_PAIRS, Row
from benchmarks.hosts import ROOT, Bench, environment

Kind = Callable[[Bench, "Extent"], Iterable[Row]]
Around = Callable[[str], contextlib.AbstractContextManager[object]]


ROUNDS = 9


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured: ``QUICK`` shows that all runs, and roughly how fast."""

    rounds: int = ROUNDS
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

    @property
    def is_quick(self) -> bool:
        """Whether less is measured than usual."""
        return any(
            getattr(self, field.name) < field.default
            for field in dataclasses.fields(self)
            if field.type is not str and field.name != "settle"
        )

    @property
    def few(self) -> int:
        """Pairs of what takes some seconds: just enough for an interval."""
        return max(1, self.rounds * LEAST_PAIRS // ROUNDS)

    def some(self, usual: int) -> int:
        """Return how often to take what has a number of its own: ``--quick`` less."""
        part = round(usual * self.rounds / ROUNDS)
        return min(usual, max(LEAST_PAIRS, part))


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
class Circumstances:
    """What a kind's figures were taken of and under, beside the machine itself."""

    seconds: float = 0.0
    """How long they took."""
    load: float = 0.0
    """Of the machine when they had been taken, in processes that want to run."""
    commit: str = ""
    is_quick: bool = False
    """Something was measured in a smaller size than usual."""

    def as_json(self) -> dict[str, object]:
        """Return every field as a row's JSON has it."""
        found = dataclasses.asdict(self)
        return {"quick": found.pop("is_quick")} | found

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> "Circumstances":
        """Return what ``as_json`` was made of; what is absent is not known."""
        names = {"is_quick": "quick"}
        keys = {f.name: names.get(f.name, f.name) for f in dataclasses.fields(cls)}
        known = {name: found[key] for name, key in keys.items() if key in found}
        return cls(**known)  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """The rows of one kind, or why there are none."""

    kind: str
    rows: Sequence[Row]
    error: str = ""
    under: Circumstances = Circumstances()


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
    on_taken: Callable[[Taken], object] = lambda _taken: None,
) -> list[Taken]:
    """Take each kind in a home of its own; a broken one only tells of itself.

    ``on_taken`` hears of each as soon as it is there. Time is told on stderr.
    """
    begun, commit = time.perf_counter(), _commit()
    found = []
    for number, (name, kind) in enumerate(kinds.items(), 1):
        print(f"[{number}/{len(kinds)}] {name} … ", end="", file=sys.stderr, flush=True)
        taken = _take(name, kind, extent, around, commit)
        so_far = (time.perf_counter() - begun) / 60
        print(f"{taken.under.seconds:.1f} s ({so_far:.1f} min)", file=sys.stderr)
        found.append(taken)
        on_taken(taken)
    return found


def _take(
    name: str,
    kind: Kind,
    extent: Extent,
    around: Around,
    commit: str,
) -> Taken:
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
    seconds, load = time.perf_counter() - begun, os.getloadavg()[0]
    under = Circumstances(round(seconds, 1), round(load, 1), commit, extent.is_quick)
    return Taken(name, rows, error, under)


def _commit() -> str:
    """Return the checkout's commit, with a plus if it was changed since; or nothing."""
    git = ["git", "-C", str(ROOT)]
    try:
        commit, changes = (
            subprocess.run([*git, *asked], capture_output=True, text=True, check=True)
            for asked in (
                ("rev-parse", "--short", "HEAD"),
                ("status", "--porcelain", "--untracked-files=no"),
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit.stdout.strip()}{'+' if changes.stdout else ''}"


def as_json(taken: Iterable[Taken]) -> str:
    """Return every row with its kind, and under what it was taken."""
    listed = [
        {"kind": one.kind} | row.as_json() | one.under.as_json()
        for one in taken
        for row in one.rows
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False)


def from_json(text: str) -> list[Taken]:
    """Return what ``as_json`` was made of."""
    kinds: dict[str, list[Mapping[str, object]]] = {}
    for found in json.loads(text):
        kinds.setdefault(found["kind"], []).append(found)
    return [
        Taken(
            kind,
            [Row.from_json(found) for found in listed],
            under=Circumstances.from_json(listed[0]),
        )
        for kind, listed in kinds.items()
    ]


def merged(
    earlier: Iterable[Taken], taken: Iterable[Taken], order: Iterable[str] = ()
) -> list[Taken]:
    """Return the earlier figures, and those that were taken in their place.

    Kinds that ``order`` does not name come last.
    """
    found = {one.kind: one for one in earlier}
    for one in taken:
        if one.rows or one.kind not in found:
            found[one.kind] = one
    names = dict.fromkeys((*(name for name in order if name in found), *found))
    return [found[name] for name in names]


class Kept:
    """Figures in a file, each kind's as soon as it was taken: a run may go on there."""

    def __init__(self, path: Path, *, is_quick: bool) -> None:
        """Read what is there; raises ValueError if it was taken in other sizes."""
        self._path = path
        self._taken = from_json(path.read_text()) if path.exists() else []
        for one in self._taken:
            if one.under.is_quick is not is_quick:
                sizes = "--quick, or smaller sizes" if one.under.is_quick else "usual"
                raise ValueError(
                    f"{one.kind} was taken with {sizes} sizes; take another file"
                )

    @property
    def taken(self) -> list[Taken]:
        """What is in the file."""
        return list(self._taken)

    def missing(self, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
        """Return those of which there are no figures yet."""
        there = {one.kind for one in self._taken}
        return {name: kind for name, kind in kinds.items() if name not in there}

    def add(self, taken: Taken) -> None:
        """Write one more; the file is whole at any moment."""
        self._taken = merged(self._taken, [taken])
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_text(as_json(self._taken))
        beside.replace(self._path)
