"""The command lines that were entered: told by marks, or as the screen showed them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from terminal_ai.records import CommandSource
from terminal_ai.shell.marks import COMMAND_LIMIT_CHARACTERS, TrustedMark
from terminal_ai.shell.typed import TypedText, is_repeated

ReadShown = Callable[[int], str | None]
"""Returns so many lines of the screen from where input began, if that is there."""


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """A command line, whether it is private, and where it was read."""

    text: str
    is_private: bool
    source: CommandSource


class LineReader:
    """Reads command lines; remembers what was printed since the prompt for that.

    A history number that did not move means that the newest history entry is not this
    command: either it repeats that entry, or it was kept out of the history, which is
    how users say that it is private.
    """

    def __init__(self, read_shown: ReadShown | None, *, shell: str, nonce: str) -> None:
        self.typed = TypedText()
        self._read_shown = read_shown
        self._shell = shell
        self._nonce = nonce
        self._history_number: int | None = None

    def prompt_came(self, mark: TrustedMark) -> None:
        """Take the number that the prompt tells of the next history entry."""
        if (number := mark.number("next")) is not None:
            self._history_number = number - 1

    def told_at_start(self, mark: TrustedMark) -> EnteredLine:
        """Return the line that a mark at the start of its command tells."""
        told = mark.text("c")
        if told is not None and len(told) >= COMMAND_LIMIT_CHARACTERS:
            # The script has cut it.
            told += "…"
        has_moved = self._take_history_number(mark)
        shown = self._shown_line(told or "")
        if told is not None and (has_moved or is_repeated(shown, told)):
            return self._told(told, is_private=mark.flag("private"))
        return EnteredLine(self._without_nonce(shown), True, CommandSource.SCREEN)

    def told_at_end(self, mark: TrustedMark, line: EnteredLine) -> EnteredLine:
        """Return a line again after a mark at the end of its command.

        So tells a shell that cannot announce a command.
        """
        told = mark.text("c")
        has_moved = self._take_history_number(mark)
        if told is None:
            return line
        is_private = mark.flag("private")
        if has_moved or is_repeated(line.text, told):
            return self._told(told, is_private=is_private)
        return replace(line, is_private=True)

    def shown(self, text: str) -> EnteredLine:
        """Return a line that only the screen shows."""
        text = self._without_nonce(text)
        return EnteredLine(text, text.startswith(" "), CommandSource.SCREEN)

    def complaint(self, mark: TrustedMark) -> bytes | None:
        """Return what the shell printed about a line that did not parse.

        None where the mark tells of no new line: the status of an earlier one stands.
        """
        printed = self.typed.printed_after_line
        # Jobs may have printed before it.
        start = (b"\n" + printed).find(f"\n{self._shell}: ".encode())
        if start >= 0:
            return printed[start:]
        is_old = mark.flag("old") or not self._has_history_moved(mark)
        # A theme may draw its prompt anew before the shell complains.
        return None if is_old else printed

    def _shown_line(self, told: str) -> str:
        """Return the entered line as it was shown, with as many lines as are told."""
        line_count = told.rstrip("\n").count("\n") + 1
        shown = self._read_shown(line_count) if self._read_shown else None
        if shown is not None and is_repeated(shown, told):
            return shown
        typed = self.typed.line
        # How many lines were entered can be seen only where each has ended.
        if shown is None or "\n" in typed or is_repeated(typed, told):
            return typed
        return shown.partition("\n")[0]

    def _told(self, text: str, *, is_private: bool) -> EnteredLine:
        text = self._without_nonce(text.rstrip("\n"))
        return EnteredLine(text, is_private, CommandSource.SHELL)

    def _take_history_number(self, mark: TrustedMark) -> bool:
        has_moved = self._has_history_moved(mark)
        if (number := mark.number("hn")) is not None:
            self._history_number = number
        return has_moved

    def _has_history_moved(self, mark: TrustedMark) -> bool:
        """Tell whether the newest history entry is new; shells without numbers: yes."""
        if mark.text("hn") is None:
            return True
        return mark.number("hn") not in (None, self._history_number)

    def _without_nonce(self, text: str) -> str:
        nonce = self._nonce
        return text.replace(nonce, "*" * len(nonce)) if nonce else text
