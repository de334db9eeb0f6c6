"""Measure the program beside its peers, in the same run, interleaved.

Figures of the running program are taken from outside: the program, tmux and a bare
shell each run in a pseudo-terminal of this script, which plays the host terminal. The
emulator, its memory and the painting are measured in this process, beside pyte and
what others do. Ratios count, absolute times depend on the machine. ``--json`` prints a
list of ``{name, ours, base, base_name, unit, ratio, better}``.
"""

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Started as a file, not as a module: the checkout is what is measured.
sys.path.insert(0, str(ROOT))

from benchmarks import (  # noqa: E402
    advice,
    batches,
    emulator,
    flood,
    history,
    interactive,
    painting,
    pipeline,
    prompt,
    redaction,
    replay,
)
from benchmarks.figures import Row  # noqa: E402
from benchmarks.hosts import Bench, environment  # noqa: E402

Kind = Callable[[Bench, argparse.Namespace], list[Row]]

KINDS: Mapping[str, Kind] = {
    "start": lambda bench, options: interactive.start_up(bench, options.rounds),
    "echo": lambda bench, options: interactive.key_echo(bench, options.presses),
    "memory": lambda bench, options: interactive.memory_and_flood(bench, options.lines),
    "idle": lambda bench, options: interactive.idle_cpu(bench, options.idle),
    "prompt": lambda bench, options: prompt.overhead(bench, options.rounds),
    "cat": lambda bench, options: flood.cat(bench, options.megabytes, options.rounds),
    "gap": lambda bench, options: flood.loop_gap(bench, options.megabytes),
    "interrupt": lambda bench, options: flood.interrupt(bench, options.rounds),
    "parse": lambda _, options: emulator.speed(options.payload),
    "rows": lambda _bench, _options: emulator.memory(),
    "history": lambda bench, options: history.measure(bench.home, options),
    "replay": lambda bench, _options: replay.measure(bench.home),
    "paint": lambda _, options: painting.redraw(options.frames),
    "batch": lambda _bench, _options: batches.measure(),
    "pipeline": lambda _bench, _options: pipeline.measure(),
    "advisor": lambda _bench, _options: advice.measure(),
    "redaction": lambda _bench, _options: redaction.measure(),
    "key": lambda _, options: painting.key_to_strip(options.presses),
}


def main() -> None:
    """Run the chosen measurements and print one table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--only",
        action="append",
        choices=KINDS,
        help="take only these figures; may be given several times",
    )
    for name, value, text in (
        ("rounds", 5, "rounds per program"),
        ("presses", 120, "keys per program"),
        ("lines", 200_000, "rows of the flood"),
        ("megabytes", 20, "size of the log for cat"),
        ("payload", 4_000_000, "bytes parsed of each kind of output"),
        ("frames", 30, "frames painted"),
        ("records", 100_000, "records in the history"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, help=text)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of idling")
    options = parser.parse_args()
    for program in ("tmux", "bash"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is needed to compare with; install it")
    with tempfile.TemporaryDirectory(prefix="terminal-ai-bench-") as directory:
        home = Path(directory)
        bench = Bench(home, environment(home))
        rows = [
            row for kind in options.only or KINDS for row in KINDS[kind](bench, options)
        ]
    if options.json:
        listed = [dataclasses.asdict(row) | {"ratio": row.ratio} for row in rows]
        print(json.dumps(listed, indent=2))
        return
    print(f"{'figure':<28}{'ours':>10}{'peer':>10}  {'unit':<5}{'ratio':>7}  peer")
    for row in rows:
        base = f"{row.base:.2f}" if row.base is not None else "-"
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else "-"
        print(
            f"{row.name:<28}{row.ours:>10.2f}{base:>10}  "
            f"{row.unit:<5}{ratio:>7}  {row.base_name}"
        )


if __name__ == "__main__":
    main()
