"""Tricky inputs as tables: what is typed at a prompt, and the records that come of it.

Cases with the same startup text share one shell, in order: what a case changes for
good, it says in a startup text of its own. After each case a marker is run: it proves
that nothing else was recorded, and that the next command is told exactly.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from terminal_ai.records import CommandRecord
from tests.session.driver import Driver, driving

ANY_OUTPUT = re.compile(r"(?s:.*)")
ANY_CODE = -1
MARKER = "true after-"
CASES_AT_LEAST = 40
"""Of each shell."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Typed, and nothing awaited."""

    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Wait until the screen shows a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Resized:
    """The terminal gets another size."""

    columns: int
    rows: int


class Wait(enum.Enum):
    """What to wait for before the next keys."""

    PROMPT = enum.auto()
    """One more prompt than there was before the last keys."""
    STARTED = enum.auto()
    """One more started command than there was before the last keys."""
    RECORD = enum.auto()
    """One more record than there was before the last keys."""
    RESUMED = enum.auto()
    """No child of the shell is suspended."""
    QUIET = enum.auto()
    """Nothing more arrives."""


Step = str | Keys | Shown | Resized | Wait
"""A string is typed and entered, and the next prompt is awaited."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One record; its output as rendered text, or a pattern for all of it."""

    command_line: str
    exit_code: int | None = 0
    output: str | re.Pattern[str] = ""
    is_private: bool = False

    def fits(self, record: CommandRecord) -> bool:
        """Tell whether a record is this one."""
        text = record.output.text
        if isinstance(self.output, str):
            is_output_right = text == self.output
        else:
            is_output_right = self.output.fullmatch(text) is not None
        return (
            is_output_right
            and self.exit_code in (ANY_CODE, record.exit_code)
            and self.command_line == record.command_line
            and self.is_private == record.is_private
        )


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed at a prompt, and all that is recorded of it."""

    name: str
    steps: tuple[Step, ...]
    records: tuple[Expected, ...]
    startup: str = ""


def says(
    line: str,
    output: str | re.Pattern[str] = "",
    exit_code: int | None = 0,
    *,
    startup: str = "",
) -> Case:
    """Return the case of one line that is one command."""
    return Case(line, (line,), (Expected(line, exit_code, output),), startup)


def stays(name: str, *steps: Step, startup: str = "") -> Case:
    """Return the case of keys that are no command."""
    return Case(name, steps, (), startup)


def one(
    name: str,
    *steps: Step,
    line: str,
    output: str | re.Pattern[str] = "",
    code: int | None = 0,
    startup: str = "",
) -> Case:
    """Return the case of keys that make one command."""
    return Case(name, steps, (Expected(line, code, output),), startup)


def startups(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return each startup text once, in order: one shell for each."""
    return tuple(dict.fromkeys(case.startup for case in cases))


async def check(
    shell: str, home: Path, cases: Sequence[Case], *, startup: str = ""
) -> None:
    """Run the cases that have this startup text in one shell, and compare them all."""
    chosen = [case for case in cases if case.startup == startup]
    failures = []
    async with driving(shell, home, startup=startup) as drive:
        for case in chosen:
            got = await _records(drive, case)
            marker = f"{MARKER}{cases.index(case)}"
            fitting = len(got) == len(case.records) and all(
                expected.fits(record)
                for expected, record in zip(case.records, got, strict=True)
            )
            after = await drive.run(marker)
            # It is as private as its shell makes all commands.
            if not Expected(marker, is_private=after.is_private).fits(after):
                got.append(after)
                fitting = False
            if not fitting:
                failures.append(f"{case.name!r} gave\n{_told(got)}")
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


async def _records(drive: Driver, case: Case) -> list[CommandRecord]:
    """Play a case; return what was recorded of it."""
    told = drive.told
    before = len(told.records)
    prompts, started, records = len(told.prompts), len(told.started), before
    for step in case.steps:
        if isinstance(step, str | Keys):
            prompts, started = len(told.prompts), len(told.started)
            records = len(told.records)
        match step:
            case str():
                await drive.enter(step)
            case Keys(text):
                drive.type(text)
            case Shown(text):
                await drive.shows(text)
            case Resized(columns, rows):
                drive.session.resize(columns, rows)
            case Wait.PROMPT:
                await drive.until(
                    lambda seen=prompts: (  # type: ignore[misc]
                        len(told.prompts) > seen and drive.session.is_at_prompt
                    )
                )
            case Wait.STARTED:
                await drive.until(lambda seen=started: len(told.started) > seen)  # type: ignore[misc]
            case Wait.RECORD:
                await drive.until(lambda seen=records: len(told.records) > seen)  # type: ignore[misc]
            case Wait.RESUMED:
                await drive.until_child_runs()
            case Wait.QUIET:
                await drive.quiet()
    expected = before + len(case.records)
    await drive.until(lambda: len(told.records) >= expected)
    await drive.at_prompt()
    return told.records[before:]


def _told(records: Iterable[CommandRecord]) -> str:
    return "\n".join(
        f"  {record.command_line!r} exit {record.exit_code}"
        f"{' private' if record.is_private else ''}: {record.output.text!r}"
        for record in records
    )
