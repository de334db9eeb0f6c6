"""Fuzz the emulator for as long as wanted: at random, or led by coverage.

    .venv/bin/python scripts/fuzz.py --streams 1000000 --processes 2
    .venv/bin/python scripts/fuzz.py --coverage fuzz-corpus --seconds 600

    .venv/bin/python scripts/fuzz.py --characters

At random, each seed is one session of some streams; ``--progress`` names a file that
lets the next run go on where this one ended. With ``--coverage`` libFuzzer keeps what
reached new code in the directory; that needs ``requirements/fuzz.txt``. A session that
fails is made smaller and printed, and the exit code is 1. ``--characters`` draws every
code point beside all that joins, widens or colours it; the suite takes a selection.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SESSIONS_PER_BLOCK = 250
FAILURES_LIMIT = 20
REPORTS_LIMIT = 3
INPUT_LIMIT_BYTES = 4096


@dataclass
class Progress:
    """What has been done so far."""

    next_seed: int = 0
    streams: int = 0
    bytes: int = 0
    seconds: float = 0.0
    failed_seeds: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path | None, seed: int) -> "Progress":
        """Read the file, or begin at ``seed``."""
        if path and path.exists():
            return cls(**json.loads(path.read_text()))
        return cls(next_seed=seed)

    def save(self, path: Path | None) -> None:
        """Write the file."""
        if path:
            path.write_text(json.dumps(asdict(self)) + "\n")


@dataclass(frozen=True, slots=True)
class Block:
    """The outcome of consecutive seeds."""

    streams: int
    bytes: int
    failed_seeds: tuple[int, ...]


def run_block(first_seed: int) -> Block:
    """Run the sessions of some seeds."""
    from tests.fuzz.choices import RandomChoices
    from tests.fuzz.minimise import failure
    from tests.fuzz.session import steps

    streams = size = 0
    failed = []
    for seed in range(first_seed, first_seed + SESSIONS_PER_BLOCK):
        session = list(steps(RandomChoices(seed)))
        streams += len(session)
        size += sum(len(step.data) for step in session)
        if failure(session):
            failed.append(seed)
    return Block(streams, size, tuple(failed))


def blocks(progress: Progress, wanted: argparse.Namespace) -> Iterator[Block]:
    """Yield outcomes until enough streams ran, the time is over or too much failed.

    Blocks are handed out in order and all that were are awaited, so that no seed
    below ``next_seed`` is left out.
    """
    deadline = time.monotonic() + (wanted.seconds or float("inf"))
    running: set[Future[Block]] = set()
    with ProcessPoolExecutor(wanted.processes) as pool:
        while True:
            goes_on = (
                progress.streams < wanted.streams
                and time.monotonic() < deadline
                and len(progress.failed_seeds) < FAILURES_LIMIT
            )
            while goes_on and len(running) < wanted.processes:
                running.add(pool.submit(run_block, progress.next_seed))
                progress.next_seed += SESSIONS_PER_BLOCK
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


def run_at_random(wanted: argparse.Namespace) -> int:
    """Run sessions of consecutive seeds."""
    progress = Progress.load(wanted.progress, wanted.seed)
    started, before = time.monotonic(), progress.seconds
    for block in blocks(progress, wanted):
        progress.streams += block.streams
        progress.bytes += block.bytes
        progress.failed_seeds += block.failed_seeds
        progress.seconds = round(before + time.monotonic() - started, 1)
        progress.save(wanted.progress)
    print(
        f"{progress.streams} streams, {progress.bytes} bytes,"
        f" {progress.seconds:.0f} s, {len(progress.failed_seeds)} failures"
    )
    for seed in progress.failed_seeds[:REPORTS_LIMIT]:
        report(seed)
    return 1 if progress.failed_seeds else 0


def report(seed: int) -> None:
    """Print a failing session, made smaller."""
    from tests.fuzz.choices import RandomChoices
    from tests.fuzz.minimise import failure, minimised
    from tests.fuzz.session import steps

    smaller = minimised(list(steps(RandomChoices(seed))))
    print(f"seed {seed}: {failure(smaller) or 'does not fail any more'}")
    for step in smaller:
        print(f"    {step}")


def run_characters(wanted: argparse.Namespace) -> int:
    """Measure every code point in every context."""
    from tests.fuzz.characters import CONTEXTS

    wrong = 0
    with ProcessPoolExecutor(wanted.processes) as pool:
        for context, sheared in zip(
            CONTEXTS, pool.map(sheared_in, CONTEXTS), strict=True
        ):
            wrong += len(sheared)
            print(f"{context!a}: {len(sheared)} sheared {sheared[:5]!a}", flush=True)
    return 1 if wrong else 0


def sheared_in(context: str) -> list[str]:
    """Return what Rich measures otherwise than the emulator does."""
    from tests.fuzz.characters import every, sheared

    return sheared(context.replace("{}", character) for character in every())


def run_by_coverage(wanted: argparse.Namespace) -> None:
    """Let libFuzzer find the bytes that decide what a session does."""
    import atheris

    with atheris.instrument_imports(include=["terminal_ai.terminal"]):
        from tests.fuzz.session import Session
    from tests.fuzz.choices import ByteChoices
    from tests.fuzz.session import STREAMS_PER_SESSION, Step, steps

    def run_one(data: bytes) -> None:
        session = Session()
        if data[:1] < b"\x80":
            choices = ByteChoices(data[1:])
            for step in steps(choices, STREAMS_PER_SESSION):
                session.run(step)
                if choices.is_spent:
                    break
        else:
            # Bytes as they are: what the generator would never write.
            session.run(Step(data[1:], None))

    wanted.coverage.mkdir(exist_ok=True)
    limits = [f"-max_len={INPUT_LIMIT_BYTES}", "-len_control=0"]
    limits.append(f"-seed={wanted.seed + 1}")
    if wanted.seconds:
        limits.append(f"-max_total_time={wanted.seconds:.0f}")
    else:
        limits.append(f"-runs={wanted.streams}")
    atheris.Setup([sys.argv[0], *limits, str(wanted.coverage)], run_one)
    atheris.Fuzz()


def main() -> int:
    """Parse the arguments and fuzz."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, help="stop earlier, after this long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--progress", type=Path, metavar="FILE")
    parser.add_argument("--characters", action="store_true")
    parser.add_argument("--coverage", type=Path, metavar="DIRECTORY")
    wanted = parser.parse_args()
    if wanted.characters:
        return run_characters(wanted)
    if wanted.coverage:
        run_by_coverage(wanted)
        return 0
    return run_at_random(wanted)


if __name__ == "__main__":
    sys.exit(main())
