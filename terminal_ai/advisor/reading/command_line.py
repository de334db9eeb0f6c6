"""A command line as words with positions, so that a fix edits only what is wrong.

Not a shell: a tokenizer that knows quotes, expansions, operators, redirections,
assignments and the wrappers before a program (``sudo``, ``env``…). It never raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

LENGTH_LIMIT = 2_000
"""Nobody mends a longer line by a suggestion; patterns take its square to read."""
COMMANDS_LIMIT = 32

_OPERATOR = re.compile(r"\|\||&&|;;|\|&|[|;\n()]|&(?!>)")
_REDIRECTION = re.compile(
    r"(?:\d*|&)(?:>>|>\||>&|<<<|<<-?|<>|<&|[<>])(?:\d+|-(?=\s|$))?"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_KEYWORD_NAMES = """
    if then else elif fi for while until do done case esac { } ! in function
"""
_KEYWORDS = frozenset(_KEYWORD_NAMES.split())
# What a backslash protects inside double quotes.
_ESCAPABLE = ('"', "\\", "$", "`")
# To zsh, =ls is the path of ls.
_SAFE_WORD = re.compile(r"(?!=)[\w@%+=:,./-]+\Z")

# Programs that run the rest of their arguments, with their options that take a value.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset(("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-U", "-T")),
    "doas": frozenset(("-u", "-C")),
    "env": frozenset(("-u", "-C", "-S")),
    "nice": frozenset(("-n",)),
    "ionice": frozenset(("-c", "-n")),
    "time": frozenset(("-f", "-o")),
    "nohup": frozenset(),
    "command": frozenset(),
    "builtin": frozenset(),
    "exec": frozenset(("-a",)),
    "noglob": frozenset(),
    "busybox": frozenset(),
    "setsid": frozenset(),
    "stdbuf": frozenset(("-i", "-o", "-e")),
}
PRIVILEGE_WRAPPERS = frozenset(("sudo", "doas"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word: ``text`` as typed, ``value`` without its quotes, and where it is."""

    text: str
    value: str
    start: int
    end: int

    @property
    def is_option(self) -> bool:
        """True for ``-x``, ``--long`` and ``--long=value``."""
        return len(self.value) > 1 and self.value.startswith("-")


@dataclass(frozen=True, slots=True)
class Redirection:
    """An operator such as ``2>`` with the file it names, if it names one."""

    operator: str
    target: Word | None
    start: int
    end: int


@dataclass(frozen=True)
class SimpleCommand:
    """One program with its arguments inside a command line."""

    line: str
    prefix: tuple[Word, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    start: int
    end: int

    @property
    def program(self) -> str:
        """The program's name without its directory; "" for a bare assignment."""
        return self.words[0].value.rsplit("/", 1)[-1] if self.words else ""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program."""
        return self.words[1:]

    @cached_property
    def operands(self) -> tuple[Word, ...]:
        """The arguments that are not options."""
        after_dashes = False
        kept = []
        for word in self.arguments:
            if word.value == "--":
                after_dashes = True
            elif after_dashes or not word.is_option:
                kept.append(word)
        return tuple(kept)

    @property
    def is_privileged(self) -> bool:
        """True behind ``sudo`` or ``doas``."""
        return any(word.value in PRIVILEGE_WRAPPERS for word in self.prefix)

    @property
    def text(self) -> str:
        """The program and its arguments as typed, without the prefix."""
        if not self.words:
            return ""
        return self.line[self.words[0].start : self.words[-1].end]

    def word(self, value: str) -> Word | None:
        """Return the first word whose value is ``value``, the program included."""
        return next((word for word in self.words if word.value == value), None)


@dataclass(frozen=True)
class CommandLine:
    """A parsed line; ``open_quote`` is the quote that is never closed, or ""."""

    text: str
    commands: tuple[SimpleCommand, ...]
    open_quote: str = ""

    def replace(self, start: int, end: int, replacement: str) -> str:
        """Return the line with one span replaced and the rest as typed."""
        return self.text[:start] + replacement + self.text[end:]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word of every command, prefixes included."""
        return tuple(
            word
            for command in self.commands
            for word in (*command.prefix, *command.words)
        )


def parse(text: str) -> CommandLine:
    """Parse ``text``; a line over LENGTH_LIMIT is cut there."""
    return _Parser(text[:LENGTH_LIMIT]).parse()


def quote(value: str) -> str:
    """Quote one word for every shell we know, only where it needs quotes."""
    if _SAFE_WORD.match(value):
        return value
    if value.startswith("~/") and _SAFE_WORD.match(value[2:]):
        return value
    return "'" + value.replace("'", "'\"'\"'") + "'"


class _Parser:
    """One pass over the text, collecting commands as operators end them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.open_quote = ""
        self.words: list[Word] = []
        self.redirections: list[Redirection] = []
        self.commands: list[SimpleCommand] = []

    def parse(self) -> CommandLine:
        while self.position < len(self.text):
            self._step()
        self._end_command()
        return CommandLine(self.text, tuple(self.commands), self.open_quote)

    def _step(self) -> None:
        text, at = self.text, self.position
        character = text[at]
        if character in " \t\r":
            self.position += 1
        elif character == "#" and (at == 0 or text[at - 1] in " \t\n;&|("):
            newline = text.find("\n", at)
            self.position = len(text) if newline < 0 else newline
        elif redirection := _REDIRECTION.match(text, at):
            self._redirect(redirection)
        elif operator := _OPERATOR.match(text, at):
            self._end_command()
            self.position = operator.end()
        else:
            self.words.append(self._word())

    def _redirect(self, match: re.Match[str]) -> None:
        self.position = match.end()
        target = None
        if not match[0][-1:].isdigit() and not match[0].endswith("-"):
            while self.text[self.position : self.position + 1] in (" ", "\t"):
                self.position += 1
            rest = self.text[self.position : self.position + 1]
            if rest and not _OPERATOR.match(self.text, self.position):
                target = self._word()
        self.redirections.append(
            Redirection(match[0], target, match.start(), self.position)
        )

    def _word(self) -> Word:
        start = self.position
        value = "".join(self._pieces())
        # Whatever stands here is consumed, so that the loop always advances.
        if self.position == start:
            self.position += 1
            value = self.text[start]
        return Word(self.text[start : self.position], value, start, self.position)

    def _pieces(self) -> Iterator[str]:
        text = self.text
        while self.position < len(text):
            character = text[self.position]
            if character in " \t\r\n|;&()<>":
                return
            if character == "\\":
                yield text[self.position + 1 : self.position + 2]
                self.position = min(self.position + 2, len(text))
            elif character in "'\"":
                yield self._quoted(character)
            elif character == "`":
                yield self._until("`")
            elif text.startswith(("$(", "${"), self.position):
                yield self._expansion(")" if text[self.position + 1] == "(" else "}")
            else:
                self.position += 1
                yield character

    def _quoted(self, mark: str) -> str:
        self.position += 1
        kept: list[str] = []
        while self.position < len(self.text):
            character = self.text[self.position]
            self.position += 1
            if character == mark:
                return "".join(kept)
            if (
                character == "\\"
                and mark == '"'
                and self.text[self.position : self.position + 1] in _ESCAPABLE
            ):
                kept.append(self.text[self.position])
                self.position += 1
            else:
                kept.append(character)
        self.open_quote = mark
        return "".join(kept)

    def _until(self, mark: str) -> str:
        start = self.position
        close = self.text.find(mark, start + 1)
        if close < 0:
            self.open_quote = mark
            close = len(self.text)
        self.position = min(close + 1, len(self.text))
        return self.text[start : self.position]

    def _expansion(self, close: str) -> str:
        start = self.position
        opening = self.text[start + 1]
        depth = 0
        while self.position < len(self.text):
            character = self.text[self.position]
            self.position += 1
            if character == "\\":
                self.position += 1
            elif character == opening:
                depth += 1
            elif character == close:
                depth -= 1
                if depth == 0:
                    break
        self.position = min(self.position, len(self.text))
        return self.text[start : self.position]

    def _end_command(self) -> None:
        words, redirections = self.words, self.redirections
        self.words, self.redirections = [], []
        while words and words[0].text in _KEYWORDS:
            del words[0]
        if not words and not redirections:
            return
        if len(self.commands) >= COMMANDS_LIMIT:
            return
        split = _program_index(words)
        spans = [(w.start, w.end) for w in words]
        spans += [(r.start, r.end) for r in redirections]
        self.commands.append(
            SimpleCommand(
                self.text,
                tuple(words[:split]),
                tuple(words[split:]),
                tuple(redirections),
                min(start for start, _ in spans),
                max(end for _, end in spans),
            )
        )


def _program_index(words: list[Word]) -> int:
    """Return where the program stands, after assignments and wrappers."""
    index = 0
    while index < len(words):
        word = words[index]
        if _ASSIGNMENT.match(word.text):
            index += 1
            continue
        valued = _WRAPPERS.get(word.value)
        after = index + 1
        if valued is None or after >= len(words):
            break
        while after < len(words) and words[after].is_option:
            after += 2 if words[after].value in valued else 1
        if after >= len(words):
            break
        index = after
    return index
