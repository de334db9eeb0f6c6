"""Two commits of the program, started in turn by the same script.

``bench.py compare BASE [HEAD]`` checks both out in a temporary directory; without HEAD
the checkout is compared as it is. A change is claimed only where the interval of its
ratio excludes 1. Both run with the packages of this environment.
"""

import argparse
import contextlib
import dataclasses
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from benchmarks.figures import MIB, Row, compared
from benchmarks.flood import megabytes_a_second, write_log
from benchmarks.hosts import OURS, PROMPT, ROOT, Bench, Hosted, environment

LETTERS = "бгджзилпфцчшщыэюя"
ECHO_SECONDS = 5.0
FIGURES = ("first prompt", "RSS after start", "key echo", "cat of a log")
UNITS = ("s", "MiB", "ms", "s")


def main(arguments: Sequence[str]) -> int:
    """Measure both, print the changes, and fail if one is for the worse."""
    parser = argparse.ArgumentParser(prog="bench.py compare", description=__doc__)
    parser.add_argument("base", help="a commit")
    parser.add_argument("head", nargs="?", help="another one; else the checkout")
    parser.add_argument("--rounds", type=int, default=9, help="starts of each")
    parser.add_argument("--megabytes", type=int, default=10, help="size of the log")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    with (
        checkout(options.base) as base,
        checkout(options.head)
        if options.head
        else contextlib.nullcontext(ROOT) as head,
        tempfile.TemporaryDirectory(
            prefix="terminal-ai-bench-", ignore_cleanup_errors=True
        ) as directory,
    ):
        home = Path(directory)
        bench = Bench(home, environment(home))
        write_log(home / "log", options.megabytes * 1_000_000)
        rows = changes(bench, (head, base), options.rounds, options.base)
    if options.json:
        print(json.dumps([row.as_json() for row in rows], indent=2))
    for row in rows if not options.json else ():
        state = "better" if row.is_gain else "worse" if row.is_loss else "no change"
        bounds = "" if row.low is None else f"{row.low:.3f} to {row.high:.3f}"
        print(
            f"{row.name:<18}{row.ours:>10.3f}{row.base:>10.3f} {row.unit:<4}"
            f"{bounds:<18}{state if bounds else 'too few rounds to tell'}"
        )
    return 1 if any(row.is_loss for row in rows) else 0


@contextlib.contextmanager
def checkout(commit: str, repository: Path = ROOT) -> Iterator[Path]:
    """Check a commit out in a temporary directory."""
    git = ["git", "-C", str(repository), "worktree"]
    with tempfile.TemporaryDirectory(prefix="terminal-ai-commit-") as directory:
        path = Path(directory) / "tree"
        added = subprocess.run(
            [*git, "add", "-q", "--detach", str(path), commit],
            capture_output=True,
            text=True,
            check=False,
        )
        if added.returncode:
            raise SystemExit(f"{commit} cannot be checked out: {added.stderr.strip()}")
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], check=False)


def changes(
    bench: Bench, trees: tuple[Path, Path], rounds: int, base_name: str
) -> list[Row]:
    """Return a row a figure: the first tree beside the second."""
    taken: tuple[list[Sequence[float]], list[Sequence[float]]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            environ = bench.environ | {"PYTHONPATH": str(trees[side])}
            with dataclasses.replace(bench, environ=environ).run(OURS) as hosted:
                taken[side].append(_measured(hosted, bench.home / "log"))
    heads, bases = (list(zip(*samples, strict=True)) for samples in taken)
    return [
        compared(name, ours, base, base_name, unit)
        for name, unit, ours, base in zip(FIGURES, UNITS, heads, bases, strict=True)
    ]


def _measured(hosted: Hosted, log: Path) -> Sequence[float]:
    """Return the figures of one start, in the order of their names."""
    prompt = hosted.expect(PROMPT)
    hosted.settle()
    rss = psutil.Process(hosted.pid).memory_info().rss / MIB
    echoes = sorted(_echo_milliseconds(hosted, letter) for letter in LETTERS)
    hosted.write(b"\x15")
    flood = log.stat().st_size / 1e6 / megabytes_a_second(hosted, log)
    return prompt, rss, echoes[len(echoes) // 2], flood


def _echo_milliseconds(hosted: Hosted, letter: str) -> float:
    begun = time.perf_counter()
    hosted.write(letter.encode())
    if not hosted.read_until(letter.encode(), ECHO_SECONDS):
        raise SystemExit(f"no echo within {ECHO_SECONDS} s")
    milliseconds = (time.perf_counter() - begun) * 1e3
    hosted.read_until(None, 0.02)
    return milliseconds
