"""A command line taken apart the way a POSIX shell reads it, without running it.

The lexer errs on the side of seeing too many commands: what stands in ``$(…)``,
backticks, a subshell, a here-document or a comment (which an interactive zsh runs) is
taken for commands, too.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Link(StrEnum):
    """How a command is joined to the one before it."""

    START = "start"
    PIPE = "pipe"


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its quotes.

    ``is_dynamic`` says that the shell would replace part of it before it runs;
    ``has_pattern`` that an unquoted ``*``, ``?``, ``[`` or ``{`` stands in it.
    """

    text: str
    is_dynamic: bool = False
    has_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirection: its operator without the descriptor, and its target."""

    operator: str
    target: Word


@dataclass(slots=True)
class SimpleCommand:
    """One program with its arguments, as written."""

    words: list[Word] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    link: Link = Link.START


@dataclass(slots=True)
class CommandLine:
    """All simple commands of a line, and the texts of its substitutions."""

    commands: list[SimpleCommand] = field(default_factory=list)
    substitutions: list[str] = field(default_factory=list)
    assigns_variables: bool = False


ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_OPERATOR = re.compile(r"&&|\|\||\|&|;;&?|;&|[;&|\n()]")
_REDIRECT = re.compile(r"\d*(?:&>>|&>|>>|>\||>&|<&|<>|<<<|<<-|<<|>|<)")
_BLANK = " \t\r\v\f"
_EXPANSION = re.compile(r"\$(?:\w+|\{[^}]*\}|[*@#?$!-])")
# Inside double quotes a backslash only escapes these.
_ESCAPED_IN_QUOTES = '$`"\\\n'


def parse_command_line(text: str) -> CommandLine:
    """Return the commands in ``text``. Unbalanced quotes end with the text."""
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = CommandLine()
        self._command = SimpleCommand()
        self._pending_redirect = ""

    def run(self) -> CommandLine:
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character in _BLANK or text.startswith("\\\n", self._at):
                self._at += 1 if character in _BLANK else 2
            elif text.startswith(("<(", ">("), self._at):
                self._take_word()
            elif match := _REDIRECT.match(text, self._at):
                self._pending_redirect = match[0].lstrip("0123456789")
                self._at = match.end()
            elif match := _OPERATOR.match(text, self._at):
                self._end_command(match[0])
                self._at = match.end()
            else:
                self._take_word()
        self._end_command("")
        return self._line

    def _end_command(self, operator: str) -> None:
        self._pending_redirect = ""
        if self._command.words or self._command.redirects:
            self._line.commands.append(self._command)
        is_pipe = operator in ("|", "|&")
        self._command = SimpleCommand(link=Link.PIPE if is_pipe else Link.START)

    def _take_word(self) -> None:
        word = self._read_word()
        if self._pending_redirect:
            self._command.redirects.append(Redirect(self._pending_redirect, word))
            self._pending_redirect = ""
        else:
            self._command.words.append(word)
            self._line.assigns_variables |= ASSIGNMENT.match(word.text) is not None

    def _read_word(self) -> Word:
        pieces: list[str] = []
        is_dynamic = has_pattern = False
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character == "\\":
                if not text.startswith("\\\n", self._at):
                    pieces.append(text[self._at + 1 : self._at + 2])
                self._at += 2
            elif character == "'":
                pieces.append(self._single_quoted())
            elif character == '"':
                piece, has_expansion = self._double_quoted()
                pieces.append(piece)
                is_dynamic |= has_expansion
            elif character in "$`" or text.startswith(("<(", ">("), self._at):
                pieces.append(self._expansion())
                is_dynamic = True
            elif character in _BLANK or character in ";&|\n()<>":
                break
            else:
                has_pattern |= character in "*?[{"
                pieces.append(character)
                self._at += 1
        return Word("".join(pieces), is_dynamic, has_pattern)

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        piece = self._text[self._at + 1 : end]
        self._at = end + 1
        return piece

    def _double_quoted(self) -> tuple[str, bool]:
        pieces: list[str] = []
        has_expansion = False
        text = self._text
        self._at += 1
        while self._at < len(text) and text[self._at] != '"':
            character = text[self._at]
            if character == "\\" and text[self._at + 1 : self._at + 2] in (
                *_ESCAPED_IN_QUOTES,
            ):
                if text[self._at + 1] != "\n":
                    pieces.append(text[self._at + 1])
                self._at += 2
            elif character in "$`":
                pieces.append(self._expansion())
                has_expansion = True
            else:
                pieces.append(character)
                self._at += 1
        self._at += 1
        return "".join(pieces), has_expansion

    def _expansion(self) -> str:
        """Consume one ``$…``, backtick or process substitution; return it as text."""
        text = self._text
        start = self._at
        if text[start] == "`":
            end = _closing(text, start + 1, "`")
            self._line.substitutions.append(text[start + 1 : end].replace("\\`", "`"))
            self._at = end + 1
        elif text.startswith(("$(", "<(", ">("), start):
            end = _closing_parenthesis(text, start + 2)
            inner = text[start + 2 : end]
            # $((…)) is arithmetic, but $((…); …) is a subshell.
            if text.startswith("$((", start) and inner.endswith(")"):
                self._find_inner_substitution(inner)
            else:
                self._line.substitutions.append(inner)
            self._at = end + 1
        elif text.startswith("${", start):
            end = _closing(text, start + 2, "}")
            self._find_inner_substitution(text[start + 2 : end])
            self._at = end + 1
        elif text.startswith("$'", start):
            end = _closing(text, start + 2, "'")
            self._at = end + 1
        elif match := _EXPANSION.match(text, start):
            self._at = match.end()
        else:
            self._at = start + 1
        return text[start : self._at]

    def _find_inner_substitution(self, inner: str) -> None:
        starts = [at for mark in ("$(", "`") if (at := inner.find(mark)) >= 0]
        if starts:
            self._line.substitutions.append(inner[min(starts) :].lstrip("$(`"))


def _closing(text: str, at: int, mark: str) -> int:
    while at < len(text) and text[at] != mark:
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def _closing_parenthesis(text: str, at: int) -> int:
    depth = 1
    quote = ""
    while at < len(text):
        character = text[at]
        if character == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return len(text)
