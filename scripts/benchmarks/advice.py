"""The advisor on every failure its rules know, and inside a megabyte of output."""

import difflib
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Row, percentile
from terminal_ai.advisor import Advisor
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.records import CapturedOutput, CommandRecord, Surroundings

Item = TypeVar("Item")
LIMIT_MILLISECONDS = 20.0
LOADS = 3
LONG_BYTES = 1_000_000
LONG_EVERY = 10
"""Every tenth failure is also put into a megabyte: the time goes where it may not."""
NAMES_COUNT = 1_400
"""Programs on the PATH of a machine that is used for work."""
_PROGRESS = "Compiling module 12 of 900: error-free so far\n"


def measure() -> list[Row]:
    """Return what a diagnosis costs, and what finding a name costs beside difflib."""
    advisor = Advisor()
    advisor.prepare()
    first = _first_diagnoses(advisor)
    names = _names(advisor)
    surroundings = Surroundings(programs=names, home="/home/bob")
    failures = [
        (example.command, example.output, example.exit_code)
        for rule in advisor.rules.rules
        for example in rule.source.example
    ]
    filler = _PROGRESS * (LONG_BYTES // len(_PROGRESS))
    long = [
        (command, f"{filler}{output}\n", code)
        for command, output, code in failures[::LONG_EVERY]
    ]
    rows = [first, _loading()]
    for name, cases in (("failures", failures), ("in 1 MB of output", long)):
        taken = _milliseconds(
            lambda record: advisor.diagnose(record, surroundings), map(_record, cases)
        )
        what = f"advisor: {len(advisor.rules.rules)} rules, {len(cases)} {name}"
        limit = LIMIT_MILLISECONDS
        rows += [
            Row(f"{what}, p50", statistics.median(taken), limit, "limit", "ms"),
            Row(f"{what}, p99", percentile(taken, 99), limit, "limit", "ms"),
        ]
    wrong = [command.split()[0][::-1] for command, _, _ in failures if command.split()]
    ours = _milliseconds(lambda word: closest(word, names), wrong[::LONG_EVERY])
    plain = _milliseconds(
        lambda word: difflib.get_close_matches(word, names), wrong[::LONG_EVERY]
    )
    rows.append(
        Row(
            f"advisor: nearest of {len(names)} names",
            statistics.median(ours),
            statistics.median(plain),
            "difflib",
            "ms",
        )
    )
    return rows


def _loading() -> Row:
    """Return what it takes to load our rules as they are kept, beside their TOML."""
    with tempfile.TemporaryDirectory() as directory:
        stored = Path(directory) / "rules"
        load_rule_book(stored)
        ours = _milliseconds(load_rule_book, [stored] * LOADS)
    toml = _milliseconds(load_rule_book, [None] * LOADS)
    return Row("advisor: rules loaded", min(ours), min(toml), "TOML", "ms")


def _first_diagnoses(prepared: Advisor) -> Row:
    """Return the first diagnosis of a prepared advisor beside its tenth."""
    record = _record(("gti status", "bash: gti: command not found\n", 127))
    surroundings = Surroundings(programs=frozenset(("git",)), home="/home/bob")
    taken = _milliseconds(
        lambda one: prepared.diagnose(one, surroundings), [record] * 10
    )
    name = "advisor: first diagnosis when prepared"
    return Row(name, taken[0], statistics.median(taken[1:]), "later ones", "ms")


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


def _milliseconds(work: Callable[[Item], object], items: Iterable[Item]) -> list[float]:
    """Return the processor time of each piece of work."""
    taken = []
    for item in items:
        began = time.process_time()
        work(item)
        taken.append((time.process_time() - began) * 1_000)
    return taken
