"""The advisor on every failure its rules know, and inside a megabyte of output.

The peer searches every pattern of our rules in the output, one after the other, as
tools do whose rules each look for themselves. It only finds which rules may speak: what
ours does beyond that, it does not.
"""

import difflib
import functools
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Row, at_percent, compared, held_to, paired
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.advisor import Advisor
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.records import CapturedOutput, CommandRecord, Surroundings

Item = TypeVar("Item")
Samples = tuple[list[float], list[float]]
LIMIT_MILLISECONDS = 20.0
LONG_BYTES = 1_000_000
LONG_EVERY = 10
"""Every tenth failure is also put into a megabyte: the time goes where it may not."""
NAMES_COUNT = 1_400
"""Programs on the PATH of a machine that is used for work."""
PEER = "every pattern in turn"
_PROGRESS = "Compiling module 12 of 900: error-free so far\n"


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Return what a diagnosis costs, and what finding a name costs beside difflib."""
    with tempfile.TemporaryDirectory() as directory:
        stored = Path(directory) / "rules"
        rows = [_loading(stored, extent.rounds), _first(stored, extent.rounds)]
    advisor = Advisor()
    advisor.prepare()
    names = _names(advisor)
    failures = [
        (example.command, example.output, example.exit_code)
        for rule in advisor.rules.rules
        for example in rule.source.example
    ]
    every = max(1, len(failures) // extent.some(len(failures)))
    rows += _diagnoses(advisor, names, failures[::every], extent.few)
    wrong = [command.split()[0][::-1] for command, _, _ in failures if command.split()]
    nearest = _in_turn(
        lambda word: closest(word, names),
        lambda word: difflib.get_close_matches(word, names),
        wrong[:: LONG_EVERY * every],
    )
    name = f"advisor: nearest of {len(names)} names"
    return [*rows, compared(name, *nearest, "difflib", "ms")]


def _diagnoses(
    advisor: Advisor,
    names: frozenset[str],
    failures: Sequence[tuple[str, str, int]],
    pairs: int,
) -> list[Row]:
    """Return what failures cost as they are, and each tenth within a megabyte."""
    surroundings = Surroundings(programs=names, home="/home/bob")
    searches = [
        one.regex.search for rule in advisor.rules.rules for one in rule.patterns
    ]

    def diagnose(record: CommandRecord) -> None:
        advisor.diagnose(record, surroundings)

    def search_all(record: CommandRecord) -> None:
        output = record.output.text
        for search in searches:
            search(output)

    filler = _PROGRESS * (LONG_BYTES // len(_PROGRESS))
    long = [
        (command, f"{filler}{output}\n", code)
        for command, output, code in failures[::LONG_EVERY]
    ]
    rows = []
    # The peer takes seconds for a megabyte.
    for where, cases, with_peer in (
        ("failures", failures, len(failures)),
        ("in 1 MB of output", long, pairs),
    ):
        what = f"advisor: {len(advisor.rules.rules)} rules, {len(cases)} {where}"
        records = [*map(_record, cases)]
        beside = _in_turn(diagnose, search_all, records[:with_peer])
        taken = beside[0] + _milliseconds(diagnose, records[with_peer:])
        name = what if len(beside[0]) == len(cases) else f"{what}, {pairs} of them"
        rows += [
            compared(f"{name}, p50", *beside, PEER, "ms"),
            held_to(f"{what}, p99", taken, LIMIT_MILLISECONDS, "ms", of=at_percent(99)),
        ]
    return rows


def _loading(stored: Path, rounds: int) -> Row:
    """Return what it takes to load our rules as they are kept, beside their TOML."""
    load_rule_book(stored)
    taken = paired(
        lambda: _once(lambda: load_rule_book(stored)),
        lambda: _once(load_rule_book),
        rounds,
    )
    return compared("advisor: rules loaded", *taken, "TOML", "ms")


def _first(stored: Path, rounds: int) -> Row:
    """Return the first diagnosis of a prepared advisor beside that of one that is not.

    What preparing takes is spent in a thread, before anything has failed.
    """
    record = _record(("gti status", "bash: gti: command not found\n", 127))
    surroundings = Surroundings(programs=frozenset(("git",)), home="/home/bob")

    def first(*, is_prepared: bool) -> float:
        advisor = Advisor(stored_rules=stored)
        if is_prepared:
            advisor.prepare()
        return _once(lambda: advisor.diagnose(record, surroundings))

    taken = paired(
        lambda: first(is_prepared=True), lambda: first(is_prepared=False), rounds
    )
    return compared("advisor: first diagnosis, prepared", *taken, "unprepared", "ms")


def _names(advisor: Advisor) -> frozenset[str]:
    knowledge = advisor.knowledge
    known = itertools.chain(knowledge.familiar, *knowledge.vocabularies.values())
    return frozenset(itertools.islice(dict.fromkeys(known), NAMES_COUNT))


def _record(case: tuple[str, str, int]) -> CommandRecord:
    command_line, output, exit_code = case
    captured = CapturedOutput(output.encode())
    _ = captured.text  # rendered once for all who read it
    return CommandRecord(
        id="",
        command_line=command_line,
        cwd="/home/bob/w",
        exit_code=exit_code,
        started_at=0.0,
        duration_seconds=0.0,
        output=captured,
        shell="bash",
    )


def _in_turn(
    ours: Callable[[Item], object],
    base: Callable[[Item], object],
    items: Iterable[Item],
) -> Samples:
    """Return the processor time of both for each item, each second one backwards."""
    taken: Samples = ([], [])
    for number, item in enumerate(items):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            taken[side].append(_once(functools.partial((ours, base)[side], item)))
    return taken


def _once(work: Callable[[], object]) -> float:
    return _milliseconds(lambda _: work(), [None])[0]


def _milliseconds(work: Callable[[Item], object], items: Iterable[Item]) -> list[float]:
    """Return the processor time of each piece of work."""
    taken = []
    for item in items:
        began = time.process_time()
        work(item)
        taken.append((time.process_time() - began) * 1_000)
    return taken
