"""Where in a command line a placeholder stands, as POSIX shells and fish both read it.

What the shells read differently, or what would have to be run to be known, makes
everything behind it uncertain: nothing is put there.
"""

import enum
import re
from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9?!#*@$-])")
_OPERATORS = ";&|\n()"
# After these another command begins.
_COMMAND_FOLLOWS = frozenset(
    {"!", "{", "if", "then", "elif", "else", "while", "until", "do", "time", "and"}
    | {"or", "not", "begin", "exec", "command", "builtin", "sudo", "env", "nohup"}
    | {"nice", "doas", "noglob", "nocorrect"}
)
_NEIGHBOUR = re.compile(r"[A-Za-z0-9_@%+=:,./\s-]")
"""What may stand directly beside an unquoted value and means nothing to a shell."""


class Place(enum.Enum):
    """How a shell would read characters put into a place of a command line."""

    WORD_START = enum.auto()
    """Unquoted, where an argument begins."""
    WORD = enum.auto()
    """Unquoted, inside a word."""
    SINGLE_QUOTES = enum.auto()
    DOUBLE_QUOTES = enum.auto()
    UNCERTAIN = enum.auto()


def places_of(
    line: str, pattern: re.Pattern[str]
) -> Iterator[tuple[re.Match[str], Place]]:
    """Yield each match of ``pattern`` in ``line``, in order, and where it stands."""
    return _Reader(line, pattern).run()


class _Reader:
    def __init__(self, line: str, pattern: re.Pattern[str]) -> None:
        self._line = line
        self._pattern = pattern
        self._at = 0
        self._quote = ""
        # A line that begins so replaces words of the one before.
        self._is_uncertain = line.startswith("^")
        self._starts_command = True
        self._is_target = False
        self._word: str | None = None
        self._has_brace = False
        self._after_variable = False

    def run(self) -> Iterator[tuple[re.Match[str], Place]]:
        line = self._line
        while self._at < len(line):
            if match := self._pattern.match(line, self._at):
                yield match, self._place(match)
                self._add("\0")
                self._at = match.end()
            elif self._is_uncertain:
                self._at += 1
            else:
                self._step(line[self._at])

    def _place(self, match: re.Match[str]) -> Place:
        if self._is_uncertain or self._after_variable:
            return Place.UNCERTAIN
        if self._quote:
            is_single = self._quote == "'"
            return Place.SINGLE_QUOTES if is_single else Place.DOUBLE_QUOTES
        if not self._has_plain_neighbours(match) or self._has_brace:
            return Place.UNCERTAIN
        # The target of a redirection, or what zsh takes for a program's path.
        if self._is_target or (self._word or "").startswith("="):
            return Place.UNCERTAIN
        if self._starts_command and not _ASSIGNMENT.match(self._word or ""):
            return Place.UNCERTAIN
        return Place.WORD if self._word is not None else Place.WORD_START

    def _has_plain_neighbours(self, match: re.Match[str]) -> bool:
        line = self._line
        # A brace after it would make it a member of a list.
        rest = re.split(r"[\s;&|]", line[match.end() :], maxsplit=1)[0]
        if "{" in rest or "}" in rest:
            return False
        before = line[: match.start()][-1:]
        after = line[match.end() :][:1]
        return (not before or before in "\"'" + _OPERATORS or _is_plain(before)) and (
            not after or after in "\"'" or _is_plain(after) or after in ";&|"
        )

    def _step(self, character: str) -> None:
        self._after_variable = False
        if self._quote == "'":
            if character == "\\":
                self._is_uncertain = True  # fish escapes here, the others do not
            elif character == "'":
                self._quote = ""
            self._add("")
            self._at += 1
        elif character == "\\":
            # Before a line's end it joins two lines; before a placeholder it escapes.
            ahead = self._line[self._at + 1 : self._at + 2]
            if ahead in ("", "\n") or self._pattern.match(self._line, self._at + 1):
                self._is_uncertain = True
                ahead = ""
            self._add("\\" + ahead)
            self._at += 1 + len(ahead)
        elif character == "$":
            self._variable()
        elif character == "`" or (character == "!" and self._recalls_history()):
            self._is_uncertain = True
        elif character == '"':
            self._quote = "" if self._quote else '"'
            self._add("")
            self._at += 1
        elif self._quote:
            self._add(character)
            self._at += 1
        else:
            self._unquoted(character)

    def _unquoted(self, character: str) -> None:
        if character == "'":
            self._quote = "'"
            self._add("")
        elif character in " \t\r\n" or character in _OPERATORS:
            self._end_word()
            if character in _OPERATORS:
                self._starts_command = True
            # A function, an array, a pattern's group: not an argument.
            self._is_uncertain |= character in "()"
        elif character in "<>":
            self._redirection()
        elif character == "#" and self._word is None:
            self._is_uncertain = True  # a comment in some shells only
        else:
            self._has_brace |= character in "{}[]"
            self._add(character)
        self._at += 1

    def _redirection(self) -> None:
        # Here-documents and substitutions of processes are not followed.
        ahead = self._line[self._at + 1 : self._at + 2]
        self._is_uncertain |= ahead in ("<", "(")
        self._end_word()
        self._is_target = True

    def _variable(self) -> None:
        match = _VARIABLE.match(self._line, self._at)
        if match is None:
            ahead = self._line[self._at + 1 : self._at + 2]
            # A lone dollar is itself; before anything else it may be syntax.
            self._is_uncertain |= not ahead.isspace() and ahead != ""
            self._add("$")
            self._at += 1
            return
        self._after_variable = True
        self._add(match[0])
        self._at = match.end()

    def _recalls_history(self) -> bool:
        ahead = self._line[self._at + 1 : self._at + 2]
        return bool(ahead) and ahead not in " \t\n="

    def _add(self, text: str) -> None:
        self._word = (self._word or "") + text

    def _end_word(self) -> None:
        word, self._word = self._word, None
        self._has_brace = False
        if word is None:
            return
        if self._is_target:
            self._is_target = False
        elif not (word in _COMMAND_FOLLOWS or _ASSIGNMENT.match(word)):
            self._starts_command = False


def _is_plain(character: str) -> bool:
    return _NEIGHBOUR.match(character) is not None
