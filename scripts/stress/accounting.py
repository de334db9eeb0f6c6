"""What was typed against what was captured: each command exactly once."""

import sqlite3
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path

from stress.work import Command, command_of, number_in
from terminal_ai.plaintext import plain_text
from terminal_ai.records import CommandRecord

SHOWN_LIMIT = 5
"""Of each kind of trouble so many are told."""
MARK_BYTES = 8
"""So much of an output's start holds its mark."""
_TEXT_SHOWN_CHARACTERS = 120


@dataclass(slots=True)
class Tally:
    """How often a thing went wrong, with the first few."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, told: str) -> None:
        """Count one."""
        self.count += 1
        if len(self.shown) < SHOWN_LIMIT:
            self.shown.append(told)


class Ledger:
    """Compares records with the commands that were typed, shell by shell.

    Holds only what is outstanding: ten thousand commands cost it ten thousand bytes.
    """

    def __init__(self, commands: int) -> None:
        self.commands = commands
        self.wrong = Tally()
        self.lost = Tally()
        self.doubled = Tally()
        self.errors_captured = 0
        self.captured = 0
        self._has_come = bytearray(commands)
        self._extras: dict[int, Command] = {}
        self._outstanding: dict[int, deque[Command]] = defaultdict(deque)
        self._directories: dict[int, str] = {}

    def add_extra(self, command: Command) -> None:
        """Expect one more command than those of the mix, a phase's."""
        self._extras[command.number] = command
        self._has_come.extend(bytes(command.number + 1 - len(self._has_come)))

    def expect(self, shell: int, command: Command, directory: str) -> None:
        """A command is being typed into a shell that is in a directory."""
        self._directories[shell] = directory
        self._outstanding[shell].append(command)

    def take(self, shell: int, record: CommandRecord) -> None:
        """Take a record as it comes, from whichever shell it came."""
        number = number_in(record.command_line)
        outstanding = self._outstanding[shell]
        expected = outstanding[0] if outstanding else None
        if number is not None and self._came(number):
            self.doubled.add(f"{record.id}: {record.command_line}")
        elif expected is None:
            self.wrong.add(f"nothing was typed, but {record.command_line!r} came")
        else:
            outstanding.popleft()
            self._has_come[expected.number] = 1
            self.captured += 1
            if expected.number < self.commands:
                self.errors_captured += record.has_failed
            directory = expected.directory or self._directories[shell]
            if trouble := difference(expected, record, directory):
                self.wrong.add(f"{record.id} {expected.line!r}: {trouble}")

    def close(self) -> None:
        """Count as lost whatever never came."""
        for number, has_come in enumerate(self._has_come):
            if not has_come and (number < self.commands or number in self._extras):
                self.lost.add(f"never came: {self._command(number).line!r}")

    def check_stored(self, path: Path, directories: dict[str, str]) -> None:
        """Compare the history file with all that was to be captured.

        ``directories`` are those of the shells, by the session's id that their records
        bear.
        """
        seen: set[int] = set()
        newest: dict[str, int] = {}
        connection = sqlite3.connect(path)
        try:
            for row in connection.execute(
                "SELECT id, command_line, cwd, exit_code, head, tail FROM records"
                " JOIN outputs USING (number) ORDER BY records.number"
            ):
                self._check_row(row, directories, seen, newest)
        finally:
            connection.close()
        for number, has_come in enumerate(self._has_come):
            if has_come and number not in seen:
                self.lost.add(f"not in the history: {self._command(number).line!r}")

    def _check_row(
        self,
        row: tuple[str, str, str, int | None, str, str],
        directories: dict[str, str],
        seen: set[int],
        newest: dict[str, int],
    ) -> None:
        record_id, line, cwd, exit_code, head, tail = row
        session, _, place = record_id.rpartition("-")
        number = number_in(line)
        if number is None or number >= len(self._has_come):
            self.wrong.add(f"in the history, but never typed: {line!r}")
            return
        if number in seen:
            self.doubled.add(f"in the history: {record_id}: {line}")
            return
        seen.add(number)
        expected = self._command(number)
        is_in_order = int(place) > newest.get(session, 0)
        newest[session] = int(place)
        output = (head + tail).rstrip("\n")
        is_right = (
            line == expected.line
            and cwd == (expected.directory or directories.get(session))
            and exit_code == expected.exit_code
            and is_in_order
            and (expected.output is None or output == expected.output)
        )
        if not is_right:
            self.wrong.add(f"in the history: {record_id}: {line!r} in {cwd}")

    def _came(self, number: int) -> bool:
        return number < len(self._has_come) and bool(self._has_come[number])

    def _command(self, number: int) -> Command:
        return self._extras.get(number) or command_of(number)


def difference(expected: Command, record: CommandRecord, directory: str) -> str:
    """Return what is not as expected, or nothing."""
    wanted: list[tuple[str, object, object]] = [
        ("line", expected.line, record.command_line),
        ("exit code", expected.exit_code, record.exit_code),
        ("directory", directory, record.cwd),
    ]
    output = record.output
    if expected.output is not None:
        wanted.append(("output", expected.output, output.text.rstrip("\n")))
    if expected.parts is not None:
        head, tail, size = expected.parts
        before = _unseen_before(output.head, head)
        kept = len(output.head) + len(output.tail) + output.elided_bytes
        wanted.append(("bytes printed", size, kept - before))
        wanted.append(("head", head[: len(head) - before], output.head[before:]))
        wanted.append(("tail", tail, output.tail))
    return "; ".join(
        f"{name} is {_short(found)}, not {_short(want)}"
        for name, want, found in wanted
        if want != found
    )


def _unseen_before(head: bytes, expected: bytes) -> int:
    """Return how many bytes a shell has put before an output that show nothing.

    fish sets the title and the colours after it has told that a command begins.
    """
    at = head.find(expected[:MARK_BYTES])
    return at if at > 0 and not plain_text(head[:at]).strip() else 0


def _short(value: object) -> str:
    text = repr(value)
    limit = _TEXT_SHOWN_CHARACTERS
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
